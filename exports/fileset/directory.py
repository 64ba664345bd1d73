"""The DICOMDIR itself, written record by record.

Records stand in the file in the order in which they come and find each other by byte offsets: to
the next brother, and to the first child. Only the offsets that later records still need are held
in memory: a few for every series, none for an image. Nothing in the file depends on the clock.

Source: DICOM PS3.3 F.2 and F.3.2 (Basic Directory IOD), PS3.10 section 8.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from deidentify.encoding import ITEM, encode, header, padded
from deidentify.file_meta import write_meta
from exports.errors import ExportError

DIRECTORY_CLASS = b"1.2.840.10008.1.3.10"
EXPLICIT = b"1.2.840.10008.1.2.1"
MOST_BYTES = 0xFFFFFFFF
_IN_USE = b"\xff\xff"
_LINK = 4
_NEXT_AT, _LOWER_AT = 8 + 8, 8 + 12 + 10 + 8  # where the values stand in an item
_UNDRAWN = b"2.25." + b"0" * 39  # a number of 128 bits whose first bit is set has 39 digits


class File(NamedTuple):
    """The file that a record leads to: its File ID and the UIDs of its file meta information."""

    file_id: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


class Directory:
    """Writes a DICOMDIR into an open, empty, seekable file.

    Args:
        target: opened for writing and reading bytes.
        file_set_id: at most 16 capitals, digits and underscores.
        readme: File ID of the file that describes the medium.
    """

    def __init__(self, target: BinaryIO, file_set_id: str, readme: str) -> None:
        self._target = target
        self._at: dict[tuple[int, ...], int] = {}
        self._youngest: dict[tuple[int, ...], int] = {}
        self._content = hashlib.sha256()
        self._size = 0
        meta = write_meta(DIRECTORY_CLASS, _UNDRAWN, EXPLICIT)
        self._uid_at = meta.index(_UNDRAWN)
        self._write(meta)
        for tag, vr, value in (
            (0x00041130, "CS", file_set_id.encode("ascii")),
            (0x00041141, "CS", readme.encode("ascii")),
            (0x00041142, "CS", b"ISO_IR 100"),
        ):
            self._write(encode(tag, vr, padded(value, vr), explicit=True))
        self._first_at = self._size + 8
        self._write(encode(0x00041200, "UL", bytes(_LINK), explicit=True))
        self._last_at = self._size + 8
        self._write(encode(0x00041202, "UL", bytes(_LINK), explicit=True))
        self._write(encode(0x00041212, "US", bytes(2), explicit=True))
        self._write(header(0x00041220, "SQ", 0, explicit=True))
        self._records_at = self._size

    def add(self, place: tuple[int, ...], kind: str, keys: bytes, file: File | None = None) -> None:
        """Add one record.

        Args:
            place: the numbers of its ancestors and its own; its parent was added before.
            kind: such as SERIES.
            keys: its own elements, encoded in the order of their tags.
            file: what an instance's record leads to.
        """
        start = self._size
        links = (
            encode(0x00041400, "UL", bytes(_LINK), explicit=True)
            + encode(0x00041410, "US", _IN_USE, explicit=True)
            + encode(0x00041420, "UL", bytes(_LINK), explicit=True)
            + encode(0x00041430, "CS", padded(kind.encode(), "CS"), explicit=True)
        )
        # Private Record UID (0004,1432) is the only key that stands before the file
        before = keys.startswith(b"\x04\x00\x32\x14")
        cut = 8 + keys[6] if before else 0
        record = links + keys[:cut] + _reference(file) + keys[cut:]
        self._write(ITEM + len(record).to_bytes(4, "little") + record)
        self._content.update(record)
        self._link(place, start)

    def _link(self, place: tuple[int, ...], start: int) -> None:
        parent = place[:-1]
        brother = self._youngest.get(parent)
        if brother is not None:
            self._patch(brother + _NEXT_AT, start)
        else:
            self._patch(self._at[parent] + _LOWER_AT if parent else self._first_at, start)
        self._youngest[parent] = start
        if not parent:
            self._patch(self._last_at, start)
        if len(place) < 4:
            self._at[place] = start

    def close(self) -> None:
        """Write how long it became, and the file's own UID, which is drawn from what it says."""
        self._patch(self._records_at - _LINK, self._size - self._records_at)
        number = int.from_bytes(self._content.digest()[:16], "big")
        number = number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62 | 1 << 127
        self._target.seek(self._uid_at)
        self._target.write(b"2.25.%d" % number)
        self._target.seek(0, os.SEEK_END)

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._size += len(data)
        if self._size > MOST_BYTES:
            raise ExportError("A DICOMDIR ends at 4 GB: choose fewer images for one medium.")

    def _patch(self, position: int, offset: int) -> None:
        self._target.seek(position)
        self._target.write(offset.to_bytes(_LINK, "little"))
        self._target.seek(self._size)


def _reference(file: File | None) -> bytes:
    if file is None:
        return b""
    elements: Sequence[tuple[int, str, str]] = (
        (0x00041500, "CS", file.file_id.replace("/", "\\")),
        (0x00041510, "UI", file.sop_class_uid),
        (0x00041511, "UI", file.sop_instance_uid),
        (0x00041512, "UI", file.transfer_syntax_uid),
    )
    return b"".join(
        encode(tag, vr, padded(value.encode("ascii"), vr), explicit=True)
        for tag, vr, value in elements
    )
