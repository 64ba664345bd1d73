"""Reads a file for the conformance check: what stands in it, where, and what is wrong with it.

Two whole headers are read for every output, so what the first eight bytes of an element say
(tag, VR, length) is remembered, and so is the whole of an element that was found good: most
repeat across a series. Large values are jumped over. Bad data raises nothing; what cannot be
followed to its end is said in `Contents.is_broken`.

Source: DICOM PS3.5 section 7 (data set), PS3.10 section 7 (file format).
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from deidentify.conformance.character_sets import is_known
from deidentify.conformance.contents import Contents, Place
from deidentify.conformance.encodings import (
    CHARACTER_SET,
    CONTAINER,
    ITEM,
    ITEM_END,
    MARK,
    NOTED,
    PLAIN,
    SEQUENCE_END,
    UID,
    UNDEFINED,
    Encoding,
    Known,
)
from deidentify.conformance.meta import read_meta
from deidentify.elements import ALL_VRS

BIG_ENDIAN = b"1.2.840.10008.1.2.2"
DEFLATED = frozenset(
    {b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.4.205"}
)
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
DEEPEST = 64
FIRST_WINDOW, LARGEST_WINDOW, MOST = 16 << 10, 1 << 20, 256 << 20
LARGE = 256
"""Values longer than this, in bytes, are jumped over where the window ends."""


class _Lost(Exception):
    """Raise where an element cannot be followed."""


class _NeedMore(Exception):
    """Raise where an element reaches past what is in memory."""


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
        self.window = FIRST_WINDOW

    def read(self, path: Path, *, judging: bool) -> Contents:
        """Return what a file holds; with `judging`, what is wrong with its values too."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return _Walk(self, descriptor, judging=judging).file()
        finally:
            os.close(descriptor)

    def encoding(self, *, explicit: bool, big: bool) -> Encoding:
        """Return what is known of one way of writing elements."""
        return self._encodings[explicit, big]


