"""Files of any kind, told apart by how they begin, and taken apart; archives with all in them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from deidentify.beyond import pictures, texts
from deidentify.beyond.content import Content, Stream
from deidentify.beyond.gzip_stream import START as GZIP
from deidentify.beyond.gzip_stream import Gunzip
from deidentify.beyond.items import Allowance, Item, Unread, is_text, names_of, text_of
from deidentify.beyond.nifti import is_nifti, read_nifti
from deidentify.beyond.zip_directory import (
    STARTS as ZIP,
)
from deidentify.beyond.zip_directory import (
    Directory,
    Entry,
    Member,
    Opened,
    decoded_name,
    entries,
    extra_fields,
    find_directory,
)
from deidentify.inventory import SeriesInventory
from deidentify.leaks.elements import KNOWN_VRS

DICOMDIR = b"1.2.840.10008.1.3.10"
OTHER_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00", b"(\xb5/\xfd")
TOO_DEEP = "It is packed in too many archives inside one another, and was not opened."
DAMAGED = "It is damaged, or not what it seems to be: it cannot be read to its end."
UNKNOWN = "What kind of file it is is not known here: its name was read, its content was not."
_DULL_FIELDS = {0x0001, 0x000A, 0x000D, 0x5455, 0x5855, 0x7855, 0x7875, 0x9901, 0xCAFE}
"""Further fields of zip entries that hold sizes, times, ways of locking and numbers of users."""
_UNICODE_PATH, _UNICODE_COMMENT = 0x7075, 0x6375

TakeDicom = Callable[[Path, str], None]
OpenMember = Callable[[BinaryIO, Entry], Opened]


def is_dicom(head: bytes) -> bool:
    """Say whether a file begins like one of DICOM, with its preamble or without."""
    if head[128:132] == b"DICM":
        return True
    group, is_explicit = head[:2], head[4:6] in KNOWN_VRS
    is_short = len(head) >= 8 and int.from_bytes(head[4:8], "little") <= 64
    return group in (b"\x02\x00", b"\x08\x00") and (is_explicit or (is_short and not head[3]))


class Reader:
    """Takes files apart.

    Args:
        scratch: a folder for what has to lie on disk while it is read.
        allowance: how much may be unpacked; holds what had to be left.
        take_dicom: is given each DICOM file with its place; without it they are passed over.
        open_member: opens an entry of a zip file; one that has the password may be given.
    """

    def __init__(
        self,
        scratch: Path,
        allowance: Allowance,
        take_dicom: TakeDicom | None = None,
        *,
        open_member: OpenMember = Member,
    ) -> None:
        self.scratch = scratch
        self.allowance = allowance
        self.take_dicom = take_dicom
        self.open_member = open_member
        self.dicom_count = 0
        self.file_count = 0

    def read(self, path: Path, place: str = "") -> Iterator[Item]:
        """Yield what one file on disk says, its name and its folders' included."""
        place = place or path.name
        yield from names_of(place, place)
        with path.open("rb") as file:
            yield from self._read(Content(file, place, path=path), 0)

    def read_entry(self, file: BinaryIO, entry: Entry, archive: str, depth: int) -> Iterator[Item]:
        """Yield what one entry of a zip file says, its names and comment included.

        Args:
            file: the archive.
            entry: as zip_directory.entries yields it.
            archive: the archive's place, "" if members go by their own names alone.
            depth: how many archives it lies in.
        """
        name = decoded_name(entry.name, entry.flags)
        place = f"{archive}/{name}" if archive else name
        try:
            yield from about_entry(entry, place)
            if entry.is_folder and not entry.packed_size:
                return
            self.allowance.take_file()
            member = self.open_member(file, entry)
            yield from about_own_header(entry, member, place)
        except Unread as error:
            self.file_count += 1
            self.allowance.remark(place, str(error))
            return
        yield from self.read_content(member, place, depth)

    def read_content(self, stream: Stream, place: str, depth: int = 0) -> Iterator[Item]:
        """Yield what bytes of any kind say; of their name nothing."""
        try:
            content = Content(stream, place, self.allowance)
        except Unread as error:
            self.file_count += 1
            self.allowance.remark(place, str(error))
            return
        yield from self._read(content, depth)

    def _read(self, content: Content, depth: int) -> Iterator[Item]:
        self.file_count += 1
        try:
            yield from self._of_its_kind(content, depth)
        except Unread as error:
            self.allowance.remark(content.place, str(error))
        except OSError:
            raise  # of the disk here, not of what is in the file
        except Exception:  # noqa: BLE001 - a broken file raises anything; its text may quote it
            self.allowance.remark(content.place, DAMAGED)

    def _of_its_kind(self, content: Content, depth: int) -> Iterator[Item]:
        head = content.head
        if is_dicom(head):
            yield from self._dicom(content)
        elif head.startswith(ZIP):
            yield from self._zip(content, depth)
        elif head.startswith(GZIP):
            yield from self._gzip(content, depth)
        elif head[257:262] == b"ustar":
            yield from self._tar(content, depth)
        elif is_nifti(head):
            yield from read_nifti(content, self.scratch)
        elif head.startswith(pictures.PNG):
            yield from pictures.read_png(content)
        elif head.startswith(pictures.JPEG):
            yield from pictures.read_jpeg(content)
        elif b"%PDF-" in head[:1024] or head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
            yield from texts.read_pages(content)
        elif head.startswith(OTHER_ARCHIVES):
            raise Unread("It is an archive of a kind that is not unpacked here.")
        elif not head:
            return
        elif is_text(head) or head.startswith((b"\xff\xfe", b"\xfe\xff")):
            yield from _text(content)
        else:
            raise Unread(UNKNOWN)

    def _dicom(self, content: Content) -> Iterator[Item]:
        if DICOMDIR in content.head[:1024] or content.name == "dicomdir":
            found = SeriesInventory()
            path = content.on_disk(self.scratch)
            try:
                found.add(path)
            finally:
                if path != content.path:
                    path.unlink(missing_ok=True)
            for row in found.rows():
                for value in row.values:
                    yield Item(f"dicomdir:{row.path}", value, content.place)
            if found.unreadable:
                raise Unread("The directory of the medium cannot be followed to its end.")
            return
        self.dicom_count += 1
        preamble = content.head[:128] if content.head[128:132] == b"DICM" else b""
        if is_text(preamble.strip(b"\0")):
            yield Item("dicom:preamble", text_of(preamble), content.place)
        if self.take_dicom is None:
            return
        path = content.on_disk(self.scratch)
        try:
            self.take_dicom(path, content.place)
        finally:
            if path != content.path:
                path.unlink(missing_ok=True)

    def _zip(self, content: Content, depth: int) -> Iterator[Item]:
        self._check_depth(depth)
        path = content.on_disk(self.scratch)
        try:
            with path.open("rb") as file:
                directory = find_directory(file)
                yield from about_archive(directory, content.place, self.allowance)
                for entry in entries(file, directory):
                    yield from self.read_entry(file, entry, content.place, depth + 1)
        finally:
            if path != content.path:
                path.unlink(missing_ok=True)

    def _gzip(self, content: Content, depth: int) -> Iterator[Item]:
        self._check_depth(depth)
        stream = Gunzip(content)
        name = content.name.removesuffix(".gz")
        told = list(stream.fields)
        yield from (Item(f"gzip:{field}", text, content.place) for field, text in told)
        self.file_count -= 1  # the same file once more, unpacked
        yield from self._read(Content(stream, content.place, self.allowance, name=name), depth + 1)
        for field, text in stream.fields[len(told) :]:
            yield Item(f"gzip:{field}", text, content.place)

    def _tar(self, content: Content, depth: int) -> Iterator[Item]:
        self._check_depth(depth)
        try:
            with tarfile.open(fileobj=cast(Any, _File(content)), mode="r|") as archive:
                for member in archive:
                    cast(Any, archive).members = []  # it would keep them all
                    place = f"{content.place}/{member.name}"
                    yield from names_of(member.name, place)
                    for name in ("uname", "gname", "linkname"):
                        if text := getattr(member, name):
                            yield Item(f"tar:{name}", text, place)
                    for key, text in member.pax_headers.items():
                        yield Item(f"tar:pax {key}", str(text), place)
                    file = archive.extractfile(member) if member.isreg() else None
                    if file is not None:
                        self.allowance.take_file()
                        yield from self._read(Content(file, place, self.allowance), depth + 1)
        except tarfile.TarError as error:
            raise Unread("It is damaged: it cannot be unpacked to its end.") from error

    def _check_depth(self, depth: int) -> None:
        if depth > self.allowance.depth:
            raise Unread(TOO_DEEP)


