"""Reads a file for the conformance check: what stands in it, where, and what is wrong with it.

Two whole headers are read for every output, so what the first eight bytes of an element say is
remembered, and so are elements and stretches of elements that repeat across a series. Large
values are jumped over. Bad data raises nothing; what cannot be followed to its end is said in
`Contents.is_broken`.

Source: DICOM PS3.5 section 7 (data set), PS3.10 section 7 (file format).
"""

import os
import zlib
from pathlib import Path

from deidentify.conformance.contents import Contents, Place
from deidentify.conformance.encodings import Encoding
from deidentify.conformance.meta import read_meta
from deidentify.conformance.walking import Lost, NeedMore, Walk
from deidentify.elements import ALL_VRS

BIG_ENDIAN = b"1.2.840.10008.1.2.2"
DEFLATED = frozenset(
    {b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.4.205"}
)
FIRST_WINDOW, LARGEST_WINDOW, MOST = 16 << 10, 1 << 20, 256 << 20


class Reader:
    """Reads files; what it learned of elements serves all of them.

    Args:
        noted: tags of the main data set whose values are wanted.
    """

    def __init__(self, noted: frozenset[int]) -> None:
        self._encodings = {
            (explicit, big): Encoding(explicit=explicit, big=big, noted=noted)
            for explicit in (True, False)
            for big in (True, False)
        }
        self._window = FIRST_WINDOW

    def read(self, path: Path, *, judging: bool) -> Contents:
        """Return what a file holds; with `judging`, what is wrong with its values too."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            data = os.pread(descriptor, self._window, 0)
            size = os.fstat(descriptor).st_size
            walk = Walk(descriptor, data, size, self._encodings, judging=judging)
            try:
                self._read(walk)
            except (Lost, NeedMore, zlib.error):
                walk.contents.is_broken = True
            return walk.contents
        finally:
            os.close(descriptor)

    def _read(self, walk: Walk) -> None:
        meta = read_meta(walk.data)
        position = meta.end
        walk.contents.meta, walk.contents.meta_is_wrong = meta.values, not meta.is_whole
        syntax = meta.values.get(0x10, b"")
        if syntax in DEFLATED:
            _inflate(walk, position)
            position = 0
        # Without file meta information, the first group, which is a small number, tells.
        is_swapped = not syntax and walk.data[position : position + 2] == b"\0\x08"
        big = syntax == BIG_ENDIAN or is_swapped
        vr = walk.data[position + 4 : position + 6].decode("latin-1")
        self._read_main(walk, self._encodings[big or vr in ALL_VRS, big], position)

    def _read_main(self, walk: Walk, encoding: Encoding, position: int) -> None:
        """Walk the main data set to the end of the file, a window at a time."""
        place = Place("", (), b"")
        walk.contents.places.append(place)
        while True:
            data = walk.data
            position = walk.main(encoding, place, position)
            encoding.runs[walk.judging].learn(data, walk.marks, walk.contents)
            if walk.jump:
                start, walk.jump, count = walk.jump, 0, FIRST_WINDOW
                if start > walk.size:
                    raise Lost
            elif walk.base + len(data) < walk.size:
                start, count = walk.base + position, 4 * len(data)
                if not walk.base:
                    self._window = min(count, LARGEST_WINDOW)
            else:
                break
            _refill(walk, start, count)
            position = 0
        if walk.data[position:].strip(b"\0"):
            raise Lost


def _refill(walk: Walk, start: int, count: int) -> None:
    if count > MOST:
        raise Lost
    if walk.descriptor < 0:
        walk.data = walk.data[start - walk.base :]
    else:
        walk.data = os.pread(walk.descriptor, count, start)
    walk.base = start


def _inflate(walk: Walk, position: int) -> None:
    deflated = os.pread(walk.descriptor, walk.size, 0)[position:]
    walk.data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(deflated, MOST)
    walk.size, walk.descriptor = len(walk.data), -1
