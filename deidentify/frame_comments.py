"""Comments inside compressed frames, overwritten in place so that every length stays.

Encoders, viewers and cameras write names into them. JPEG and JPEG-LS keep text in APPn and COM
segments, JPEG 2000 (also HTJ2K) in COM segments and in the boxes around a codestream, JPEG XL
in boxes. What decoding needs stays (JFIF and Adobe headers, the colour transform of JPEG-LS,
codestreams and their headers); so do the notes by which encoders name themselves, and what has
no three letters or digits in a row. RLE has no room for text. Video streams (MPEG, H.264, H.265)
are passed as they stand: their user data is not looked for. Neither are comments between the scans
of a progressive JPEG. What follows the end of an image in its frame is overwritten as well.

Sources: ITU-T T.81 B.1.1 and B.2.4, T.87 annex C, T.800 annexes A and I; ISO 18181-2;
DICOM PS3.5 Annex A.4.
"""

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from deidentify.errors import Refused

Patch = tuple[int, bytes]  # position in the file, the bytes that are to stand there

READ = 4096
PIECE = 1024 * 1024
TAIL = 16
PADDING = b"\0\xff"
UUID = 16
MOST_SEGMENTS = 65_536
MOST_COMMENT = 16 * 1024 * 1024

_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = b"\xff\x4f\xff\x51"
_BOXES_2000 = b"\0\0\0\x0cjP  "
_BOXES_XL = b"\0\0\0\x0cJXL "
BEGINNINGS = (_JPEG, _JPEG_2000, _BOXES_2000, _BOXES_XL)

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_END, _SCAN, _COMMENT = 0xD9, 0xDA, 0xFE
_END_OF_IMAGE = b"\xff\xd9"
_COMMENT_2000, _TILE, _TILE_DATA = 0xFF64, 0xFF90, 0xFF93
_FILE_BOXES = frozenset(
    {b"jP  ", b"ftyp", b"rreq", b"jp2h", b"jp2c", b"JXL ", b"jxlc", b"jxlp", b"jxll"}
)
_HEADER_BOXES = frozenset({b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef", b"res "})
# APPn segments that decoding needs: how the payload begins, and how much of it stays.
_NEEDED = (
    (0xE0, b"JFIF\0", 14),
    (0xEE, b"Adobe", 12),
    (0xE8, b"mrfx", 5),
    (0xE8, b"SPIFF\0", 30),
    (0xE8, b"\0\0\0\1", 4),
)
_ENCODERS = re.compile(
    rb"(?:Kakadu-v?[\d.]+"
    rb"|Kdu-Layer-Info: log_2\{Delta-D\((?:MSE|squared-error)\)/Delta-L\(bytes\)\}, L\(bytes\)"
    rb"[\s\d.,eE+\-]*"
    rb"|Created by (?:GDCM/)?OpenJPEG version [\d.]+|Creator: JasPer Version [\d.]+"
    rb"|LEAD(?:TOOLS|TECH)?(?: Technologies,?)?(?: Inc\.?)?(?: V?[\d.]+)?"
    rb"|CREATOR: gd-jpeg v[\d.]+ \(using IJG JPEG v\d+\)(?:, (?:default )?quality(?: = \d+)?)?"
    rb"|(?:Lavc|Lavf)[\d.]+|DCMTK [\d.]+|HTJ2K|OpenHTJ2K|OpenJPH Ver [\d. ]+)[\s\0]*"
)
# Three letters or digits in a row, in any of the usual encodings, may be a name.
_TEXT = re.compile(rb"[0-9A-Za-z\x80-\xff]{3}")
_LONG_TEXT = re.compile(rb"[0-9A-Za-z]{4}")
# Headers that hold no comment, as they were met: those of a series are all alike.
_CLEAN: set[bytes] = set()
MOST_CLEAN = 256


class Frame:
    """The bytes of one compressed frame, which may lie in several fragments.

    Args:
        descriptor: the open file.
        start: of the first fragment's value, in bytes from the start of the file.
        stop: its end.
        head: the first bytes of it, as far as they were read already.
    """

    def __init__(self, descriptor: int, start: int, stop: int, head: bytes) -> None:
        self._descriptor = descriptor
        self._extents = [(start, stop)]
        self._offsets = [0]
        self._window = 0, head
        self.head = head
        self.size = stop - start

    def goes_on(self, start: int, stop: int) -> None:
        """Add the next fragment of the frame."""
        self._extents.append((start, stop))
        self._offsets.append(self.size)
        self.size += stop - start

    def read(self, at: int, count: int) -> bytes:
        """Return bytes of the frame, fewer at its end."""
        first, window = self._window
        if first <= at and at + count <= first + len(window):
            return window[at - first : at - first + count]
        pieces = [
            os.pread(self._descriptor, stop - start, start)
            for start, stop in self._places(at, max(count, READ))
        ]
        self._window = at, b"".join(pieces)
        return self._window[1][:count]

    def patches(self, at: int, new: bytes) -> Iterator[Patch]:
        """Put `new` at a place of the frame; in several pieces if fragments part it."""
        for start, stop in self._places(at, len(new)):
            yield start, new[: stop - start]
            new = new[stop - start :]

    def _places(self, at: int, count: int) -> Iterator[tuple[int, int]]:
        number = bisect_right(self._offsets, at) - 1
        at -= self._offsets[number]
        for start, stop in islice(self._extents, number, None):
            taken = min(count, stop - start - at)
            if taken > 0:
                yield start + at, start + at + taken
                count -= taken
            if count <= 0:
                return
            at = 0


def comment_patches(frame: Frame) -> list[Patch]:
    """Return what is to be overwritten in one frame, in the order of the file.

    Raises:
        Refused: the frame's header goes on beyond any that encoders write.
    """
    head = frame.read(0, 8)
    if head.startswith(_JPEG):
        found = _of_jpeg(frame)
    elif head.startswith(_JPEG_2000):
        known = _behind_a_clean_header(frame, b"\xff\x90")
        found = _of_codestream(frame, known or 2, frame.size)
    elif head in (_BOXES_2000, _BOXES_XL):
        found = _of_boxes(frame, 0, frame.size, _FILE_BOXES)
    else:
        return []
    return [patch for at, new in found for patch in frame.patches(at, new)]


def _segments() -> Iterator[None]:
    """Count the segments of one frame; more than a real one has are refused."""
    for _ in range(MOST_SEGMENTS):
        yield
    raise Refused("unreadable", "PixelData")


def _behind_a_clean_header(frame: Frame, mark: bytes) -> int:
    """Where `mark` ends a header that is known to hold no comment; 0 if it is not known."""
    at = frame.head.find(mark)
    return at if at > 0 and frame.head[:at] in _CLEAN else 0


def _remember(frame: Frame, end: int) -> None:
    if end <= len(frame.head):
        if len(_CLEAN) >= MOST_CLEAN:
            _CLEAN.clear()
        _CLEAN.add(frame.head[:end])


def _payload(frame: Frame, at: int, length: int) -> bytes:
    if length > MOST_COMMENT:
        raise Refused("unreadable", "PixelData")
    return frame.read(at, length)


def _of_jpeg(frame: Frame) -> Iterator[Patch]:
    position = _behind_a_clean_header(frame, b"\xff\xda") or 2
    is_clean = True
    for _ in _segments():
        start = frame.read(position, 4)
        if len(start) < 4 or start[0] != 0xFF or start[1] in (_SCAN, _END):
            if is_clean:
                _remember(frame, position)
            yield from _behind_the_image(frame, position)
            return
        marker = start[1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        length = max(start[2] << 8 | start[3], 2)
        if marker == _COMMENT or marker >> 4 == 0xE:
            old = _payload(frame, position + 4, length - 2)
            new = _comment(old) if marker == _COMMENT else _application(marker, old)
            if new != old:
                is_clean = False
                yield position + 4, new
        position += 2 + length


def _holds_text(old: bytes) -> bool:
    return _TEXT.search(old.replace(b"\0", b"")) is not None


def _comment(old: bytes) -> bytes:
    is_harmless = _ENCODERS.fullmatch(old) or not _holds_text(old)
    return old if is_harmless else b" " * len(old)


def _application(marker: int, old: bytes) -> bytes:
    for needed, beginning, kept in _NEEDED:
        if marker == needed and old.startswith(beginning):
            return old[:kept] + bytes(len(old) - len(old[:kept]))
    return bytes(len(old)) if _holds_text(old) else old


def _behind_the_image(frame: Frame, scan: int) -> Iterator[Patch]:
    """What follows the end of a JPEG: looked for only if the frame does not end with it."""
    last = max(frame.size - TAIL, scan)
    if frame.read(last, TAIL).rstrip(PADDING).endswith(_END_OF_IMAGE):
        return
    position = scan
    while piece := frame.read(position, PIECE):
        found = piece.find(_END_OF_IMAGE)
        if found >= 0:
            yield from _zeros(frame, position + found + 2, frame.size)
            return
        position += max(len(piece) - 1, 1)


def _zeros(frame: Frame, start: int, end: int) -> Iterator[Patch]:
    old = _payload(frame, start, end - start)
    if old.strip(PADDING):
        yield start, bytes(len(old))


def _of_codestream(frame: Frame, position: int, end: int) -> Iterator[Patch]:
    """The main header, the header of every tile part, what follows (T.800 A.4.2)."""
    tile = 0
    is_clean = is_first = True
    for _ in _segments():
        start = frame.read(position, 10)
        if len(start) < 2 or position + 2 > end:
            return
        marker = start[0] << 8 | start[1]
        if marker == _TILE_DATA:
            if not tile:
                return
            position, tile = tile, 0
            continue
        if marker == 0xFF00 | _END:
            yield from _zeros(frame, position + 2, end)
            return
        if marker >> 8 != 0xFF:
            return
        length = max(int.from_bytes(start[2:4], "big"), 2)
        if marker == _TILE:
            if is_clean and is_first:
                _remember(frame, position)
            is_first = False
            size = int.from_bytes(start[6:10], "big")
            tile = position + size if size > length else 0
        elif marker == _COMMENT_2000:
            # Two bytes say whether the comment is text.
            old = _payload(frame, position + 6, length - 4) if length > 4 else b""
            new = _comment(old)
            if new != old:
                is_clean = False
                yield position + 6, new
        position += 2 + length


def _of_boxes(frame: Frame, position: int, end: int, kept: frozenset[bytes]) -> Iterator[Patch]:
    """Boxes that decoding does not need become free space (T.800 I.2; ISO 15444-2 M.11.23)."""
    for _ in _segments():
        start = frame.read(position, 16)
        if position + 8 > end or len(start) < 8:
            return
        size, kind, header = int.from_bytes(start[:4], "big"), start[4:8], 8
        if size == 1:
            size, header = int.from_bytes(start[8:16], "big"), 16
        stop = min(position + size, end) if size else end
        if stop < position + header:
            return
        if kind == b"jp2h" and kind in kept:
            yield from _of_boxes(frame, position + header, stop, _HEADER_BOXES)
        elif kind == b"jp2c" and kind in kept:
            yield from _of_codestream(frame, position + header + 2, stop)
        elif kind not in kept:
            old = _payload(frame, position + header, stop - position - header)
            named = UUID if kind == b"uuid" else 0  # says of what kind the box is
            if _holds_text(old[named:]) or _LONG_TEXT.search(old[:named]):
                yield position + 4, b"free"
                yield position + header, bytes(len(old))
        position = stop