def about_archive(directory: Directory, place: str, allowance: Allowance) -> Iterator[Item]:
    """Yield the comment of a zip file; bytes before it that no entry names are remarked upon."""
    if text := text_of(directory.comment):
        yield Item("zip:comment", text, place)
    if directory.shift:
        allowance.remark(place, "Something stands before the archive that no entry names.")


def about_entry(entry: Entry, place: str) -> Iterator[Item]:
    """Yield what the directory of a zip file says of an entry: names, comment, further fields."""
    yield from names_of(decoded_name(entry.name, entry.flags), place)
    if entry.comment:
        yield Item("zip:comment of an entry", text_of(entry.comment), place)
    yield from _fields(entry.extra, place)


def about_own_header(entry: Entry, member: Opened, place: str) -> Iterator[Item]:
    """Yield what an entry's own header says and the directory does not."""
    if member.name != entry.name:
        yield Item("zip:second name of an entry", decoded_name(member.name), place)
    if member.extra != entry.extra:
        yield from _fields(member.extra, place)


def _fields(extra: bytes, place: str) -> Iterator[Item]:
    """Yield the further fields of an entry that may hold text."""
    for code, data in extra_fields(extra):
        if code in _DULL_FIELDS:
            continue
        if code in (_UNICODE_PATH, _UNICODE_COMMENT):
            data = data[5:]  # version and checksum
        if is_text(data) and (text := text_of(data)):
            yield Item("zip:further field of an entry", text, place)


