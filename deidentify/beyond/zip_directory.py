"""The directory of a zip file, entry by entry, and what its entries hold.

The standard library reads a whole directory into memory, and believes it. Here it is read piece
by piece, whatever it says of its size, and an entry's own header is looked at beside it, since
both have a name and further fields.

Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14
to 4.3.16 (ends), 4.5 (extra fields).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from deidentify.beyond.items import Unread

STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64, _UTF8_NAME, _LOCKED = 0x0001, 1 << 11, 1
_STORED, _DEFLATED = 0, 8
DAMAGED = "The archive is damaged: its directory cannot be read."


@dataclass(frozen=True)
class Directory:
    """Where the directory stands, and the comment of the archive.

    `shift` is what stands before the archive: bytes that no entry names.
    """

    start: int
    size: int
    count: int
    shift: int
    comment: bytes


@dataclass(frozen=True)
class Entry:
    """One entry as the directory has it."""

    name: bytes
    flags: int
    method: int
    packed_size: int
    size: int
    offset: int
    extra: bytes
    comment: bytes

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder and holds nothing."""
        return self.name.endswith(b"/")

    @property
    def is_locked(self) -> bool:
        """Whether a password is needed."""
        return bool(self.flags & _LOCKED)


def decoded_name(name: bytes, flags: int = _UTF8_NAME) -> str:
    """Return a name as text; without the mark for UTF-8 it may still be that."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("latin-1" if flags & _UTF8_NAME else "cp437")


def find_directory(file: BinaryIO) -> Directory:
    """Find the directory by the end of the file. Raises Unread if there is none."""
    total = file.seek(0, 2)
    reach = min(total, 22 + _FULL_16)
    file.seek(total - reach)
    tail = file.read(reach)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Unread(DAMAGED)
    count, size, start, length = struct.unpack_from("<H2IH", tail, at + 10)
    comment = tail[at + 22 : at + 22 + length]
    end = total - reach + at
    if count == _FULL_16 or _FULL_32 in (size, start):
        end, count, size, start = _wide_end(file, end, (count, size, start))
    shift = end - size - start
    if shift < 0:
        raise Unread(DAMAGED)
    return Directory(start + shift, size, count, shift, comment)


def _wide_end(file: BinaryIO, end: int, narrow: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return where the zip64 end stands, the count of entries, and size and start of them."""
    file.seek(max(end - 20, 0))
    locator = file.read(20)
    if not locator.startswith(_LOCATOR_64):
        return end, *narrow
    for at in (struct.unpack_from("<Q", locator, 8)[0], end - 20 - 56):
        if 0 <= at < end:
            file.seek(at)
            record = file.read(56)
            if record.startswith(_END_64) and len(record) == 56:
                count, size, start = struct.unpack_from("<3Q", record, 32)
                return at, count, size, start
    raise Unread(DAMAGED)


def entries(file: BinaryIO, directory: Directory) -> Iterator[Entry]:
    """Yield the entries in their order. Raises Unread where the directory breaks off."""
    at, end = directory.start, directory.start + directory.size
    while at + 46 <= end:
        file.seek(at)
        head = file.read(46)
        if len(head) < 46 or not head.startswith(_ENTRY):
            raise Unread(DAMAGED)
        flags, method = struct.unpack_from("<2H", head, 8)
        packed, size, name, extra, comment = struct.unpack_from("<2I3H", head, 20)
        offset = struct.unpack_from("<I", head, 42)[0]
        rest = file.read(name + extra + comment)
        fields = rest[name : name + extra]
        size, packed, offset = _wide(fields, size, packed, offset)
        yield Entry(
            name=rest[:name],
            flags=flags,
            method=method,
            packed_size=packed,
            size=size,
            offset=offset + directory.shift,
            extra=fields,
            comment=rest[name + extra :],
        )
        at += 46 + name + extra + comment


def _wide(extra: bytes, *sizes: int) -> tuple[int, ...]:
    """Take from the zip64 field what does not fit into 32 bits."""
    wide = next((data for code, data in extra_fields(extra) if code == _ZIP64), b"")
    found = []
    for size in sizes:
        if size == _FULL_32 and len(wide) >= 8:
            size, wide = struct.unpack_from("<Q", wide)[0], wide[8:]
        found.append(size)
    return tuple(found)


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield code and content of each further field; what is left over has the code -1."""
    at = 0
    while at + 4 <= len(extra):
        code, size = struct.unpack_from("<2H", extra, at)
        if at + 4 + size > len(extra):
            break
        yield code, extra[at + 4 : at + 4 + size]
        at += 4 + size
    if extra[at:].strip(b"\0"):
        yield -1, extra[at:]


def own_header(file: BinaryIO, entry: Entry) -> tuple[bytes, bytes]:
    """Return name and further fields of an entry's own header; what it holds comes next.

    Raises Unread if there is none.
    """
    file.seek(entry.offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(_LOCAL):
        raise Unread("An entry of the archive is not where its directory says.")
    name, extra = struct.unpack_from("<2H", head, 26)
    return file.read(name), file.read(extra)


class Opened(Protocol):
    """One entry that is open: name and further fields of its own header, and what it holds."""

    name: bytes
    extra: bytes

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end. Raises Unread."""
        ...


class Member:
    """What one entry holds, read forward; `name` and `extra` are those of its own header.

    Raises:
        Unread: a password is needed, the way of packing is not known here, or it is damaged.
    """

    def __init__(self, file: BinaryIO, entry: Entry) -> None:
        self.name, self.extra = own_header(file, entry)
        if entry.is_locked:
            raise Unread("It is locked with a password and cannot be read.")
        if entry.method not in (_STORED, _DEFLATED):
            raise Unread("It is packed in a way that is not known here and cannot be read.")
        self._file, self._at, self._left = file, file.tell(), entry.packed_size
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method else None

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        if self._inflater is None:
            return self._packed(size)
        while not self._inflater.eof:
            more = self._inflater.unconsumed_tail or self._packed(1 << 16)
            try:
                found = self._inflater.decompress(more, size)
            except zlib.error as error:
                raise Unread("It is damaged: it cannot be unpacked to its end.") from error
            if found:
                return found
            if not more:
                raise Unread("It breaks off before its end.")
        return b""

    def _packed(self, size: int) -> bytes:
        self._file.seek(self._at)  # other members of the same file are read in between
        found = self._file.read(min(size, self._left))
        self._at += len(found)
        self._left -= len(found)
        return found
