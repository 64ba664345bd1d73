"""The tag index's walk over one series: count what stands there, decode nothing.

The same bytes stand in file after file of a series, so every top-level element's bytes are
counted as they are, whole sequences included. What the bytes mean depends on the private
creators and the character set met before them: both make up a `State`, and counts are kept per
state. Only a window of each file is read; pixel data is skipped.

Source: DICOM PS3.5 sections 7.1, 7.5 and 7.8.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from deidentify.inventory_texts import texts_in
from deidentify.leaks.elements import (
    DEFLATED,
    EXPLICIT_BIG,
    KNOWN_VRS,
    LONG_VRS,
    dictionary_vr,
)

WINDOW = 1 << 15
MOST_INFLATED = 1 << 28
LONGEST_KEY = 1 << 10
"""Bytes of a binary value above which its digest is counted instead of itself."""
UNDEFINED = 0xFFFFFFFF
DEEPEST = 64

CHARACTER_SET, PIXEL_REPRESENTATION = 0x00080005, 0x00280103
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN", ""})


@dataclass(frozen=True)
class Encoding:
    """How a data set is written (PS3.5 section 10)."""

    is_explicit: bool
    is_big_endian: bool = False

    @property
    def order(self) -> str:
        return ">" if self.is_big_endian else "<"

    @property
    def item_start(self) -> bytes:
        return b"\xff\xfe\xe0\x00" if self.is_big_endian else b"\xfe\xff\x00\xe0"


@dataclass(frozen=True)
class Context:
    """What the bytes of an element mean: encoding, character set, private creators."""

    encoding: Encoding
    character_set: bytes = b""
    is_signed: bool = False
    creators: tuple[tuple[int, str], ...] = ()


@dataclass
class State:
    """Counts under one context.

    `elements` maps the bytes of whole elements to the number of instances, `long` maps
    (tag, VR, length, digest or None for skipped) to it, and `texts` such a digest to what in the
    bytes reads like somebody's name or number. `steps` maps the first eight bytes of
    an element that can be counted as it stands to how far to advance, and the bytes of one
    that changes the context to the state that follows it.
    """

    context: Context
    elements: dict[bytes, int] = field(default_factory=dict)
    long: dict[tuple[int, str, int, bytes | None], int] = field(default_factory=dict)
    texts: dict[bytes, str] = field(default_factory=dict)
    advance: dict[bytes, int] = field(default_factory=dict)
    following: dict[bytes, State] = field(default_factory=dict)


def is_skipped(tag: int) -> bool:
    """Say whether an element is bulk data whose value is not looked at."""
    group, number = tag >> 16, tag & 0xFFFF
    return (
        group == 0x7FE0
        or (0x6000 <= group <= 0x60FF and not group & 1 and number == 0x3000)
        or (0x5000 <= group <= 0x50FF and not group & 1 and number in (0x3000, 0x200C))
        or tag in (0x54001010, 0x56000010, 0x56000020)
    )


def element_vr(tag: int, raw_vr: bytes, context: Context) -> str:
    """Return an element's VR, from its bytes or from PS3.6; "" if neither knows it."""
    if context.encoding.is_explicit:
        return KNOWN_VRS.get(raw_vr, "")
    vr = dictionary_vr(tag)
    if vr == "US" and context.is_signed and tag >> 16 == 0x0028:
        return "SS" if _is_ambiguous(tag) else vr
    return vr


def _is_ambiguous(tag: int) -> bool:
    # late: pydicom's dictionary is needed for implicit VR only, and costs start-up time
    from pydicom.datadict import dictionary_VR

    return dictionary_VR(tag).startswith("US or SS")


class Unreadable(Exception):
    """The rest of this file cannot be followed."""


class Walk:
    """Counts the elements of files of one series."""

    def __init__(self) -> None:
        self.states: dict[Context, State] = {}
        self.size = 0

    def clear(self) -> None:
        """Forget all counts, once they have been taken over."""
        self.states.clear()
        self.size = 0

    def add(self, path: Path) -> None:
        """Count one file. Raises Unreadable behind the last element that could be counted."""
        with path.open("rb", buffering=0) as file:
            buffer = file.read(WINDOW)
            start, syntax = _data_set_start(buffer)
            while start + 8 > len(buffer) and (more := _read(file, start + WINDOW)):
                buffer += more
                start, syntax = _data_set_start(buffer)
            if syntax in DEFLATED:
                buffer, start = _inflated(buffer[start:] + file.read()), 0
            is_explicit = buffer[start + 4 : start + 6] in KNOWN_VRS
            encoding = Encoding(is_explicit, is_explicit and syntax == EXPLICIT_BIG)
            _File(self, file, buffer, start, self.state(Context(encoding))).count()

    def state(self, context: Context) -> State:
        """Return the counts for a context."""
        state = self.states.get(context)
        if state is None:
            state = self.states[context] = State(context)
        return state


