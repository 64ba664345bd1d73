"""Where everything lies in a DICOM file: the leak check's own reader.

It shares no code with the rewriting, decodes nothing, follows every sequence (those stored as
UN too) and never raises on bad data: what it cannot follow becomes a stretch of bytes with a
sentence in `Layout.trouble`, and is searched like everything else.

Source: DICOM PS3.5 section 7 (data set), PS3.10 section 7 (file format).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from struct import Struct
from typing import NamedTuple

Bytes = bytes | mmap

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1"})
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG}) | DEFLATED

PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
CHARACTER_SET = 0x00080005

LONG_VRS = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())  # noqa: SIM905
SHORT_VRS = frozenset("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())  # noqa: SIM905
KNOWN_VRS = {vr.encode(): vr for vr in LONG_VRS | SHORT_VRS}

BYTES_FOLLOW = "Bytes that are no elements follow the data set."
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
DEEPEST = 64
IN_NEXT_FOUR = -1
"""Said of a length that is in the four bytes behind the first eight (PS3.5 7.1.2)."""
HEADS = 1 << 16
"""First eight bytes of elements that are remembered per encoding; they repeat across files."""
IN_MEMORY = 8 << 20
"""Files up to this many bytes are read at once; larger ones are mapped."""


class Place:
    """A data set inside the file: the main one, the file meta, or one item of a sequence."""

    __slots__ = ("character_set", "creators", "prefix")

    def __init__(self, prefix: str, character_set: bytes = b"") -> None:
        self.prefix = prefix
        self.character_set = character_set
        self.creators: dict[int, str] = {}

    def name(self, tag: int) -> str:
        """Return an element's own part of a path, private ones by their creator."""
        group, element = tag >> 16, tag & 0xFFFF
        if group & 1 and element > 0xFF:
            creator = self.creators.get((group << 8) | (element >> 8), "")
            return f'({group:04X},"{creator}",{element & 0xFF:02X})'
        return f"({group:04X},{element:04X})"


class Element(NamedTuple):
    """One element that is no sequence; `start` and `end` bound its value in the file."""

    start: int
    end: int
    tag: int
    vr: str
    place: Place

    @property
    def path(self) -> str:
        """Where it is, with item numbers: `(0008,1140)[0](0008,1155)`."""
        if not self.tag:
            return self.place.prefix
        return self.place.prefix + self.place.name(self.tag)


@dataclass
class Layout:
    """One file, taken apart. Elements come in the order in which they lie in the file."""

    data: Bytes
    transfer_syntax_uid: str = ""
    data_set_start: int = 0
    elements: list[Element] = field(default_factory=list)
    pixels: list[Element] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def is_incomplete(self) -> bool:
        """Elements may have been missed; bytes behind the last element do not count."""
        return any(sentence != BYTES_FOLLOW for sentence in self.trouble)

    @property
    def is_native(self) -> bool:
        return self.transfer_syntax_uid in NATIVE

    @property
    def is_big_endian(self) -> bool:
        return self.transfer_syntax_uid == EXPLICIT_BIG