class _Walk:
    """One pass over one file. Positions count from `base`, where the window begins."""

    def __init__(self, reader: Reader, descriptor: int, *, judging: bool) -> None:
        self.reader = reader
        self.descriptor = descriptor
        self.judging = judging
        self.size = os.fstat(descriptor).st_size
        self.base = 0
        self.data = os.pread(descriptor, reader.window, 0)
        self.jump = 0
        self.contents = Contents()

    def file(self) -> Contents:
        """Read the file meta information and the data set."""
        contents = self.contents
        try:
            meta = read_meta(self.data)
            position = meta.end
            contents.meta, contents.meta_is_wrong = meta.values, not meta.is_whole
            if contents.meta.get(0x10, b"") in DEFLATED:
                self._inflate(position)
                position = 0
            syntax = contents.meta.get(0x10, b"")
            # Without file meta information, the first group, which is a small number, tells.
            is_swapped = not syntax and self.data[position : position + 2] == b"\0\x08"
            big = syntax == BIG_ENDIAN or is_swapped
            vr = self.data[position + 4 : position + 6].decode("latin-1")
            explicit = big or vr in ALL_VRS
            self._main(self.reader.encoding(explicit=explicit, big=big), position)
        except (_Lost, _NeedMore, zlib.error):
            contents.is_broken = True
        return contents

    def _inflate(self, position: int) -> None:
        data = os.pread(self.descriptor, self.size, 0)[position:]
        self.data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, MOST)
        self.size, self.descriptor = len(self.data), -1

    def _main(self, encoding: Encoding, position: int) -> None:
        """Walk the main data set to the end of the file, a window at a time."""
        place = Place("", (), b"")
        self.contents.places.append(place)
        while True:
            position = self._elements(encoding, place, position, len(self.data), is_open=False)
            if self.jump:
                start, self.jump, count = self.jump, 0, FIRST_WINDOW
                if start > self.size:
                    raise _Lost
            elif self.base + len(self.data) < self.size:
                start, count = self.base + position, 4 * len(self.data)
            else:
                break
            self._refill(start, count)
            position = 0
        if self.data[position:].strip(b"\0"):
            raise _Lost

    def _refill(self, start: int, count: int) -> None:
        if not self.base and count > self.reader.window:
            self.reader.window = min(count, LARGEST_WINDOW)
        if count > MOST:
            raise _Lost
        self.base = start
        self.data = (
            self.data[start : start + count]
            if self.descriptor < 0
            else os.pread(self.descriptor, count, start)
        )

    def _elements(
        self, encoding: Encoding, place: Place, position: int, end: int, *, is_open: bool
    ) -> int:
        """Walk elements until `end`, or an item's end mark if `is_open`.

        Returns where it stopped: behind the last element, or at one of the main data set that
        is not wholly in the window.
        """
        data, heads, judging, add = self.data, encoding.heads, self.judging, place.shape.append
        good = encoding.good_in(place.charset)
        while position + 8 <= end:
            head = data[position : position + 8]
            how, code, advance, known = heads.get(head) or encoding.note(head)
            stop = position + advance
            if how == PLAIN and stop <= end:
                if judging:
                    whole = data[position:stop]
                    if whole not in good:
                        is_good = self._judge(place, known, whole[known.start :])
                        if is_good and advance <= LARGE:
                            good.add(whole)
                add(code)
                position = stop
                continue
            if how == MARK:
                if code == ITEM_END and is_open:
                    return stop
                raise _Lost
            if how == UID and stop <= end:
                value = data[position + 8 : stop]
                self.contents.uids.append((place.prefix, known.tag, value.rstrip(b"\0 ")))
                if judging:
                    self._judge(place, known, value)
                add(code)
                position = stop
                continue
            start = position + known.start
            if known.has_long_length:
                if start > end:
                    return self._short(place, position)
                (length,) = encoding.long(data, start - 4)
                stop = start + length
            else:
                length = advance - known.start
            if length == UNDEFINED and known.tag in PIXELS:
                add(known.tag)
                if not place.prefix:
                    self.jump = self._behind_fragments(encoding, self.base + start)
                    return start
                position = self._behind_fragments(encoding, self.base + start) - self.base
                continue
            if how == CONTAINER or length == UNDEFINED:
                after = self._container(encoding, place, known, start, length=length, end=end)
                if not after:
                    return position
                if after > 0:
                    add(known.tag if length else ~known.tag)
                    position = after
                    continue
            if stop > end:
                if not place.prefix and self.base + stop <= self.size and length > LARGE:
                    if length & 1:
                        self._wrong("odd-length", place, known.tag)
                    add(known.tag)
                    self.jump = self.base + stop
                    return stop
                return self._short(place, position)
            value = data[start:stop]
            if known.vr == "UI":
                self.contents.uids.append((place.prefix, known.tag, value.rstrip(b"\0 ")))
            elif how == NOTED:
                self._note(place, known.tag, value)
                good = encoding.good_in(place.charset)
            if judging:
                self._judge(place, known, value)
            add(known.tag if length else ~known.tag)
            position = stop
        return position

    def _short(self, place: Place, position: int) -> int:
        """Ask for more of the file."""
        if place.prefix:
            raise _NeedMore
        return position

    def _container(
        self, encoding: Encoding, place: Place, known: Known, start: int, *, length: int, end: int
    ) -> int:
        """Walk a sequence, or what may be one.

        Returns the position behind it, 0 if it is not wholly in the window, -1 if it is none.
        """
        is_sequence, is_undefined = known.vr == "SQ", length == UNDEFINED
        stop = end if is_undefined else start + length
        looks_so = length >= 8 and self.data[start : start + 4] in encoding.item_starts
        if not (is_undefined or is_sequence or looks_so):
            return -1
        if stop > end:
            return self._short(place, 0)
        if len(place.tags) >= DEEPEST:
            raise _Lost
        inner = encoding
        if known.is_unknown:
            vr = self.data[start + 12 : start + 14].decode("latin-1")
            inner = self.reader.encoding(explicit=vr in ALL_VRS, big=False)
        contents = self.contents
        before = len(contents.places), len(contents.uids), len(contents.wrong)
        try:
            return self._items(inner, place, known.tag, start, end=stop, is_open=is_undefined)
        except (_Lost, _NeedMore) as stopped:
            needs_more = isinstance(stopped, _NeedMore)
            if place.prefix if needs_more else (is_sequence or is_undefined):
                raise
            del contents.places[before[0] :]
            del contents.uids[before[1] :]
            del contents.wrong[before[2] :]
            return 0 if needs_more else -1

    def _items(
        self, encoding: Encoding, place: Place, tag: int, start: int, *, end: int, is_open: bool
    ) -> int:
        data, position, number = self.data, start, 0
        name = f"{place.prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        tags = (*place.tags, tag)
        while position + 8 <= end:
            group, element, length = encoding.tag_and_length(data, position)
            mark, position = group << 16 | element, position + 8
            if mark == SEQUENCE_END and is_open:
                return position
            if mark != ITEM:
                raise _Lost
            item = Place(f"{name}[{number}]", tags, place.charset)
            self.contents.places.append(item)
            is_undefined = length == UNDEFINED
            stop = end if is_undefined else position + length
            if stop > end:
                raise _NeedMore if stop > len(data) else _Lost
            position = self._elements(encoding, item, position, stop, is_open=is_undefined)
            if not is_undefined and position != stop:
                raise _Lost
            number += 1
        if is_open:
            raise _NeedMore
        if position != end:
            raise _Lost
        return position

    def _behind_fragments(self, encoding: Encoding, position: int) -> int:
        """Return where in the file the fragments that begin at `position` end (PS3.5 A.4)."""
        while True:
            inside = position - self.base
            head = self.data[inside : inside + 8]
            if len(head) < 8 and self.descriptor >= 0:
                head = os.pread(self.descriptor, 8, position)
            if len(head) < 8:
                raise _Lost
            group, element, length = encoding.tag_and_length(head, 0)
            position += 8
            if group << 16 | element == SEQUENCE_END:
                return position
            if group << 16 | element != ITEM or length == UNDEFINED:
                raise _Lost
            position += length

    def _note(self, place: Place, tag: int, value: bytes) -> None:
        if tag == CHARACTER_SET:
            place.charset = value.strip(b" \0")
            if self.judging and not is_known(place.charset):
                self._wrong("unknown-charset", place, tag)
        if not place.prefix:
            self.contents.noted[tag] = value.rstrip(b" \0")

    def _judge(self, place: Place, known: Known, value: bytes) -> bool:
        """Note what is wrong with a value; return whether nothing is."""
        wrong = known.form.faults(value, place.charset) if known.form else ()
        if known.has_wrong_vr:
            wrong = (*wrong, "vr")
        for what in wrong:
            self._wrong(what, place, known.tag)
        return not wrong

    def _wrong(self, what: str, place: Place, tag: int) -> None:
        path = f"{place.prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        self.contents.wrong.append((what, path))
