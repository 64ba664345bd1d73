"""Siemens headers built in code, in both forms, and read back by a parser of the tests' own."""

import struct


def header(tags: dict[str, tuple[str, list[bytes]]], *, marked: bool = True) -> bytes:
    """Return a header of the given tags: name -> (VR, items)."""
    parts = [b"SV10\x04\x03\x02\x01" if marked else b"", struct.pack("<ii", len(tags), 77)]
    counts = [len(items) for _, items in tags.values()]
    for (name, (vr, items)), count in zip(tags.items(), counts, strict=True):
        parts.append(name.encode("latin-1").ljust(64, b"\0"))
        parts.append(struct.pack("<i4siii", count, vr.encode() + b"\0\0", 0, count, 77))
        for item in items:
            length = len(item) if marked else len(item) + counts[0]
            parts.append(struct.pack("<iiii", length, len(item), 77, len(item)))
            parts.append(item + bytes(-len(item) & 3))
    return b"".join(parts)


def tags_of(block: bytes) -> dict[str, tuple[str, list[bytes]]]:
    """Read a header as dcm2niix does; fails where lengths do not add up."""
    marked = block[:4] == b"SV10"
    position = 8 if marked else 0
    number, sync = struct.unpack_from("<ii", block, position)
    assert sync == 77
    position += 8
    found = {}
    first = 0
    for index in range(number):
        name = block[position : position + 64].split(b"\0")[0].decode("latin-1")
        _, vr, _, count, sync = struct.unpack_from("<i4siii", block, position + 64)
        assert sync == 77
        first = first if index else count
        position += 84
        items = []
        for _ in range(count):
            numbers = struct.unpack_from("<iiii", block, position)
            length = numbers[1] if marked else numbers[0] - first
            assert numbers[2] == 77
            assert 0 <= length <= len(block) - position - 16
            items.append(block[position + 16 : position + 16 + length])
            position += 16 + length + (-length & 3)
        found[name] = (vr[:2].decode(), items)
    assert position == len(block)
    return found
