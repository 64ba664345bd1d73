"""Elements as bytes, little endian, with explicit or implicit VR.

Source: DICOM PS3.5 section 7.1 (data elements), 7.5 (sequences), 6.2 (padding).
"""

import struct
from collections.abc import Iterable

from deidentify.elements import LONG_VRS

UNDEFINED = 0xFFFFFFFF
ITEM = b"\xfe\xff\x00\xe0"
ITEM_END = b"\xfe\xff\x0d\xe0\0\0\0\0"
SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"

_short = struct.Struct("<HH2sH").pack
_long = struct.Struct("<HH2sHL").pack
_implicit = struct.Struct("<HHL").pack
unpack_short = struct.Struct("<HH2sH").unpack_from
unpack_implicit = struct.Struct("<HHL").unpack_from
unpack_length = struct.Struct("<L").unpack_from
pack_length = struct.Struct("<L").pack
pack_short_length = struct.Struct("<H").pack


def padded(value: bytes, vr: str) -> bytes:
    """Return `value` with the padding byte that its VR asks for, if its length is odd."""
    if len(value) & 1:
        return value + (b"\0" if vr in ("UI", "OB", "UN") else b" ")
    return value


def header(tag: int, vr: str, length: int, *, explicit: bool) -> bytes:
    """Return tag, VR and length of an element."""
    if not explicit:
        return _implicit(tag >> 16, tag & 0xFFFF, length)
    if vr in LONG_VRS:
        return _long(tag >> 16, tag & 0xFFFF, vr.encode(), 0, length)
    return _short(tag >> 16, tag & 0xFFFF, vr.encode(), length)


def encode(tag: int, vr: str, value: bytes, *, explicit: bool) -> bytes:
    """Return the whole element. A value too long for a short VR is written as UN (PS3.5 6.2.2)."""
    if explicit and len(value) > 0xFFFF and vr not in LONG_VRS:
        vr = "UN"
    return header(tag, vr, len(value), explicit=explicit) + value


def encode_items(items: Iterable[bytes]) -> bytes:
    """Return items of defined length, one after the other."""
    return b"".join(ITEM + pack_length(len(item)) + item for item in items)


def encode_sequence(tag: int, items: Iterable[bytes], *, explicit: bool) -> bytes:
    """Return a sequence of defined length whose items are given without their item tags."""
    content = encode_items(items)
    return header(tag, "SQ", len(content), explicit=explicit) + content
