"""A DICOM medium: the files under names that every system can read, a DICOMDIR and a README.

Names are `DICOM/PA000001/ST000001/SE000001/IM000001`: at most eight capitals, digits and
underscores, five levels (PS3.10 section 8.2). The files are the delivered ones; nothing in them
is changed to suit the directory. Images that share a SOP Instance UID each keep file and record.
"""

import base64
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
from pydicom import Dataset

from exports.building.progress import Progress
from exports.choosing import Image
from exports.errors import ExportError
from exports.fileset.directory import Directory, File
from exports.fileset.readme import README, readme
from exports.fileset.records import HEADER, identities_of, record_of
from exports.notes import Notes, unnoted

FOLDER = "DICOM"
LETTERS = ("PA", "ST", "SE", "IM")
MOST = 999_999


class Shelf:
    """Which number each patient, study, series and instance has among its brothers."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, ...], dict[str, int]] = {}
        self._counts: Counter[tuple[int, ...]] = Counter()

    def put(self, names: list[str]) -> tuple[tuple[int, ...], int]:
        """Return the place of a new instance, and how many of its ancestors were known.

        `names` are what tells patient, study and series from their brothers.
        """
        place: tuple[int, ...] = ()
        known = 0
        for name in names:
            brothers = self._places.setdefault(place, {})
            known += name in brothers
            place = (*place, brothers.setdefault(name, len(brothers) + 1))
        self._counts[place] += 1
        place = (*place, self._counts[place])
        if max(place) > MOST:
            raise ExportError("A medium numbers to 999,999 on each level: choose fewer images.")
        return place, known


def file_id(place: tuple[int, ...]) -> str:
    """Return where an instance's file lies."""
    parts = (f"{letters}{number:06}" for letters, number in zip(LETTERS, place, strict=True))
    return "/".join((FOLDER, *parts))


def pack(progress: Progress) -> bool:
    """Pack image by image and note the records of each; tell whether all are in."""
    shelf = Shelf()
    with Notes(_notes(progress), progress.position) as notes:
        for names, *_ in notes.read():
            shelf.put(names)
        for image, position in unnoted(progress, notes):
            look = _Look(image, shelf)
            if position <= progress.position:  # packed before its note was lost
                with progress.open(image) as path:
                    look(path)
            else:
                progress.add_image(image, look)
            notes.add(position, *look.note)
            if position > progress.position and not progress.packed(1, position, image.size):
                break
    return progress.is_whole


def finish(progress: Progress) -> None:
    """Add the directory and the README."""
    target = progress.folder / "DICOMDIR"
    syntaxes: Counter[str] = Counter()
    with Notes(_notes(progress), progress.position) as notes, target.open("w+b") as file:
        directory = Directory(file, _file_set_id(progress), README)
        for place, records, reference in _lines(notes):
            progress.check()
            for kind, depth, keys in records:
                directory.add(place[:depth], kind, keys, reference if depth == len(place) else None)
            syntaxes[reference.transfer_syntax_uid] += 1
        directory.close()
    progress.add_file("DICOMDIR", target)
    target.write_text(readme(progress.package.project.acronym, syntaxes), encoding="ascii")
    progress.add_file(README, target)
    target.unlink()


def _notes(progress: Progress) -> Path:
    return progress.folder / "records.jsonl"


def _file_set_id(progress: Progress) -> str:
    """A project's acronym is all capitals and digits, as a File-set ID is."""
    return progress.package.project.acronym[:16]


class _Look:
    """Looks at a file as it goes into the archive: gives its name, keeps what is to be noted."""

    def __init__(self, image: Image, shelf: Shelf) -> None:
        self.image, self.shelf = image, shelf
        self.note: list[Any] = []

    def __call__(self, path: Path) -> str:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(HEADER))
        names = identities_of(header)
        # without a Patient ID, all people would become one
        names[0] = names[0] or self.image.folder.split("/")[0]
        place, known = self.shelf.put(names)
        new = [_written(header, level, place) for level in range(known, len(place))]
        uids = [str(header.get(name, "")) for name in ("SOPClassUID", "SOPInstanceUID")]
        uids.append(str(header.file_meta.TransferSyntaxUID))
        self.note = [names, place, new, [file_id(place), *uids]]
        return file_id(place)


def _written(header: Dataset, level: int, place: tuple[int, ...]) -> list[Any]:
    record = record_of(header, level)
    keys = base64.b64encode(record.encoded(place[level])).decode("ascii")
    return [record.kind, level + 1, keys]


def _lines(notes: Notes) -> Iterator[tuple[tuple[int, ...], list[tuple[str, int, bytes]], File]]:
    """Yield the place of each image, the records that it brings, and its file."""
    for _, place, records, reference in notes.read():
        new = [(kind, depth, base64.b64decode(keys)) for kind, depth, keys in records]
        yield tuple(place), new, File(*reference)
