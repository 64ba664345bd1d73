"""Comment segments of compressed frames, and what is left of a frame without them.

JPEG and JPEG-LS keep text in APPn and COM segments, JPEG 2000 in COM and in boxes around the
codestream. Sources: ITU-T T.81 B.1.1, T.87 annex C, T.800 annex A.
"""

from __future__ import annotations

from collections.abc import Iterator

from deidentify.leaks.elements import Bytes

_START = b"\xff\xd8"
_START_2000 = b"\xff\x4f\xff\x51"
_BOX_2000 = b"\0\0\0\x0cjP  "
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN = 0xDA
_FIRST_TILE = 0x90
_COMMENT, _COMMENT_2000 = 0xFE, 0x64
_APPLICATIONS = range(0xE0, 0xF0)


def fragments(data: Bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the half-open range of each fragment, the Basic Offset Table first (PS3.5 A.4)."""
    while start + 8 <= end:
        length = int.from_bytes(data[start + 4 : start + 8], "little")
        stop = min(start + 8 + length, end)
        yield start + 8, stop
        start = stop


def comments(data: Bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges of one fragment that hold text, not image: markers included."""
    head = bytes(data[start : start + 12])
    if head.startswith(_START_2000):
        return _segments(data, start + 2, end, {_COMMENT_2000}, last=_FIRST_TILE)
    if head.startswith(_BOX_2000):
        return _boxes(data, start, end)
    if head.startswith(_START):
        return _segments(data, start + 2, end, {_COMMENT, *_APPLICATIONS}, last=_SCAN)
    return []


def _segments(
    data: Bytes, position: int, end: int, wanted: set[int], last: int
) -> list[tuple[int, int]]:
    found = []
    while position + 4 <= end and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == last:
            break
        if marker in _STANDALONE:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        stop = min(position + 2 + max(length, 2), end)
        if marker in wanted:
            found.append((position, stop))
        position = stop
    return found


def _boxes(data: Bytes, position: int, end: int) -> list[tuple[int, int]]:
    """Every box but the codestream, and the codestream's own comments (T.800 annex I)."""
    found = []
    while position + 8 <= end:
        length = int.from_bytes(data[position : position + 4], "big")
        stop = end if length == 0 else min(position + max(length, 8), end)
        if data[position + 4 : position + 8] == b"jp2c":
            found += comments(data, position + 8, stop)
        elif data[position + 4 : position + 8] in (b"xml ", b"uuid", b"uinf", b"jp2i"):
            found.append((position, stop))
        position = stop
    return found
