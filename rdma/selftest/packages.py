"""What is left in packages for export: every member is read, and searched for what was planted.

Nothing of the check at the door is asked. Members that are, byte for byte, an image that came out
of the pipeline were searched there; a changed image is searched as those are. Of everything else,
what belongs to one patient is searched for all that was planted into that patient's files, and what
belongs to nobody for what names anybody.
"""

import gzip
import hashlib
import io
import json
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile, ZipInfo

from PIL import Image

from rdma.selftest.planting.identities import Person, known_of
from rdma.selftest.planting.needles import is_in
from rdma.selftest.planting.sheets import Sheet
from rdma.selftest.scoring import Came, Verdict, left_in, read_whole

HELD, READY = "held", "ready"
NIFTI_HEAD, MOST_HEAD = 348, 16 << 20
PICTURES = (b"\x89PNG", b"\xff\xd8\xff")
NAMES, SIDE, HEADERS, DIRECTORY, IMAGES = (
    "names and comments of members",
    "files beside the images",
    "converted images and their sidecars",
    "the directory of the medium",
    "changed images",
)
_NO_LABEL = re.compile(r"[^a-z0-9]+")


@dataclass
class Searched:
    """One package: how it ended, how much was looked for, and what was found where.

    `left` are (patient, what was planted, place), without values.
    """

    title: str
    state: str
    is_planted: bool
    reason: str = ""
    members: int = 0
    sought: int = 0
    left: set[tuple[int, str, str]] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Whether the door holds it."""
        return self.state == HELD

    @property
    def is_right(self) -> bool:
        """Whether it ended as it should: clean ones go out, the others are held."""
        should_stay = self.is_planted or bool(self.left)
        return self.state == (HELD if should_stay else READY)

    @property
    def how_it_ended(self) -> str:
        """How it ended, in words."""
        if self.is_held:
            return "held at the door"
        return "let through" if self.state == READY else f"not built: {self.reason}"


def search_packages(folder: Path, verdicts: Sequence[Verdict]) -> list[Searched]:
    """Search the packages that the scratch installation built below `folder`."""
    corpus = _Corpus(verdicts)
    found = []
    for told in json.loads((folder / "packages.json").read_text()):
        searched = Searched(
            told["title"], told["state"], told["is_planted"], told["reason"], said=told["said"]
        )
        if told["path"]:
            with ZipFile(told["path"]) as archive, TemporaryDirectory(dir=folder) as scratch:
                _search(searched, archive, corpus, Path(scratch))
        found.append(searched)
    return found


class _Corpus:
    """What was planted, by patient, and what came out of the pipeline."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self.people: dict[str, Person] = {}
        self.needles: dict[int, dict[str, str]] = defaultdict(dict)
        self.by_uid: dict[str, Sheet] = {}
        self.sums: set[bytes] = set()
        for verdict in verdicts:
            person = verdict.sheet.person
            self.people[_label(person.pseudonym)] = person
            for what, needle in known_of(person):
                self.needles[person.number][needle] = what
            for plant in verdict.sheet.plants:
                if not plant.only_here and not verdict.is_document:
                    self.needles[person.number].setdefault(plant.needle, plant.cell)
            if verdict.output is not None and verdict.dataset is not None:
                self.sums.add(hashlib.sha256(verdict.output.read_bytes()).digest())
                self.by_uid[str(verdict.dataset.SOPInstanceUID)] = verdict.sheet

    def owner(self, name: str) -> Person | None:
        """Return whose a member is, by the folders that it lies in."""
        labels = [_label(part).removeprefix("sub") for part in name.split("/")[:-1]]
        return next((self.people[label] for label in labels if label in self.people), None)


def _label(text: str) -> str:
    return _NO_LABEL.sub("", text.lower())


def _search(searched: Searched, archive: ZipFile, corpus: _Corpus, scratch: Path) -> None:
    names = [archive.comment]
    of_nobody: dict[str, list[bytes]] = defaultdict(list)
    of_person: dict[int, list[bytes]] = defaultdict(list)
    for info in archive.infolist():
        searched.members += 1
        names += [info.filename.encode(), info.comment, info.extra]
        content = archive.read(info)
        if content[128:132] == b"DICM":
            if info.filename.endswith("DICOMDIR"):
                of_nobody[DIRECTORY].append(content)
            elif hashlib.sha256(content).digest() not in corpus.sums:
                _search_image(searched, content, corpus, scratch)
            continue
        texts = list(_texts(info, content))
        owner = corpus.owner(info.filename)
        if owner is None:
            of_nobody[SIDE] += texts
        else:
            of_person[owner.number] += texts
    of_nobody[NAMES] += names
    for place, parts in of_nobody.items():
        haystack = b"\n".join(parts).lower()
        for person in corpus.people.values():
            _seek(searched, person, dict(_turned(known_of(person))), haystack, place)
    for person in corpus.people.values():
        if parts := of_person.get(person.number, []):
            needles = corpus.needles[person.number]
            _seek(searched, person, needles, b"\n".join(parts).lower(), HEADERS)


def _turned(pairs: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from ((needle, what) for what, needle in pairs)


def _seek(
    searched: Searched, person: Person, needles: Mapping[str, str], haystack: bytes, place: str
) -> None:
    searched.sought += len(needles)
    for needle, what in needles.items():
        if is_in(needle, haystack):
            searched.left.add((person.number, what, place))


def _search_image(searched: Searched, content: bytes, corpus: _Corpus, scratch: Path) -> None:
    """Search a changed image as those are that came out of the pipeline."""
    path = scratch / "image.dcm"
    path.write_bytes(content)
    dataset = read_whole(path)
    sheet = corpus.by_uid.get(str(dataset.SOPInstanceUID))
    if sheet is not None:
        searched.sought += len(sheet.plants)
        for plant in left_in(sheet, dataset, Came(path)):
            searched.left.add((sheet.person.number, plant.cell, IMAGES))
        return
    # of an untied one nobody can say whose it is
    pixels = dataset.get("PixelData", b"")
    haystack = content.replace(pixels, b"").lower() if len(pixels) > NIFTI_HEAD else content.lower()
    for person in corpus.people.values():
        _seek(searched, person, dict(_turned(known_of(person))), haystack, IMAGES)


def _texts(info: ZipInfo, content: bytes) -> Iterator[bytes]:
    """Yield what of a member may hold text: of images not the voxels and pixels."""
    if content.startswith(b"\x1f\x8b"):
        yield content[:NIFTI_HEAD]  # names inside it come uncompressed
        content = gzip.decompress(content)
    if info.filename.endswith((".nii", ".nii.gz")):
        start = struct.unpack_from("<f", content, 108)[0]
        yield content[: min(int(start), MOST_HEAD)]
    elif content.startswith(PICTURES):
        with Image.open(io.BytesIO(content)) as picture:
            yield repr(picture.info).encode()
            yield repr(dict(picture.getexif())).encode()
    else:
        yield content
