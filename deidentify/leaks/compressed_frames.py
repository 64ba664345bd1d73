"""Comment segments of compressed frames, and what is left of a frame without them.

JPEG and JPEG-LS keep text in APPn and COM segments, also between scans; JPEG 2000 in COM (of the
image and of each tile part) and in boxes around the codestream, JPEG XL in boxes. Sources: ITU-T
T.81 B.1.1, T.87 annex C, T.800 annexes A and I; ISO 18181-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deidentify.leaks.elements import Bytes

_START = b"\xff\xd8"
_START_2000 = b"\xff\x4f\xff\x51"
_BOX_2000 = b"\0\0\0\x0cjP  "
_BOX_XL = b"\0\0\0\x0cJXL "
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END_OF_IMAGE, _TAIL, _PADDING = 0xDA, b"\xff\xd9", 16, b"\0\xff"
_TILE, _TILE_DATA = 0x90, 0x93
_text_marker = re.compile(rb"\xff[\xe0-\xef\xfe](..)", re.DOTALL)
_COMMENT, _COMMENT_2000 = 0xFE, 0x64
_APPLICATIONS = range(0xE0, 0xF0)
_FILE_BOXES = frozenset({b"jP  ", b"ftyp", b"rreq", b"JXL ", b"jxlc", b"jxlp", b"jxll"})
_HEADER_BOXES = frozenset({b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef", b"res "})


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
        return _codestream(data, start + 2, end)
    if head.startswith((_BOX_2000, _BOX_XL)):
        return _boxes(data, start, end, _FILE_BOXES)
    if head.startswith(_START):
        found, scan = [], start + 2
        for marker, first, stop in _segments(data, start + 2, end):
            scan = stop
            if marker == _COMMENT or marker in _APPLICATIONS:
                found.append((first, stop))
        behind = _behind_the_image(data, scan, end)
        stop = behind[0][0] if behind else end
        return found + _between_scans(data, scan, stop) + behind
    return []


def _between_scans(data: Bytes, position: int, end: int) -> list[tuple[int, int]]:
    """COM and APPn segments among the scans; no entropy-coded data looks like their markers."""
    found = []
    while match := _text_marker.search(data, position, end):
        length = int.from_bytes(match[1], "big")
        position = min(match.start() + 2 + max(length, 2), end)
        found.append((match.start(), position))
    return found


def _behind_the_image(data: Bytes, scan: int, end: int) -> list[tuple[int, int]]:
    """What follows the end of a JPEG, in the fragment where it ends."""
    tail = bytes(data[max(end - _TAIL, scan) : end])
    if tail.rstrip(_PADDING).endswith(_END_OF_IMAGE):
        return [(end - len(tail) + len(tail.rstrip(_PADDING)), end)]
    found = data.find(_END_OF_IMAGE, scan, end)
    return [(found + 2, end)] if found >= 0 else []


def _segments(data: Bytes, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield marker and range of every segment up to the scan, or the data of a tile."""
    while position + 4 <= end and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in (_SCAN, _TILE_DATA):
            break
        if marker in _STANDALONE:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        stop = min(position + 2 + max(length, 2), end)
        yield marker, position, stop
        position = stop


def _codestream(data: Bytes, position: int, end: int) -> list[tuple[int, int]]:
    found = []
    while position < end:
        if data[position : position + 2] == _END_OF_IMAGE:
            found.append((position + 2, end))
            break
        tile, begun = end, position
        for marker, first, stop in _segments(data, position, end):
            if marker == _TILE:
                size = int.from_bytes(data[first + 6 : first + 10], "big")
                tile = min(first + size, end) if size else end
            elif marker == _COMMENT_2000:
                found.append((first, stop))
        position = max(tile, begun + 2)
    return found


def _boxes(data: Bytes, position: int, end: int, kept: frozenset[bytes]) -> list[tuple[int, int]]:
    """Every box that holds no image, and the codestream's own comments (T.800 annex I)."""
    found = []
    while position + 8 <= end:
        length, header = int.from_bytes(data[position : position + 4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        stop = end if length == 0 else min(position + max(length, header), end)
        kind = bytes(data[position + 4 : position + 8])
        if kind == b"jp2h" and kept is _FILE_BOXES:
            found += _boxes(data, position + header, stop, _HEADER_BOXES)
        elif kind == b"jp2c" and kept is _FILE_BOXES:
            found += comments(data, position + header, stop)
        elif kind not in kept:
            found.append((position, stop))
        position = stop
    return found
