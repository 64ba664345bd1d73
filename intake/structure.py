"""Walks the elements of a data set to its end, so that a file that breaks off is noticed at once.

Only the first level is read; sequences of defined length are stepped over whole, those of undefined
length are entered to find their end. Nothing is decoded and no value is copied but those asked for,
so that a length of 2 GB costs nothing.

Source: DICOM PS3.5 section 7 (data set, sequences), annex A (transfer syntaxes).
"""

import struct
import zlib
from collections.abc import Collection
from mmap import mmap

from intake.errors import KeptAside
from intake.models import RejectionCode

LONG_VRS = set(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
SHORT_VRS = set(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
UNDEFINED = 0xFFFFFFFF
DELIMITERS = 0xFFFE
ITEM, ITEM_END, SEQUENCE_END = 0xE000, 0xE00D, 0xE0DD
MOST_DEPTH = 100
MOST_VALUE_BYTES = 4096
MOST_INFLATED_BYTES = 1 << 30

Bytes = bytes | mmap


def inflate(data: Bytes, start: int) -> bytes:
    """Return what is deflated from `start` on (PS3.5 A.5). Raises KeptAside."""
    unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(data[start:], MOST_INFLATED_BYTES)
    except zlib.error as error:
        raise KeptAside(RejectionCode.UNREADABLE) from error
    if not unpacker.eof:
        is_bomb = len(plain) >= MOST_INFLATED_BYTES
        raise KeptAside(RejectionCode.ZIP_BOMB if is_bomb else RejectionCode.TRUNCATED)
    return plain


def says_other_encoding(data: Bytes, start: int, *, is_implicit: bool) -> bool:
    """Tell whether the first element is encoded otherwise than the transfer syntax says."""
    vr = bytes(data[start + 4 : start + 6])
    if is_implicit:
        return vr in LONG_VRS or vr in SHORT_VRS
    if len(vr) < 2 or _is_letters(vr):
        return False
    length = int.from_bytes(data[start + 4 : start + 8], "little")
    return length <= len(data) - start - 8


def _is_letters(vr: bytes) -> bool:
    return len(vr) == 2 and vr.isalpha() and vr.isupper()


def walk(
    data: Bytes, start: int, *, is_implicit: bool, is_big_endian: bool, wanted: Collection[int]
) -> dict[int, bytes]:
    """Return the raw values of the wanted elements of the first level, by tag.

    Values are cut at 4096 bytes. Elements without a VR inside explicit data sets, and zeros after
    the last element, are let pass, as other readers do. Raises KeptAside.
    """
    order = ">" if is_big_endian else "<"
    tag_of = struct.Struct(f"{order}HH").unpack_from
    short_of = struct.Struct(f"{order}H").unpack_from
    long_of = struct.Struct(f"{order}I").unpack_from
    values: dict[int, bytes] = {}
    open_levels: list[tuple[bool, bool]] = []  # (is a sequence, the encoding outside was implicit)
    in_sequence = False
    position, end = start, len(data)
    while position < end:
        if end - position < 8:
            if open_levels or any(data[position:end]):
                raise KeptAside(RejectionCode.TRUNCATED)
            break
        group, element = tag_of(data, position)

        if group == DELIMITERS:
            (length,) = long_of(data, position + 4)
            position += 8
            if in_sequence and element == ITEM:
                if length == UNDEFINED:
                    open_levels.append((False, is_implicit))
                    in_sequence = False
                else:
                    position += length
            elif open_levels and element == (SEQUENCE_END if in_sequence else ITEM_END):
                is_implicit = open_levels.pop()[1]
                in_sequence = bool(open_levels) and open_levels[-1][0]
            else:
                raise KeptAside(RejectionCode.UNREADABLE)
            if position > end:
                raise KeptAside(RejectionCode.TRUNCATED)
            continue
        if in_sequence:
            raise KeptAside(RejectionCode.UNREADABLE)

        vr = b"" if is_implicit else bytes(data[position + 4 : position + 6])
        has_vr = vr in SHORT_VRS or vr in LONG_VRS or _is_letters(vr)
        if vr in SHORT_VRS:
            (length,) = short_of(data, position + 6)
            value = position + 8
        elif has_vr:
            if end - position < 12:
                raise KeptAside(RejectionCode.TRUNCATED)
            (length,) = long_of(data, position + 8)
            value = position + 12
        else:
            (length,) = long_of(data, position + 4)
            value = position + 8

        if length == UNDEFINED and (vr in LONG_VRS or not has_vr):
            if len(open_levels) >= MOST_DEPTH:
                raise KeptAside(RejectionCode.UNREADABLE)
            open_levels.append((True, is_implicit))
            in_sequence = True
            is_implicit = is_implicit or vr == b"UN"  # PS3.5 6.2.2: UN of undefined length
            position = value
            continue
        position = value + length
        if position > end:
            is_plausible = is_implicit or has_vr
            raise KeptAside(RejectionCode.TRUNCATED if is_plausible else RejectionCode.UNREADABLE)
        if not open_levels:
            tag = group << 16 | element
            if tag == 0 and not any(data[value - 8 : end]):
                break
            if tag in wanted:
                values[tag] = bytes(data[value : min(position, value + MOST_VALUE_BYTES)])
    if open_levels:
        raise KeptAside(RejectionCode.TRUNCATED)
    return values
