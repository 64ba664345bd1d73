"""The walk over a header: kept bytes stay where they are, changed elements are put between.

Nothing is decoded but what an edit asks for. Pixel data ends the walk: it and what follows is
passed on as it stands. What comes out is a list of parts, each a piece of memory or a range of the
source file.

Source: DICOM PS3.5 section 7.1 (elements), 7.5 (sequences), 6.2.2 (unknown VR), A.4.
"""

import struct
from dataclasses import dataclass
from mmap import mmap

from deidentify.elements import ALL_VRS, LONG_VRS, lookup
from deidentify.encoding import ITEM, UNDEFINED, encode, header, pack_length, padded
from exports.errors import CannotTransform
from exports.walking.edits import File, Level
from exports.walking.values import UTF_8, bare

Part = bytes | tuple[int, int]

CHARACTER_SET = 0x00080005
PIXEL_GROUP = 0x7FE0
ITEM_TAG, ITEM_OVER, SEQUENCE_OVER = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
DEEPEST = 64
EARLY = frozenset({CHARACTER_SET, 0x00080016, 0x00080018, 0x00080020, 0x0008002A, 0x00080060,
                   0x00100030, 0x0020000D, 0x0020000E})  # fmt: skip
"""Elements whose values later edits ask for."""

_VRS = {vr.encode(): vr for vr in ALL_VRS}
_short = struct.Struct("<HH2sH").unpack_from
_long = struct.Struct("<L").unpack_from
_broken = "The header of an image cannot be read element by element."


@dataclass(slots=True)
class Here:
    """Where the walk is; what an edit is told."""

    tag: int
    vr: str
    charset: bytes
    parents: tuple[int, ...]
    file: File


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
            parts, end = self._elements(
                start, self.size, level, explicit=explicit, charset=b"", depth=0
            )
        except (struct.error, RecursionError) as error:
            raise CannotTransform(_broken) from error
        if end < self.size:
            parts.append((end, self.size))
        return parts

    def _elements(
        self,
        position: int,
        stop: int,
        level: Level,
        *,
        explicit: bool,
        charset: bytes,
        depth: int,
        undefined: bool = False,
    ) -> tuple[list[Part], int]:
        """Walk one data set, or one item; return its parts and where it ended."""
        if depth > DEEPEST:
            raise CannotTransform(_broken)
        data, size = self.data, self.size
        parts: list[Part] = []
        run = position
        creators: dict[int, str] = {}
        inserts, waiting = level.inserts, 0
        slot = -1
        while position < stop:
            group, element, name, length = _short(data, position)
            tag = group << 16 | element
            if group == PIXEL_GROUP and not depth:
                stop = position
                break
            if undefined and tag == ITEM_OVER:
                stop = position
                break
            if explicit:
                vr = _VRS.get(bytes(name), "")
                if not vr:
                    raise CannotTransform(_broken)
                begin = position + 8
                if vr in LONG_VRS:
                    (length,) = _long(data, begin)
                    begin += 4
            else:
                (length,) = _long(data, position + 4)
                begin, vr = position + 8, ""
            while waiting < len(inserts) and inserts[waiting][0] < tag:
                new = self._inserted(level, inserts[waiting], charset, explicit=explicit)
                if new:
                    parts += [(run, position), new]
                    run = position
                waiting += 1
            if not depth and slot < 0 and tag >= CHARACTER_SET:
                parts += [(run, position), b""]
                slot, run = len(parts) - 1, position
            if waiting < len(inserts) and inserts[waiting][0] == tag:
                waiting += 1
            creator = ""
            if group & 1:
                if 0x10 <= element <= 0xFF:
                    text = bytes(data[begin : begin + length]).strip(b" \0")
                    creators[group << 8 | element] = text.decode("latin-1")
                else:
                    creator = creators.get(group << 8 | element >> 8, "?")
            if not explicit or vr == "UN":
                found = lookup(tag) if not group & 1 else None
                meant = found[0] if found else "UN"
            else:
                meant = vr
            if length == UNDEFINED or meant == "SQ":
                edit = level.edit(tag, "SQ", creator)
                inner = level.inner(tag, creator)
                is_coded = length == UNDEFINED and vr in ("OB", "OW")
                if is_coded:
                    inner = None
                items, end = self._items(
                    begin,
                    UNDEFINED if length == UNDEFINED else begin + length,
                    inner,
                    explicit=explicit and vr != "UN",
                    charset=charset,
                    depth=depth + 1,
                )
                if edit is not None:
                    here = Here(tag, "SQ", charset, level.parents, self.file)
                    kept = edit(b"items", here)
                    if kept is None or kept == b"":
                        self.changes += 1
                        new = b"" if kept is None else header(tag, vr or "SQ", 0, explicit=explicit)
                        parts += [(run, position), new]
                        run = position = end
                        continue
                if items is not None:
                    total = sum(len(p) if isinstance(p, bytes) else p[1] - p[0] for p in items)
                    parts += [(run, position), header(tag, vr or "SQ", total, explicit=explicit)]
                    parts += items
                    run = end
                position = end
                continue
            end = begin + length
            if end > size or (end > stop and not undefined):
                raise CannotTransform(_broken)
            if tag == CHARACTER_SET:
                charset = bytes(data[begin:end]).strip(b" \0")
                if not depth:
                    parts[slot] = bytes(data[position:end])
                    run = end
            if not depth and tag in EARLY:
                self.file.seen[tag] = bytes(data[begin:end]).rstrip(b" \0")
            edit = level.edit(tag, meant, creator)
            if edit is not None:
                stored = bare(bytes(data[begin:end]), meant)
                here = Here(tag, meant, charset, level.parents, self.file)
                changed = edit(stored, here)
                if changed is None:
                    self.changes += 1
                    parts.append((run, position))
                    run = end
                elif changed != stored:
                    self.changes += 1
                    new = encode(tag, vr or meant, padded(changed, meant), explicit=explicit)
                    parts += [(run, position), new]
                    run = end
            position = end
        for one in inserts[waiting:]:
            new = self._inserted(level, one, charset, explicit=explicit)
            if new:
                parts += [(run, stop), new]
                run = stop
        if not depth and self.file.turns_utf_8:
            new = encode(CHARACTER_SET, "CS", UTF_8, explicit=explicit)
            if slot < 0:
                parts.insert(0, new)
            else:
                parts[slot] = new
        parts.append((run, stop))
        return parts, stop

    def _inserted(
        self, level: Level, missing: tuple[int, str], charset: bytes, *, explicit: bool
    ) -> bytes:
        """Return an element that the data set lacks; nothing if there is nothing to put in."""
        tag, vr = missing
        edit = level.edit(tag, vr, "")
        value = edit and edit(None, Here(tag, vr, charset, level.parents, self.file))
        if value is None:
            return b""
        self.changes += 1
        return encode(tag, vr, padded(value, vr), explicit=explicit)

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
            inside, end = self._elements(
                begin,
                limit if length == UNDEFINED else begin + length,
                level or Level(),
                explicit=explicit,
                charset=charset,
                depth=depth,
                undefined=length == UNDEFINED,
            )
            after = end + 8 if length == UNDEFINED else end
            if end > limit:
                raise CannotTransform(_broken)
            if self.changes == before and length != UNDEFINED:
                parts.append((position, end))
            else:
                total = sum(len(p) if isinstance(p, bytes) else p[1] - p[0] for p in inside)
                parts += [ITEM + pack_length(total), *inside]
            position = after
        if is_open:
            raise CannotTransform(_broken)
        return (parts if self.changes > before_all else None), position
