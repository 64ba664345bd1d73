"""Siemens' CSA2 headers (SV10), taken apart and put together again.

Layout: "SV10", four bytes, the number of tags, 77; each tag a name of 64 bytes, multiplicity,
VR, type, number of items, 77; each item four numbers, of which the second is its length, and
the value filled up to four bytes.
"""

import struct
from dataclasses import dataclass

TAG = struct.Struct("<64si4siii")
ITEM = struct.Struct("<4i")


@dataclass
class CsaTag:
    """One tag: the bytes of its head and the values of its items."""

    name: str
    multiplicity: int
    vr: bytes
    kind: int
    mark: int
    items: list[bytes]


def opened(blob: bytes) -> list[CsaTag]:
    """Return the tags of a header."""
    assert blob[:4] == b"SV10"
    (count,) = struct.unpack_from("<i", blob, 8)
    position = 16
    tags = []
    for _ in range(count):
        name, multiplicity, vr, kind, items, mark = TAG.unpack_from(blob, position)
        position += TAG.size
        tag = CsaTag(name.split(b"\0")[0].decode("latin-1"), multiplicity, vr, kind, mark, [])
        for _ in range(items):
            length = ITEM.unpack_from(blob, position)[1]
            position += ITEM.size
            tag.items.append(blob[position : position + length])
            position += -(-length // 4) * 4
        tags.append(tag)
    return tags


def closed(tags: list[CsaTag], like: bytes) -> bytes:
    """Return a header of these tags, with the first bytes of the header `like`."""
    parts = [like[:8], struct.pack("<ii", len(tags), 77)]
    for tag in tags:
        name = tag.name.encode("latin-1").ljust(64, b"\0")
        parts.append(TAG.pack(name, tag.multiplicity, tag.vr, tag.kind, len(tag.items), tag.mark))
        for value in tag.items:
            parts.append(ITEM.pack(len(value), len(value), 77, len(value)))
            parts.append(value + bytes(-len(value) % 4))
    whole = b"".join(parts)
    return whole + bytes(-len(whole) % 4)
