"""One member of a finished package: what it is, whose it is, and what is found in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from deidentify.beyond import Allowance, Item, Reader, Remark
from deidentify.beyond.content import Content, Stream
from deidentify.beyond.items import Unread
from deidentify.beyond.reading import DICOMDIR, about_entry, about_own_header, is_dicom
from deidentify.beyond.texts import NotJson
from deidentify.beyond.zip_directory import Entry, Member, Opened, decoded_name
from deidentify.leaks.finding import CERTAIN
from deidentify.leaks.shapes import real_date
from exports.building.scratch import scratch_folder
from exports.door.allowed import allowed_by
from exports.door.found import Found
from exports.door.known_images import KnownImages
from exports.door.owners import Owners
from exports.door.people import OF_OTHERS, People, plain_label
from exports.door.sidecars import unasked
from exports.door.tables import ENDINGS, search_table
from exports.door.texts import SHORTEST_OF_OTHERS, Texts
from exports.door.unlocking import Keys, UnlockedMember
from exports.models import Package
from exports.passwords import package_password
from exports.specification import read_specification
from exports.transforming.deeds import COLUMNS
from exports.transforming.people import new_names
from review.package_reading import MANIFEST, SUMS, manifest_items

MOST_UNPACKED = 1 << 40
DIRECTORY_PIECE, OVERLAP = 1 << 20, 1 << 10
MOST_DIRECTORY = 16 << 20
"""Bytes of a directory of a medium that are taken apart; a longer one is searched as it is."""
NO_MANIFEST = "The manifest could not be read."
NO_IMAGE = "It begins like a DICOM file and cannot be read as one."


@dataclass
class _Look:
    """One member that is looked at: whose it is, the texts in it, what was found, what was left."""

    entry: Entry
    name: str
    owner: int | None
    allowance: Allowance
    items: list[Item]
    found: list[Found] = field(default_factory=list)


class Members:
    """Looks at the members of one package.

    Args:
        package: its specification says what is in it on purpose.
        file: the finished zip file.
        scratch: a folder for what has to lie on disk while it is read.
        check: called now and then while terms are read.
    """

    def __init__(
        self, package: Package, file: BinaryIO, scratch: Path, check: Callable[[], None]
    ) -> None:
        self.specification = read_specification(package.specification)
        is_untied = self.specification.ties != "kept"
        self.people = People(package, is_untied=is_untied, check=check)
        for one in self.specification.transformations:
            if one.do == "identifiers":
                column = one.column or COLUMNS["identifiers"]
                self.people.rename(new_names(package.project, one.table, column))
        self.allowed = allowed_by(self.specification)
        self.texts = Texts(self.people, self.allowed, is_untied=is_untied)
        # without ties, a series is noted under a seal, and belongs to nobody
        self._owners = Owners(self.people, None if is_untied else scratch_folder(package.pk))
        self._known = KnownImages(package)
        self._is_untied = is_untied
        self._file = file
        self._scratch = scratch
        is_encrypted = self.specification.is_encrypted
        self._keys = Keys(package_password(package) if is_encrypted else "")

    def look_at(self, entry: Entry) -> tuple[list[Found], bool]:
        """Return what is found in one member, and whether it is an image that was proved before."""
        name = decoded_name(entry.name, entry.flags)
        owner = None if self._is_untied else self._owners.of(name)
        allowance = Allowance(bytes_left=MOST_UNPACKED)
        look = _Look(entry, name, owner, allowance, list(about_entry(entry, name)))
        is_known = False
        try:
            if not entry.is_folder:
                member = self._open(self._file, entry)
                look.items += about_own_header(entry, member, name)
                is_known = self._content(look, member)
        except Unread as error:
            allowance.remark(name, str(error))
        found = [*self.texts.find(owner, look.items), *look.found]
        found += unasked(self.specification, look.items)
        return [*found, *map(_unreadable, allowance.remarks)], is_known

    def _open(self, file: BinaryIO, entry: Entry) -> Opened:
        if entry.is_locked:
            return UnlockedMember(file, entry, self._keys)
        return Member(file, entry)

    def _again(self, look: _Look) -> Opened:
        """Open a member from its beginning."""
        return self._open(self._file, look.entry)

    def _content(self, look: _Look, member: Opened) -> bool:
        """Look at what a member holds; say whether it is an image that was proved before."""
        if look.entry.name == SUMS:
            return False  # the members' names once more, each with its sum
        if look.entry.name == MANIFEST:
            try:
                look.items += manifest_items(member)
            except NotJson:
                look.allowance.remark(look.name, NO_MANIFEST)
            return False
        if look.name.casefold().endswith(ENDINGS):
            look.found += search_table(
                member, look.name, owner=look.owner, people=self.people, texts=self.texts
            )
            return False
        head = Content(member, look.name).head
        if is_dicom(head):
            if DICOMDIR in head[:1024]:
                look.found += self._in_directory(look)
                return False
            if self._known.has(self._again(look)):
                return True
        take = partial(self._take_dicom, look)
        reader = Reader(self._scratch, look.allowance, take, open_member=self._open)
        look.items += reader.read_content(self._again(look), look.name)
        return False

    def _take_dicom(self, look: _Look, path: Path, place: str) -> None:
        """Search the header of an image that is not as the pipeline left it, or came otherwise."""
        try:
            header = dcmread(
                path, stop_before_pixels=True, specific_tags=["PatientID", "PatientBirthDate"]
            )
        except (InvalidDicomError, OSError, ValueError):
            raise Unread(NO_IMAGE) from None
        owner = look.owner
        if owner is None and not self._is_untied:
            owner = self.people.by_label.get(plain_label(str(header.get("PatientID", ""))))
        born = real_date(str(header.get("PatientBirthDate", "")))
        if owner is not None and self._is_somebody_elses_birth(owner, born):
            look.found.append(Found("birth_date", "(0010,0030)", place, CERTAIN, "another's"))
        known = self.people.known(owner) if owner is not None else None
        if known is not None:
            for found in known.check.search(path, name="image.dcm", is_by_element=True):
                if not self.allowed.has(found.kind, found.path):
                    look.found.append(
                        Found(found.kind, found.path, place, found.sure, found.fingerprint)
                    )
        if known is None or self.people.count > 1:
            look.found += self._of_others(path, place, is_owned=known is not None)

    def _is_somebody_elses_birth(self, owner: int, born: str) -> bool:
        """Whether a birth date that was written from a table is another participant's alone."""
        people = self.people.born.get(born, {owner})
        return "birth_date" in self.allowed.kinds and owner not in people

    def _of_others(self, path: Path, place: str, *, is_owned: bool) -> Iterator[Found]:
        """Yield what an image holds of anybody else in the package."""
        everybody = self.people.everybody
        found_there = everybody.search(path, name="image.dcm", is_by_element=self._is_untied)
        for found in found_there:
            length = found.end - found.start
            if is_owned and (found.kind not in OF_OTHERS or length < SHORTEST_OF_OTHERS):
                continue
            if not self.allowed.has(found.kind, found.path):
                yield Found(found.kind, found.path, place, found.sure, found.fingerprint)

    def _in_directory(self, look: _Look) -> list[Found]:
        """Search the directory of a medium element by element; one of any length as bytes."""
        if look.entry.size <= MOST_DIRECTORY:
            reader = Reader(self._scratch, look.allowance)
            items = list(reader.read_content(self._again(look), look.name))
            if found := list(self.texts.find(None, items)):
                return found
        return list(self._in_bytes(self._again(look), look.name))

    def _in_bytes(self, stream: Stream, name: str) -> Iterator[Found]:
        rest = b""
        while piece := stream.read(DIRECTORY_PIECE):
            raw = rest + piece
            text = raw.decode("latin-1").replace("\0", " ")
            yield from self.texts.in_item(None, Item("dicomdir", text, name))
            rest = raw[-OVERLAP:]


def _unreadable(remark: Remark) -> Found:
    return Found("unreadable", "member", remark.place, CERTAIN, remark.sentence, remark.sentence)
