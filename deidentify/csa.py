"""The headers that Siemens MR and PET scanners hide in one private element: parsed and rebuilt.

A header is a list of tags; a tag has a name, a VR and items of text. Two forms exist: SV10
(CSA2) begins with that mark, and each item tells its length; the older CSA1 has no mark, and
the first of an item's four numbers is its length plus the number of the first tag's items.

    header   SV10, 4 bytes (CSA2 alone); number of tags, 77 (4 bytes each)
    tag      name (64 bytes), multiplicity (4), VR (4), type (4), number of items (4), 77 or 205 (4)
    item     four numbers (16 bytes), text ending with a zero, filled up to a multiple of four

What does not hold to this is left unparsed from there on; nothing here raises.

Source: no standard; the layout as dcm2niix, nibabel and GDCM read it.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MARK = b"SV10"
_SYNC = (77, 205)
_NAME, _TAG, _ITEM = 64, 84, 16
MOST_TAGS = 4096
_NOTHING = (struct.pack("<4i", 0, 0, 77, 0), struct.pack("<4i", 0, 0, 205, 0))

_numbers = struct.Struct("<4i").unpack_from
_pack_numbers = struct.Struct("<4i").pack
_number = struct.Struct("<i").unpack_from

Edit = tuple[int, int, bytes]  # start, end, what stands there instead


class Item(NamedTuple):
    """An item's text: where its four numbers begin, where the text begins and ends.

    `tag` is where the tag begins whose item it is.
    """

    header: int
    start: int
    end: int
    tag: int


def is_header(block: bytes) -> bool:
    """Whether a block is a header of either form, by its first bytes."""
    if block[:4] == MARK:
        return True
    return block[4:8] == b"M\0\0\0" and block[2:4] == b"\0\0" and len(block) > 8 + _TAG


def items(block: bytes, after: int = 0) -> Iterator[Item]:
    """Yield every item that holds something and ends behind `after`, in order."""
    is_marked = block[:4] == MARK
    position = 16 if is_marked else 8
    size = len(block)
    first = 0
    for tag in range(MOST_TAGS):
        begin = position
        position += _TAG
        if position > size:
            return
        (count,) = _number(block, begin + 76)
        if _number(block, begin + 80)[0] not in _SYNC or not 0 <= count <= size:
            return
        if not is_marked and tag == 0:
            first = count
        left = count
        while left > 0:
            left -= 1
            start = position + _ITEM
            if start > size:
                return
            numbers = _numbers(block, position)
            length = numbers[1] if is_marked else numbers[0] - first
            if not 0 <= length <= size - start:
                if is_marked or length >= 0:
                    return
                length = 0
            if length:
                if start + length > after:
                    yield Item(position, start, start + length, begin)
                position = start + length + (-length & 3)
            else:  # most tags end with several items that hold nothing
                position = start
                while left and block.startswith(_NOTHING, position):
                    position += _ITEM
                    left -= 1


def name_of(block: bytes, item: Item) -> bytes:
    """Return the name of the tag that an item belongs to."""
    return block[item.tag : item.tag + _NAME].split(b"\0", 1)[0]


def texts(block: bytes) -> bytes:
    """Return a block of the same length that holds the items' texts alone, zeros elsewhere."""
    only = bytearray(len(block))
    for item in items(block):
        only[item.start : item.end] = block[item.start : item.end]
    return bytes(only)


def enclosing(block: bytes, positions: Iterable[int]) -> dict[int, Item]:
    """Return, for each of `positions` that lies in an item's text, the item."""
    wanted = sorted(positions)
    found: dict[int, Item] = {}
    if not wanted:
        return found
    last = wanted[-1]
    for item in items(block, wanted[0]):
        index = bisect_right(wanted, item.start - 1)
        while index < len(wanted) and wanted[index] < item.end:
            found[wanted[index]] = item
            index += 1
        if item.end > last:
            break
    return found


def rebuilt(block: bytes, found: Iterable[Item], edits: Iterable[Edit]) -> bytes:
    """Return the header with its items' texts changed: lengths and filling follow.

    Args:
        block: the header.
        found: the items that the edits are in.
        edits: in the order of where they stand; they do not overlap, and each is within an item.
    """
    listed = sorted(set(found))
    starts = [item.start for item in listed]
    by_item: dict[Item, list[Edit]] = {}
    for edit in edits:
        by_item.setdefault(listed[bisect_right(starts, edit[0]) - 1], []).append(edit)
    pieces = []
    behind = 0
    for item, changes in by_item.items():
        text = changed(block[item.start : item.end], changes, item.start)
        old, more = item.end - item.start, len(text) - (item.end - item.start)
        numbers = list(_numbers(block, item.header))
        for place in (0, 1, 3):
            if numbers[place] == old or place == 0:
                numbers[place] += more
        pieces += [block[behind : item.header], _pack_numbers(*numbers), text]
        pieces.append(bytes(-len(text) & 3))
        behind = item.end + (-old & 3)
    pieces.append(block[behind:])
    return b"".join(pieces)


def changed(text: bytes, edits: Iterable[Edit], offset: int = 0) -> bytes:
    """Return `text` with the edits made; they count from `offset` and do not overlap."""
    pieces = []
    behind = 0
    for start, end, new in edits:
        pieces += [text[behind : start - offset], new]
        behind = end - offset
    pieces.append(text[behind:])
    return b"".join(pieces)
