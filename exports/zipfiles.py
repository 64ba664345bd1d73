"""The few records that a zip file is made of.

Everything that could differ between two builds of the same content is fixed: time stamps, system,
rights. Sizes above four gigabytes and more than 65,534 members are written as zip64.

Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14
to 4.3.16 (ends), 4.4.4 (flags), 4.5.3 (zip64); WinZip, "AES Encryption Information", for members
that are sealed.
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

STORED, DEFLATED, SEALED = 0, 8, 99
FULL_16, FULL_32 = 0xFFFF, 0xFFFFFFFF
# A member this large may end above four gigabytes when deflate makes it larger: room is left.
LARGE = 0xF0000000
DAY = (1 << 5) | 1  # 1 January 1980, midnight: the earliest that the format knows
MADE_BY = (3 << 8) | 45  # Unix
READABLE = 0o100644 << 16
ZIP64, AES = 0x0001, 0x9901
IS_SEALED, IS_UTF8 = 0x0001, 0x0800
AE_2, AES_256 = 2, 3


class Packed(NamedTuple):
    """What the directory needs to know of a member. Of a sealed one the sum is not told."""

    path: str
    offset: int
    size: int
    packed_size: int
    crc: int
    method: int
    is_sealed: bool = False

    @property
    def flags(self) -> int:
        """Whether it is sealed, and how its name is written."""
        return IS_SEALED * self.is_sealed | IS_UTF8 * (not self.path.isascii())

    @property
    def shown_method(self) -> int:
        """What stands where the method does; a sealed member tells its own further behind."""
        return SEALED if self.is_sealed else self.method

    @property
    def shown_crc(self) -> int:
        """The sum of the plain content, which would give away small contents of sealed members."""
        return 0 if self.is_sealed else self.crc

    @property
    def seal_record(self) -> bytes:
        """What a sealed member says of its sealing; empty for the others."""
        if not self.is_sealed:
            return b""
        return struct.pack("<HHH2sBH", AES, 7, AE_2, b"AE", AES_256, self.method)


@dataclass(frozen=True)
class Totals:
    """What the end of the directory needs to know of it."""

    count: int
    start: int
    size: int


def local_header(member: Packed) -> bytes:
    """Return what stands before a member's bytes; its length depends on path and size alone."""
    name = member.path.encode()
    size, packed_size = member.size, member.packed_size
    version, extra = 51 if member.is_sealed else 20, b""
    if member.size >= LARGE:
        extra = struct.pack("<HHQQ", ZIP64, 16, size, packed_size)
        size = packed_size = FULL_32
        version = max(version, 45)
    extra += member.seal_record
    return (
        struct.pack(
            "<4s5H3I2H",
            *(b"PK\x03\x04", version, member.flags, member.shown_method, 0, DAY),
            *(member.shown_crc, packed_size, size, len(name), len(extra)),
        )
        + name
        + extra
    )


def directory_entry(member: Packed) -> bytes:
    """Return a member's line in the directory at the end."""
    name = member.path.encode()
    is_large = member.size >= LARGE
    is_far = member.offset >= FULL_32
    wide = struct.pack("<QQ", member.size, member.packed_size) if is_large else b""
    wide += struct.pack("<Q", member.offset) if is_far else b""
    extra = struct.pack("<HH", ZIP64, len(wide)) + wide if wide else b""
    extra += member.seal_record
    version = 51 if member.is_sealed else 45 if wide else 20
    return (
        struct.pack(
            "<4s6H3I5H2I",
            *(b"PK\x01\x02", MADE_BY, version, member.flags, member.shown_method, 0, DAY),
            member.shown_crc,
            FULL_32 if is_large else member.packed_size,
            FULL_32 if is_large else member.size,
            *(len(name), len(extra), 0, 0, 0),
            READABLE,
            FULL_32 if is_far else member.offset,
        )
        + name
        + extra
    )


def directory_end(totals: Totals) -> bytes:
    """Return the last records of the file."""
    is_wide = totals.count >= FULL_16 or totals.size >= FULL_32 or totals.start >= FULL_32
    wide = b""
    if is_wide:
        end = totals.start + totals.size
        wide = struct.pack(
            "<4sQ2H2I4Q",
            *(b"PK\x06\x06", 44, MADE_BY, 45, 0, 0),
            *(totals.count, totals.count, totals.size, totals.start),
        ) + struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    count = min(totals.count, FULL_16)
    return wide + struct.pack(
        "<4s4H2IH",
        *(b"PK\x05\x06", 0, 0, count, count),
        *(min(totals.size, FULL_32), min(totals.start, FULL_32), 0),
    )
