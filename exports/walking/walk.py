"""The walk over a header: kept bytes stay where they are, changed elements are put between.

Nothing is decoded but what an edit asks for, and pixel data is stepped over unread. The walk ends
behind the last element that something is to be done to. What comes out is a list of parts, each a
piece of memory or a range of the source file.

Source: DICOM PS3.5 section 7.1 (elements), 7.5 (sequences), 6.2.2 (unknown VR), A.4.
"""

import struct
from dataclasses import dataclass
from mmap import mmap
from typing import NamedTuple

from deidentify.elements import ALL_VRS, LONG_VRS, lookup
from deidentify.encoding import ITEM, UNDEFINED, encode, header, pack_length, padded
from exports.errors import CannotTransform
from exports.walking.edits import ANY_TAG, Edit, File, Level
from exports.walking.values import UTF_8, bare

Part = bytes | tuple[int, int]

CHARACTER_SET = 0x00080005
DELIMITERS = 0xFFFE
LONG = -1
MOST_REMEMBERED = 50_000
NOTHING = Level()
ITEM_TAG, ITEM_OVER, SEQUENCE_OVER = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
DEEPEST = 64
EARLY = frozenset({CHARACTER_SET, 0x00080016, 0x00080018, 0x00080020, 0x0008002A, 0x00080060,
                   0x00100030, 0x0020000D, 0x0020000E})  # fmt: skip
"""Elements whose values later edits ask for."""

_VRS = {vr.encode(): vr for vr in ALL_VRS}
_short = struct.Struct("<HH2sH").unpack_from
_long = struct.Struct("<L").unpack_from
_heads: dict[bool, dict[bytes, "_Head"]] = {True: {}, False: {}}
_broken = "The header of an image cannot be read element by element."


@dataclass(slots=True)
class Here:
    """Where the walk is; what an edit is told."""

    tag: int
    vr: str
    charset: bytes
    parents: tuple[int, ...]
    file: File


class _DataSet:
    """A data set, or an item, under way: what it becomes, and what holds inside of it.

    Args:
        start: where it begins.
        level: what is to be done.
        explicit: VRs are written out.
        charset: Specific Character Set in force.
        depth: how many sequences it is in.
    """

    def __init__(
        self, start: int, level: Level, *, explicit: bool, charset: bytes, depth: int
    ) -> None:
        if depth > DEEPEST:
            raise CannotTransform(_broken)
        self.level, self.explicit, self.charset, self.depth = level, explicit, charset, depth
        self.creators: dict[int, str] = {}
        self.parts: list[Part] = []
        self.run = start
        self.slot = -1

    def put(self, new: list[Part], start: int, end: int) -> None:
        """Put something in the place of the bytes from `start` to `end`."""
        if self.run < start:
            self.parts.append((self.run, start))
        self.parts += new
        self.run = end

    def reserve(self, position: int) -> None:
        """Keep a place for the character set, which is known when all of the rest is written."""
        if self.slot < 0:
            self.put([b""], position, position)
            self.slot = len(self.parts) - 1

    def close(self, end: int) -> list[Part]:
        """Return all parts up to where the data set ends."""
        if self.run < end:
            self.parts.append((self.run, end))
        return self.parts


class _Element(NamedTuple):
    """One element: `vr` as the file tells it, "" if it does not, `meant` how it is to be read."""

    tag: int
    vr: str
    meant: str
    creator: str
    start: int
    begin: int
    length: int


_Head = tuple[int, str, str, int, int]
"""Tag, VR, VR to read it by, length (LONG: it stands behind), bytes up to it or the value."""


