"""The values that are found, what could not be read, and how much may be read at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST = 100_000
"""Characters of one value that are looked at; nothing that names somebody is longer."""
MOST_REMARKS = 1000


class Item(NamedTuple):
    """One value.

    Attributes:
        path: where such values stand: the kind of file, a colon, and the way to the value inside.
        value: as text, without outer spaces and zeros.
        place: the file it is in; members of archives come behind their archive.
    """

    path: str
    value: str
    place: str

    @property
    def kind(self) -> str:
        """What kind of file it is of: the part of the path before the colon."""
        return self.path.partition(":")[0]


class Remark(NamedTuple):
    """What of one file could not be read, in a sentence without values."""

    place: str
    sentence: str


class Unread(Exception):
    """A file, or the rest of it, cannot be read. The message is a sentence without values."""


@dataclass
class Allowance:
    """How much may still be taken out of archives, and what had to be left.

    Attributes:
        bytes_left: that may still be unpacked, whatever is packed in what.
        files_left: members that may still be opened.
        depth: archives inside archives that are opened; what is packed deeper is remarked upon.
    """

    bytes_left: int = 8 << 30
    files_left: int = 200_000
    depth: int = 3
    remarks: list[Remark] = field(default_factory=list)
    remark_count: int = 0

    def take(self, size: int) -> None:
        """Count unpacked bytes. Raises Unread when there were too many."""
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise Unread("More is packed in these files than is unpacked here.")

    def take_file(self) -> None:
        """Count an opened member. Raises Unread when there were too many."""
        self.files_left -= 1
        if self.files_left < 0:
            raise Unread("There are more files in these archives than are opened here.")

    def remark(self, place: str, sentence: str) -> None:
        """Note that something was left; of very many, the first are named and all counted."""
        self.remark_count += 1
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(Remark(place, sentence))


def text_of(raw: bytes) -> str:
    """Return bytes as text: UTF-8 where they are that, else Latin-1, as Norwegian files often are.

    What follows a zero is kept too: an old value that a shorter one overwrote is still there.
    """
    raw = raw.strip(b" \0\t\r\n")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return " ".join(part.strip() for part in text.split("\0") if part.strip())[:LONGEST]


def is_text(raw: bytes) -> bool:
    """Say whether bytes read as text: no control characters but those of lines and padding."""
    return bool(raw) and not raw.translate(None, _PRINTABLE)


_PRINTABLE = bytes(code for code in range(256) if code >= 32 or code in b"\0\t\r\n\f\v\x1b")


def names_of(name: str, place: str) -> Iterator[Item]:
    """Yield the parts of a file's name: its own, and that of each folder that it lies in."""
    *folders, last = [part for part in name.replace("\\", "/").split("/") if part] or [""]
    for folder in folders:
        yield Item("name:folder", folder[:LONGEST], place)
    if last:
        yield Item("name:file", last[:LONGEST], place)
