"""The leak check's own reader: one file taken apart into elements.

It shares no code with the rewriting, decodes nothing, follows every sequence (those stored as
UN too) and never raises on bad data: what it cannot follow becomes a stretch of bytes with a
sentence in `Layout.trouble`, and is searched like everything else.

Source: DICOM PS3.5 section 7 (data set), PS3.10 section 7 (file format).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from struct import Struct
from typing import Any

from deidentify.leaks.attributes import MARKED, TEXT, use_of
from deidentify.leaks.elements import (
    BYTES_FOLLOW,
    CHARACTER_SET,
    DEFLATED,
    KNOWN_VRS,
    PIXEL_DATA,
    SHORT_VRS,
    Bytes,
    Element,
    Layout,
    Place,
    Step,
    dictionary_vr,
)
from deidentify.leaks.file_meta import read_file_meta
from deidentify.leaks.reference_items import REFERENCES, end_of_references, end_with_rests
from deidentify.leaks.repeats import Repeats, Run

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
DEEPEST = 64
MOST_INFLATED = 1 << 29
"""Bytes of a deflated data set that are read; it is all kept in memory."""
IN_NEXT_FOUR = -1
"""Said of a length that is in the four bytes behind the first eight (PS3.5 7.1.2)."""
HEADS = 1 << 16
"""First eight bytes of elements that are remembered per encoding; they repeat across files."""
SPECIAL = 1 << 8
"""Said of an element that is more than a value of known length; see attributes.use_of."""
_OWN_WAY = PIXEL_DATA | {0, CHARACTER_SET}


def read_layout(data: Bytes, *, repeats: Repeats | None = None) -> Layout:
    """Take one file apart.

    A deflated data set is inflated first: `Layout.data` then holds the inflated file, and
    `trouble` says so when inflating fails.

    Args:
        repeats: read quickly: pass over what is known, and leave long sequences of references
            whole, in `Layout.references`.
    """
    layout = Layout(data)
    position = 0
    if data[128:132] == b"DICM":
        preamble = Element(0, 128, 0, "OB", Place("preamble"))
        layout.elements.append(preamble)
        layout.texts.append(preamble)
        position = read_file_meta(layout, 132)
    elif data[:2] == b"\x02\x00" or data[:4] == b"DICM":
        position = read_file_meta(layout, 4 if data[:4] == b"DICM" else 0)
    if layout.transfer_syntax_uid in DEFLATED:
        _inflate(layout, position)
    layout.data_set_start = position
    walk = _Walk(layout, *_encoding(layout, position))
    is_usual = walk.is_explicit and not layout.is_big_endian
    if is_usual and layout.transfer_syntax_uid not in DEFLATED:
        walk.repeats = repeats
    walk.read_main(position)
    return layout


def expand(layout: Layout) -> None:
    """Fill in the elements that a quick reading passed over."""
    if layout.is_partial:
        layout.elements = read_layout(layout.data).elements
        layout.is_partial = False


def _inflate(layout: Layout, position: int) -> None:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(bytes(layout.data[position:]), MOST_INFLATED)
    except zlib.error:
        layout.trouble.append("The deflated data set cannot be inflated.")
        return
    if inflater.unconsumed_tail:
        layout.trouble.append("More is deflated in the file than can be searched.")
        return
    layout.data = bytes(layout.data[:position]) + inflated + inflater.unused_data


def _encoding(layout: Layout, position: int) -> tuple[bool, bool]:
    """Return (is explicit, is big endian), believing the bytes rather than the label."""
    if layout.is_big_endian:
        return True, True
    vr = layout.data[position + 4 : position + 6]
    return vr in KNOWN_VRS, False


_HEADS: dict[tuple[bool, bool], dict[bytes, tuple[int, str, int, int]]] = {
    (is_explicit, is_big): {} for is_explicit in (True, False) for is_big in (True, False)
}


class _Walk:
    """The data set from its first element to its last, in one encoding."""

    def __init__(self, layout: Layout, is_explicit: bool, is_big_endian: bool) -> None:
        self.layout = layout
        self.data = layout.data
        self.is_explicit = is_explicit
        self.repeats: Repeats | None = None
        self.heads = _HEADS[is_explicit, is_big_endian]
        order = ">" if is_big_endian else "<"
        self.tag_and_length: Callable[..., tuple[int, ...]] = Struct(order + "HHL").unpack_from
        self.short: Callable[..., tuple[int, ...]] = Struct(order + "H").unpack_from
        self.long: Callable[..., tuple[int, ...]] = Struct(order + "L").unpack_from
        self.item_start = b"\xff\xfe\xe0\x00" if is_big_endian else b"\xfe\xff\x00\xe0"

    def read_main(self, position: int) -> None:
        place, end = Place(""), len(self.data)
        position = self.read(position, end, place, depth=0, is_open=False)
        if position < end:
            self._add(Element(position, end, 0, "UN", Place("bytes after the data set")))
            if bytes(self.data[position:end]).strip(b"\0"):
                self.layout.trouble.append(BYTES_FOLLOW)

    def read(self, position: int, end: int, place: Place, *, depth: int, is_open: bool) -> int:
        """Read elements until `end`, or until an item's end mark if `is_open`.

        Returns the position behind the last element that could be followed.
        """
        data, heads, layout = self.data, self.heads, self.layout
        add, mark, note_text = layout.elements.append, layout.marked.append, layout.texts.append
        new = tuple.__new__
        runs = self.repeats.runs if self.repeats is not None and not depth else None
        while position + 8 <= end:
            head = data[position : position + 8]
            known = heads.get(head)
            if known is None:
                known = self._note(head)
            tag, vr, length, use = known
            if runs is not None:
                if head in runs and (after := self._pass_over(runs[head], position, place)):
                    position = after
                    continue
                begun = position, place.character_set
            start = position + 8
            if use < SPECIAL:  # nearly all: a value whose length is known, and nothing more
                position = start + length
                if position > end:
                    position = start - 8
                    break
                element = new(Element, (start, position, tag, vr, place))
                add(element)
                if use & MARKED:
                    mark(element)
                if use & TEXT:
                    note_text(element)
                if runs is not None:
                    layout.steps.append(Step(begun[0], start, position, tag, begun[1]))
                continue
            if length == IN_NEXT_FOUR:
                if start + 4 > end:
                    break
                length = self.long(data, start)[0]
                start += 4
            elif tag >> 16 == 0xFFFE:
                if tag == ITEM_END and is_open:
                    return start
                self._lost(place, position, end, depth)
                return position if not depth else end
            stop = start + length
            if tag == 0 or (self.is_explicit and not vr):
                break
            if vr in ("SQ", "UN", "") or length == UNDEFINED:
                whole = Element(start, -1 if length == UNDEFINED else stop, tag, vr, place)
                after = self._read_container(whole, end, depth)
                if after:
                    position = after
                    if runs is not None:
                        layout.steps.append(Step(begun[0], start, position, tag, begun[1]))
                    continue
            if stop > end:
                if length == UNDEFINED or tag not in PIXEL_DATA:
                    break
                layout.trouble.append("Pixel Data is shorter than its length says.")
                stop = end
            element = new(Element, (start, stop, tag, vr, place))
            if tag & 0x10000 and 0x10 <= tag & 0xFFFF <= 0xFF:
                creator = bytes(data[start:stop]).decode("latin-1").strip(" \0")
                place.creators[tag >> 16 << 8 | tag & 0xFF] = creator
            elif tag == CHARACTER_SET:
                place.character_set = bytes(data[start:stop])
            if tag in PIXEL_DATA and not depth:
                layout.pixels.append(element)
            else:
                add(element)
                if use & MARKED:
                    mark(element)
                if use & TEXT:
                    note_text(element)
                if runs is not None:
                    layout.steps.append(Step(begun[0], start, stop, tag, begun[1]))
            position = stop
        if depth and position < end:
            self._lost(place, position, end, depth)
            return end
        return position

    def _pass_over(self, runs: list[Run], position: int, place: Place) -> int:
        """Return the position behind a run that stands here, 0 if none does."""
        for run in runs:
            end = position + len(run.raw)
            if run.before == place.character_set and self.data[position:end] == run.raw:
                run.apply(place)
                self.layout.is_partial = True
                return end
        return 0

    def _note(self, head: bytes) -> tuple[int, str, int, int]:
        """Remember what the first eight bytes of an element say: tag, VR, length, what for."""
        group, number, length = self.tag_and_length(head, 0)
        tag = group << 16 | number
        if group == 0xFFFE or not self.is_explicit:
            vr = "" if group == 0xFFFE else dictionary_vr(tag)
        else:
            vr = KNOWN_VRS.get(head[4:6], "")
            if vr in SHORT_VRS:
                length = self.short(head, 6)[0]
            elif vr:
                length = IN_NEXT_FOUR
        use = use_of(tag, vr)
        is_creator = group & 1 and 0x10 <= number <= 0xFF
        is_container = vr in ("SQ", "UN", "") or length in (IN_NEXT_FOUR, UNDEFINED)
        if is_container or is_creator or tag in _OWN_WAY or group == 0xFFFE:
            use |= SPECIAL
        if len(self.heads) < HEADS:
            self.heads[head] = tag, vr, length, use
        return tag, vr, length, use

    def _add(self, element: Element) -> None:
        """Note a stretch of bytes that has no structure."""
        self.layout.elements.append(element)
        self.layout.texts.append(element)

    def _lost(self, place: Place, position: int, end: int, depth: int) -> None:
        if depth:
            self.layout.trouble.append(f"The item at {place.prefix} cannot be followed to its end.")
            self._add(Element(position, end, 0, "UN", place))

    def _read_container(self, whole: Element, end: int, depth: int) -> int:
        """Read a sequence, or fragments; return the position behind it, 0 if it is neither.

        `whole.end` is -1 if the length is undefined.
        """
        start, stop, tag, vr, _ = whole
        is_undefined = stop < 0
        stop = end if is_undefined else stop
        length = stop - start
        if stop > end or depth >= DEEPEST:
            return 0
        if is_undefined and vr in ("OB", "OW") and tag in PIXEL_DATA:
            return self._read_fragments(whole, end, depth)
        if not is_undefined and length and self.data[start : start + 4] != self.item_start:
            return 0
        if vr != "SQ" and not is_undefined and length < 8:
            return 0
        if self.repeats is not None and tag in REFERENCES:
            after = end_of_references(self.data, start, stop, is_undefined=is_undefined)
            if not after and not is_undefined:
                after = end_with_rests(self.data, start, stop, self.repeats.rests)
            if after:
                self.layout.references.append(whole._replace(end=after))
                self.layout.is_partial = True
                return after
        walk = self
        if vr == "UN" and self.is_explicit and self._looks_implicit(start, stop):
            walk = _Walk(self.layout, is_explicit=False, is_big_endian=False)
        known = self.layout
        lists: tuple[list[Any], ...] = (
            known.elements,
            known.marked,
            known.texts,
            known.trouble,
        )
        kept = [len(one) for one in lists]
        after = walk.read_items(whole, stop, depth)
        if vr != "SQ" and not is_undefined and len(known.trouble) > kept[3]:
            # bytes that merely looked like a sequence: take them as they are
            for one, length in zip(lists, kept, strict=True):
                del one[length:]
            return 0
        return after

    def _looks_implicit(self, start: int, stop: int) -> bool:
        """Say whether the first element of the first item has no VR (PS3.5 6.2.2, note 2)."""
        first = start + 8
        return not (first + 6 <= stop and self.data[first + 4 : first + 6] in KNOWN_VRS)

    def read_items(self, whole: Element, end: int, depth: int) -> int:
        position, is_undefined, place = whole.start, whole.end < 0, whole.place
        number = 0
        while position + 8 <= end:
            group, element, length = self.tag_and_length(self.data, position)
            mark, position = group << 16 | element, position + 8
            if mark == SEQUENCE_END and is_undefined:
                return position
            if mark != ITEM:
                position -= 8
                break
            item = Place("", place.character_set, place, whole.tag, number)
            is_open = length == UNDEFINED
            stop = end if is_open else position + length
            if stop > end:
                self.layout.trouble.append(f"The item {item.prefix} is longer than its sequence.")
                stop = end
            position = self.read(position, stop, item, depth=depth + 1, is_open=is_open)
            number += 1
        if position < end or is_undefined:
            name = place.prefix + place.name(whole.tag)
            self.layout.trouble.append(f"The sequence {name} cannot be followed to its end.")
            if position < end:
                self._add(Element(position, end, 0, "UN", Place(name)))
        return end

    def _read_fragments(self, whole: Element, end: int, depth: int) -> int:
        position = whole.start
        while position + 8 <= end:
            group, number, length = self.tag_and_length(self.data, position)
            mark = group << 16 | number
            if mark not in (ITEM, SEQUENCE_END) or length == UNDEFINED:
                break
            if mark == SEQUENCE_END:
                element = whole._replace(end=position)
                (self.layout.elements if depth else self.layout.pixels).append(element)
                return position + 8
            position += 8 + length
        self.layout.trouble.append("The fragments of Pixel Data cannot be followed to their end.")
        self._add(whole._replace(end=end))
        return end