class Walk:
    """One pass over one data set.

    Args:
        data: the whole file, which may be mapped into memory.
        file: what is known of it.

    Raises:
        CannotTransform: from walk(); the header cannot be read, or an edit refused.
    """

    def __init__(self, data: bytes | mmap, file: File) -> None:
        self.data = data
        self.size = len(data)
        self.file = file
        self.changes = 0

    def walk(self, start: int, level: Level, *, explicit: bool) -> list[Part]:
        """Return the parts of the new data set, from the byte where the source's begins on."""
        self.changes = 0
        try:
            whole = _DataSet(start, level, explicit=explicit, charset=b"", depth=0)
            parts, end = self._elements(start, self.size, whole)
        except (struct.error, RecursionError) as error:
            raise CannotTransform(_broken) from error
        if end < self.size:
            parts.append((end, self.size))
        return parts

    def _elements(
        self, position: int, stop: int, inside: _DataSet, *, undefined: bool = False
    ) -> tuple[list[Part], int]:
        """Walk one data set, or one item; return its parts and where it ended."""
        data, level, is_main = self.data, inside.level, not inside.depth
        heads = _heads[inside.explicit]
        inserts, waiting = level.inserts, 0
        last = level.last if is_main else ANY_TAG
        while position < stop:
            head = heads.get(data[position : position + 8])
            tag, vr, meant, length, size = head or _read_head(data, position, inside.explicit)
            if tag == ITEM_OVER:
                if not undefined:
                    raise CannotTransform(_broken)
                stop = position
                break
            if waiting < len(inserts) and inserts[waiting][0] <= tag:
                waiting = self._insert_up_to(tag, inside, waiting, position)
            if is_main and tag >= CHARACTER_SET:
                inside.reserve(position)
                if tag > last:
                    stop = position
                    break
            if length == LONG:
                (length,) = _long(data, position + 8)
            begin = position + size
            creator = self._creator(tag, begin, length, inside) if tag >> 16 & 1 else ""
            if length == UNDEFINED or meant == "SQ":
                element = _Element(tag, vr, meant, creator, position, begin, length)
                position = self._sequence(inside, element)
                continue
            end = begin + length
            if end > self.size or (end > stop and not undefined):
                raise CannotTransform(_broken)
            if tag in EARLY:
                self._note(tag, position, begin, end, inside)
            edit = level.edit(tag, meant, creator)
            if edit is not None:
                element = _Element(tag, vr, meant, creator, position, begin, length)
                self._treat(inside, element, edit)
            position = end
        self._insert_up_to(ANY_TAG, inside, waiting, stop)
        if is_main and self.file.turns_utf_8:
            inside.reserve(stop)
            new = encode(CHARACTER_SET, "CS", UTF_8, explicit=inside.explicit)
            inside.parts[inside.slot] = new
        return inside.close(stop), stop

    def _creator(self, tag: int, begin: int, length: int, inside: _DataSet) -> str:
        """Return the creator of a private element; note it, if the element itself is one."""
        group, number = tag >> 16, tag & 0xFFFF
        if 0x10 <= number <= 0xFF:
            text = bytes(self.data[begin : begin + length]).strip(b" \0")
            inside.creators[group << 8 | number] = text.decode("latin-1")
            return ""
        return inside.creators.get(group << 8 | number >> 8, "?")

    def _note(self, tag: int, start: int, begin: int, end: int, inside: _DataSet) -> None:
        """Note a value that later elements depend on."""
        value = bytes(self.data[begin:end])
        if tag == CHARACTER_SET:
            inside.charset = value.strip(b" \0")
        if inside.depth:
            return
        self.file.seen[tag] = value.rstrip(b" \0")
        if tag == CHARACTER_SET:
            inside.parts[inside.slot] = bytes(self.data[start:end])
            inside.run = end

    def _treat(self, inside: _DataSet, element: _Element, edit: Edit) -> None:
        """Let an edit decide about an element's value."""
        end, meant = element.begin + element.length, element.meant
        stored = bare(bytes(self.data[element.begin : end]), meant)
        changed = edit(stored, self._here(element.tag, meant, inside))
        if changed == stored:
            return
        self.changes += 1
        if changed is None:
            inside.put([], element.start, end)
            return
        value = padded(changed, meant)
        new = encode(element.tag, element.vr or meant, value, explicit=inside.explicit)
        inside.put([new], element.start, end)

    def _here(self, tag: int, vr: str, inside: _DataSet) -> Here:
        return Here(tag, vr, inside.charset, inside.level.parents, self.file)

    def _sequence(self, inside: _DataSet, element: _Element) -> int:
        """Walk a sequence; return where it ends."""
        tag, vr, level = element.tag, element.vr, inside.level
        is_open = element.length == UNDEFINED
        # Compressed frames of an icon have the form of items, and nothing to be changed.
        is_coded = is_open and vr in ("OB", "OW")
        items, end = self._items(
            element.begin,
            UNDEFINED if is_open else element.begin + element.length,
            None if is_coded else level.inner(tag, element.creator),
            explicit=inside.explicit and vr != "UN",
            charset=inside.charset,
            depth=inside.depth + 1,
        )
        edit = level.edit(tag, "SQ", element.creator)
        left = edit and edit(b"items", self._here(tag, "SQ", inside))
        if edit is not None and not left:
            self.changes += 1
            empty: list[Part] = [header(tag, vr or "SQ", 0, explicit=inside.explicit)]
            inside.put([] if left is None else empty, element.start, end)
        elif items is not None:
            new = header(tag, vr or "SQ", _length(items), explicit=inside.explicit)
            inside.put([new, *items], element.start, end)
        return end

    def _insert_up_to(self, before: int, inside: _DataSet, waiting: int, position: int) -> int:
        """Put in what the data set lacks before a tag; return how many elements are settled."""
        inserts = inside.level.inserts
        while waiting < len(inserts) and inserts[waiting][0] < before:
            tag, vr = inserts[waiting]
            edit = inside.level.edit(tag, vr, "")
            value = edit and edit(None, self._here(tag, vr, inside))
            if value is not None:
                self.changes += 1
                new = encode(tag, vr, padded(value, vr), explicit=inside.explicit)
                inside.put([new], position, position)
            waiting += 1
        is_there = waiting < len(inserts) and inserts[waiting][0] == before
        return waiting + is_there

    def _items(
        self,
        position: int,
        stop: int,
        level: Level | None,
        *,
        explicit: bool,
        charset: bytes,
        depth: int,
    ) -> tuple[list[Part] | None, int]:
        """Walk the items of a sequence; return their parts, None if all stay, and where it ends."""
        if level is None and stop != UNDEFINED:
            return None, stop
        data = self.data
        parts: list[Part] = []
        before_all = self.changes
        is_open = stop == UNDEFINED
        limit = self.size if is_open else stop
        while position < limit:
            group, element, _, _ = _short(data, position)
            tag = group << 16 | element
            (length,) = _long(data, position + 4)
            if tag == SEQUENCE_OVER and is_open:
                return (parts if self.changes > before_all else None), position + 8
            if tag != ITEM_TAG:
                raise CannotTransform(_broken)
            begin, before = position + 8, self.changes
            if level is None and length != UNDEFINED:
                position = begin + length
                continue
            item = _DataSet(
                begin, level or NOTHING, explicit=explicit, charset=charset, depth=depth
            )
            is_open_item = length == UNDEFINED
            inside, end = self._elements(
                begin, limit if is_open_item else begin + length, item, undefined=is_open_item
            )
            after = end + 8 if length == UNDEFINED else end
            if end > limit:
                raise CannotTransform(_broken)
            if self.changes == before and length != UNDEFINED:
                parts.append((position, end))
            else:
                parts += [ITEM + pack_length(_length(inside)), *inside]
            position = after
        if is_open:
            raise CannotTransform(_broken)
        return (parts if self.changes > before_all else None), position


def _read_head(data: bytes | mmap, position: int, explicit: bool) -> _Head:
    """Read the header of an element, and keep it for the next that has the same."""
    group, number, name, length = _short(data, position)
    tag, vr, size = group << 16 | number, "", 8
    if explicit and group != DELIMITERS:
        vr = _VRS.get(name, "")
        if not vr:
            raise CannotTransform(_broken)
        if vr in LONG_VRS:
            length, size = LONG, 12
    else:
        (length,) = _long(data, position + 4)
    meant = vr or "UN"
    if vr in ("", "UN") and not group & 1:
        found = lookup(tag)
        meant = found[0] if found else "UN"
    head = (tag, vr, meant, length, size)
    heads = _heads[explicit]
    if len(heads) < MOST_REMEMBERED:
        heads[bytes(data[position : position + 8])] = head
    return head


def _length(parts: list[Part]) -> int:
    return sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts)