def load(path: Path) -> Bytes:
    """Return the file's bytes, mapped if there are many."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size <= IN_MEMORY:
            return file.read()
        return mmap(file.fileno(), 0, access=ACCESS_READ)


def read_layout(data: Bytes) -> Layout:
    """Take one file apart.

    A deflated data set is inflated first: `Layout.data` then holds the inflated file, and
    `trouble` says so when inflating fails.
    """
    layout = Layout(data)
    position = 0
    if data[128:132] == b"DICM":
        layout.elements.append(Element(0, 128, 0, "OB", Place("preamble")))
        position = _FileMeta(layout).read(132)
    elif data[:2] == b"\x02\x00" or data[:4] == b"DICM":
        position = _FileMeta(layout).read(4 if data[:4] == b"DICM" else 0)
    if layout.transfer_syntax_uid in DEFLATED:
        _inflate(layout, position)
    layout.data_set_start = position
    _Walk(layout, *_encoding(layout, position)).read_main(position)
    return layout


def _inflate(layout: Layout, position: int) -> None:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(bytes(layout.data[position:]))
    except zlib.error:
        layout.trouble.append("The deflated data set cannot be inflated.")
        return
    layout.data = bytes(layout.data[:position]) + inflated


def _encoding(layout: Layout, position: int) -> tuple[bool, bool]:
    """Return (is explicit, is big endian), believing the bytes rather than the label."""
    if layout.is_big_endian:
        return True, True
    vr = layout.data[position + 4 : position + 6]
    return vr in KNOWN_VRS, False


@lru_cache(maxsize=8192)
def dictionary_vr(tag: int) -> str:
    """Return the VR that PS3.6 gives a public tag, "" if it does not know it."""
    # late: pydicom's dictionary is needed for implicit VR only, and costs start-up time
    from pydicom.datadict import dictionary_VR

    try:
        vr: str = dictionary_VR(tag)
    except KeyError:
        return "LO" if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF else ""
    return vr[:2]


_HEADS: dict[tuple[bool, bool], dict[bytes, tuple[int, str, int]]] = {
    (is_explicit, is_big): {} for is_explicit in (True, False) for is_big in (True, False)
}


class _Walk:
    """The data set from its first element to its last, in one encoding."""

    def __init__(self, layout: Layout, is_explicit: bool, is_big_endian: bool) -> None:
        self.layout = layout
        self.data = layout.data
        self.is_explicit = is_explicit
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
            rest = Place("bytes after the data set")
            self.layout.elements.append(Element(position, end, 0, "UN", rest))
            if bytes(self.data[position:end]).strip(b"\0"):
                self.layout.trouble.append(BYTES_FOLLOW)

    def read(self, position: int, end: int, place: Place, *, depth: int, is_open: bool) -> int:
        """Read elements until `end`, or until an item's end mark if `is_open`.

        Returns the position behind the last element that could be followed.
        """
        data, heads, add = self.data, self.heads, self.layout.elements.append
        new = tuple.__new__
        while position + 8 <= end:
            head = data[position : position + 8]
            tag, vr, length = heads.get(head) or self._note(head)
            start = position + 8
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
                    continue
            if stop > end:
                if length == UNDEFINED or tag not in PIXEL_DATA:
                    break
                self.layout.trouble.append("Pixel Data is shorter than its length says.")
                stop = end
            element = new(Element, (start, stop, tag, vr, place))
            if tag & 0x10000 and 0x10 <= tag & 0xFFFF <= 0xFF:
                creator = bytes(data[start:stop]).decode("latin-1").strip(" \0")
                place.creators[tag >> 16 << 8 | tag & 0xFF] = creator
            elif tag == CHARACTER_SET:
                place.character_set = bytes(data[start:stop])
            if tag in PIXEL_DATA and not depth:
                self.layout.pixels.append(element)
            else:
                add(element)
            position = stop
        if depth and position < end:
            self._lost(place, position, end, depth)
            return end
        return position

    def _note(self, head: bytes) -> tuple[int, str, int]:
        """Remember what the first eight bytes of an element say: tag, VR, length."""
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
        if len(self.heads) < HEADS:
            self.heads[head] = tag, vr, length
        return tag, vr, length

    def _lost(self, place: Place, position: int, end: int, depth: int) -> None:
        if depth:
            self.layout.trouble.append(f"The item at {place.prefix} cannot be followed to its end.")
            self.layout.elements.append(Element(position, end, 0, "UN", place))

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
        walk = self
        if vr == "UN" and self.is_explicit and self._looks_implicit(start, stop):
            walk = _Walk(self.layout, is_explicit=False, is_big_endian=False)
        kept = len(self.layout.elements), len(self.layout.trouble)
        after = walk._read_items(whole, stop, depth)
        if vr != "SQ" and not is_undefined and len(self.layout.trouble) > kept[1]:
            # bytes that merely looked like a sequence: take them as they are
            del self.layout.elements[kept[0] :], self.layout.trouble[kept[1] :]
            return 0
        return after

    def _looks_implicit(self, start: int, stop: int) -> bool:
        """Say whether the first element of the first item has no VR (PS3.5 6.2.2, note 2)."""
        first = start + 8
        return not (first + 6 <= stop and self.data[first + 4 : first + 6] in KNOWN_VRS)

    def _read_items(self, whole: Element, end: int, depth: int) -> int:
        position, is_undefined, place = whole.start, whole.end < 0, whole.place
        name = place.prefix + place.name(whole.tag)
        number = 0
        while position + 8 <= end:
            group, element, length = self.tag_and_length(self.data, position)
            mark, position = group << 16 | element, position + 8
            if mark == SEQUENCE_END and is_undefined:
                return position
            if mark != ITEM:
                position -= 8
                break
            item = Place(f"{name}[{number}]", place.character_set)
            is_open = length == UNDEFINED
            stop = end if is_open else position + length
            if stop > end:
                self.layout.trouble.append(f"The item {item.prefix} is longer than its sequence.")
                stop = end
            position = self.read(position, stop, item, depth=depth + 1, is_open=is_open)
            number += 1
        if position < end or is_undefined:
            self.layout.trouble.append(f"The sequence {name} cannot be followed to its end.")
            if position < end:
                self.layout.elements.append(Element(position, end, 0, "UN", Place(name)))
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
        self.layout.elements.append(whole._replace(end=end))
        return end


class _FileMeta:
    """Group 0002: always explicit VR little endian (PS3.10 section 7.1)."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.walk = _Walk(layout, is_explicit=True, is_big_endian=False)

    def read(self, position: int) -> int:
        """Read group 0002 and return where the data set begins."""
        data, place = self.layout.data, Place("file meta ")
        while data[position : position + 2] == b"\x02\x00" and position + 8 <= len(data):
            vr = KNOWN_VRS.get(bytes(data[position + 4 : position + 6]), "")
            start = position + 8
            if vr in LONG_VRS and start + 4 <= len(data):
                length, start = self.walk.long(data, start)[0], start + 4
            elif vr:
                length = self.walk.short(data, position + 6)[0]
            else:
                length = self.walk.long(data, position + 4)[0]
            stop = start + length
            if stop > len(data):
                self.layout.trouble.append("The file meta information is cut off.")
                return position
            tag = 0x00020000 | self.walk.short(data, position + 2)[0]
            self.layout.elements.append(Element(start, stop, tag, vr, place))
            if tag == 0x00020010:
                uid = bytes(data[start:stop]).decode("latin-1").strip(" \0")
                self.layout.transfer_syntax_uid = uid
            position = stop
        return position