def _text(content: Content) -> Iterator[Item]:
    name = content.name
    if name.endswith((".bval", ".bvec")):
        yield from texts.read_gradients(content)
    elif name.endswith((".csv", ".tsv")):
        yield from texts.read_table(content)
    elif name.endswith((".json", ".jsonl")) or content.head.lstrip()[:1] in (b"{", b"["):
        whole = content.whole()
        try:
            yield from texts.read_json(Content(_Bytes(whole), content.place, name=name))
        except texts.NotJson:
            yield from texts.read_lines(Content(_Bytes(whole), content.place, name=name))
    else:
        yield from texts.read_lines(content)


class _Bytes:
    """Bytes in memory, read forward."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        return found


class _File:
    """A content as tarfile wants it."""

    def __init__(self, content: Stream) -> None:
        self._content = content

    def read(self, size: int = 0) -> bytes:
        """Return the next bytes."""
        return self._content.read(size)


def read(path: Path, *, place: str = "", allowance: Allowance | None = None) -> Iterator[Item]:
    """Yield what one file says beyond DICOM headers; archives with all that is in them.

    Args:
        path: the file.
        place: what it is called, folders included; its own name if not given.
        allowance: how much may be unpacked; holds afterwards what could not be read.
    """
    with TemporaryDirectory(prefix="beyond-") as scratch:
        yield from Reader(Path(scratch), allowance or Allowance()).read(path, place)