def _data_set_start(buffer: bytes) -> tuple[int, str]:
    """Return where the data set begins and the transfer syntax (PS3.10 section 7.1)."""
    position = 132 if buffer[128:132] == b"DICM" else 0
    syntax = ""
    while buffer[position : position + 2] == b"\x02\x00":
        vr = KNOWN_VRS.get(buffer[position + 4 : position + 6], "")
        start = position + (12 if vr in LONG_VRS else 8)
        width = 4 if vr in LONG_VRS or not vr else 2
        length = int.from_bytes(buffer[start - width : start], "little")
        if buffer[position + 2 : position + 4] == b"\x10\x00":
            syntax = buffer[start : start + length].decode("latin-1").strip(" \0")
        position = start + length
    return position, syntax


def _inflated(rest: bytes) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(rest, MOST_INFLATED)
    except zlib.error as error:
        raise Unreadable from error


def _read(file: BinaryIO, count: int) -> bytes:
    """Read what is left of `count` bytes; a buffer for a made-up length is never asked for."""
    return file.read(max(0, min(count, os.fstat(file.fileno()).st_size - file.tell())))


class _File:
    """One file on its way through the window."""

    def __init__(
        self, walk: Walk, file: BinaryIO, buffer: bytes, position: int, state: State
    ) -> None:
        self.walk = walk
        self.file = file
        self.buffer = buffer
        self.position = position
        self.state = state
        encoding = state.context.encoding
        self.head = Struct(encoding.order + "HHL").unpack_from
        self.short = Struct(encoding.order + "H").unpack_from
        self.long = Struct(encoding.order + "L").unpack_from

    def count(self) -> None:
        """Count all top-level elements."""
        state = self.state
        elements, advance = state.elements, state.advance
        buffer, position, filled = self.buffer, self.position, len(self.buffer)
        while True:
            step = advance.get(buffer[position : position + 8], 0)
            stop = position + step
            if step and stop <= filled:
                key = buffer[position:stop]
                if key in elements:
                    elements[key] += 1
                else:
                    elements[key] = 1
                    self.walk.size += step
                position = stop
                continue
            self.position = position
            if not self._has(8):
                return
            self._count_one()
            buffer, position, filled = self.buffer, self.position, len(self.buffer)
            if self.state is not state:
                state = self.state
                elements, advance = state.elements, state.advance

    def _has(self, count: int) -> bool:
        """Make `count` bytes from the position on available, if the file has them."""
        missing = self.position + count - len(self.buffer)
        if missing > 0:
            if self.position > len(self.buffer):
                self.file.seek(self.position - len(self.buffer), 1)
                self.buffer, self.position = _read(self.file, max(WINDOW, count)), 0
            else:
                kept = len(self.buffer) - self.position
                more = _read(self.file, max(WINDOW, missing, kept))
                self.buffer, self.position = self.buffer[self.position :] + more, 0
        return self.position + count <= len(self.buffer)

    def _count_one(self) -> None:
        """Count the element at the position that the tables do not know how to take."""
        context = self.state.context
        group, number, length = self.head(self.buffer, self.position)
        tag, header = group << 16 | number, 8
        if tag == 0 or group == 0xFFFE:
            raise Unreadable  # no element can stand here: zeros, or the end of an item
        vr = element_vr(tag, self.buffer[self.position + 4 : self.position + 6], context)
        if context.encoding.is_explicit:
            if not vr:
                raise Unreadable
            if vr in LONG_VRS:
                if not self._has(12):
                    raise Unreadable
                length, header = self.long(self.buffer, self.position + 8)[0], 12
            else:
                length = self.short(self.buffer, self.position + 6)[0]
        if is_skipped(tag):
            self._skip(tag, vr, header, length)
        elif length == UNDEFINED:
            self._take(self._undefined_end(header, depth=0), is_plain=False)
        elif length > LONGEST_KEY and vr in _BINARY and not self._is_sequence(header, length):
            self._digest(tag, vr, header, length)
        else:
            changes = tag in (CHARACTER_SET, PIXEL_REPRESENTATION) or (
                group & 1 == 1 and 0x10 <= number <= 0xFF
            )
            self._take(header + length, is_plain=header == 8 and not changes)
            if changes:
                self._change(tag, header, length)

    def _take(self, length: int, *, is_plain: bool) -> None:
        if not self._has(length):
            raise Unreadable
        key = self.buffer[self.position : self.position + length]
        if key not in self.state.elements:
            self.walk.size += length
        self.state.elements[key] = self.state.elements.get(key, 0) + 1
        if is_plain:
            self.state.advance[key[:8]] = length
        self.position += length

    def _change(self, tag: int, header: int, length: int) -> None:
        """Go over to the state behind a private creator, a character set, a signedness."""
        whole = header + length
        key = self.buffer[self.position - whole : self.position]
        following = self.state.following.get(key)
        if following is None:
            following = self.walk.state(changed_context(self.state.context, tag, key[header:]))
            self.state.following[key] = following
        self.state = following

    def _is_sequence(self, header: int, length: int) -> bool:
        mark = self.state.context.encoding.item_start
        self._has(header + 8)
        at = self.position + header
        return self.buffer[at : at + 4] == mark and length >= 8

    def _skip(self, tag: int, vr: str, header: int, length: int) -> None:
        self.position += header
        if length != UNDEFINED:
            self._note_long(tag, vr, length, None)
            self.position += length
            return
        total = 0
        while self._has(8):
            group, number, item_length = self.head(self.buffer, self.position)
            self.position += 8
            if group << 16 | number == _SEQUENCE_END:
                self._note_long(tag, vr, total, None)
                return
            self.position += item_length
            total += 8 + item_length
        raise Unreadable

    def _digest(self, tag: int, vr: str, header: int, length: int) -> None:
        if not self._has(header + length):
            raise Unreadable
        start = self.position + header
        value = memoryview(self.buffer)[start : start + length]
        mark = hashlib.sha256(value).digest()
        if (tag, vr, length, mark) not in self.state.long and (found := texts_in(bytes(value))):
            self.state.texts[mark] = found
        self._note_long(tag, vr, length, mark)
        self.position = start + length

    def _note_long(self, tag: int, vr: str, length: int, mark: bytes | None) -> None:
        key = (tag, vr, length, mark)
        self.state.long[key] = self.state.long.get(key, 0) + 1

    def _undefined_end(self, header: int, depth: int) -> int:
        """Return the length of a sequence of undefined length, header and end mark included."""
        at = header
        while self._has(at + 8):
            group, number, length = self.head(self.buffer, self.position + at)
            mark = group << 16 | number
            at += 8
            if mark == _SEQUENCE_END:
                return at
            if mark != _ITEM or depth > DEEPEST:
                raise Unreadable
            at = at + length if length != UNDEFINED else self._open_item_end(at, depth)
        raise Unreadable

    def _open_item_end(self, at: int, depth: int) -> int:
        context = self.state.context
        while self._has(at + 8):
            group, number, length = self.head(self.buffer, self.position + at)
            tag, header = group << 16 | number, 8
            if tag == _ITEM_END:
                return at + 8
            start = self.position + at
            vr = KNOWN_VRS.get(self.buffer[start + 4 : start + 6], "")
            if context.encoding.is_explicit and vr:
                if vr in LONG_VRS:
                    if not self._has(at + 12):
                        raise Unreadable
                    start = self.position + at
                    length, header = self.long(self.buffer, start + 8)[0], 12
                else:
                    length = self.short(self.buffer, start + 6)[0]
            at = (
                self._undefined_end(at + header, depth + 1)
                if length == UNDEFINED
                else (at + header + length)
            )
        raise Unreadable


def changed_context(context: Context, tag: int, value: bytes) -> Context:
    """Return the context behind an element that changes it."""
    creators = context.creators
    character_set, is_signed = context.character_set, context.is_signed
    if tag == CHARACTER_SET:
        character_set = value
    elif tag == PIXEL_REPRESENTATION:
        is_signed = any(value)
    else:
        block = tag >> 16 << 8 | tag & 0xFF
        others = tuple(pair for pair in creators if pair[0] != block)
        creators = (*others, (block, value.decode("latin-1").strip(" \0")))
    return Context(context.encoding, character_set, is_signed, creators)
