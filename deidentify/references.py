"""Items that are alike but for one UID: references to other instances.

An image can refer to dozens of others, by items that hold a SOP class and a UID each. What such
an item looks like is learned from one; the next ones are compared with it at once, and only their
UIDs are looked at.

Source: DICOM PS3.3 section 10.8 (SOP Instance Reference Macro).
"""

from struct import iter_unpack
from typing import NamedTuple

from deidentify.changes import NewUids
from deidentify.encoding import pack_length
from deidentify.states import State
from deidentify.under_way import UnderWay

HEADER = 8  # tag, VR and length of an element of VR UI
MOST_AT_ONCE = 64  # items looked at, of which the first alone may be alike


class Reference(NamedTuple):
    """What items look like that are alike but for one UID.

    Args:
        head: an item's bytes up to the UID.
        room: how long the UID is.
        tail: the bytes behind it.
        change: what becomes of the element.
        heads: length of a new UID -> what a new item begins with.
        tails: what stands behind a new UID of even and of odd length.
    """

    head: bytes
    room: int
    tail: bytes
    change: NewUids
    heads: tuple[bytes, ...]
    tails: tuple[bytes, bytes]

    @classmethod
    def of(cls, head: bytes, room: int, tail: bytes, change: NewUids) -> "Reference":
        """Return what one item shows."""
        rest = len(head) - HEADER + len(tail)
        heads = tuple(
            head[:4] + pack_length(rest + length + length % 2) + head[8:-HEADER] + header
            for length, header in enumerate(change.headers)
        )
        return cls(head, room, tail, change, heads, (tail, b"\0" + tail))

    def values(self, buffer: bytes, position: int, stop: int) -> list[bytes]:
        """Return the UIDs, as stored, of the items from `position` on that are like this."""
        head, tail = self.head, self.tail
        size = len(head) + self.room + len(tail)
        number = min((stop - position) // size, MOST_AT_ONCE)
        if number <= 0 or not buffer.startswith(head, position):
            return []
        items = buffer[position : position + number * size]
        heads, values, tails = zip(
            *iter_unpack(f"{len(head)}s{self.room}s{len(tail)}s", items), strict=True
        )
        if heads.count(head) < number or tails.count(tail) < number:
            pairs = enumerate(zip(heads, tails, strict=True))
            number = next(place for place, pair in pairs if pair != (head, tail))
        return list(values[:number])

    def replaced(self, walk: UnderWay, values: list[bytes]) -> tuple[bytes, int]:
        """Return the items with new UIDs for these, and how many stay as they are."""
        drawn = self.change.drawn(values)
        if drawn is not None:
            heads, tails = self.heads, self.tails
            items = [heads[len(uid)] + uid + tails[len(uid) & 1] for uid in drawn]
            return b"".join(items), 0
        items, kept = [], 0
        for value in values:
            old = self.head[-HEADER:] + value
            new = self.change(walk, old)
            kept += new is None
            element = old if new is None else new
            length = pack_length(len(self.head) - 2 * HEADER + len(element) + len(self.tail))
            items += (self.head[:4], length, self.head[8:-HEADER], element, self.tail)
        return b"".join(items), kept


def pass_references(walk: UnderWay, state: State, position: int, stop: int) -> int:
    """Take as many items as are alike; return where the first other one begins.

    Args:
        walk: on its way; its run and delta go on.
        state: of the items.
        position: of the first.
        stop: where the sequence, or what is known of it, ends.
    """
    reference: Reference | None = state.reference
    if reference is None:
        return position
    buffer, base = walk.window.buffer, walk.window.base
    values = reference.values(buffer, position, min(stop, len(buffer)))
    if not values:
        return position
    if walk.run < position:
        walk.chunks.append((base + walk.run, base + position))
    end = position + len(values) * (len(reference.head) + reference.room + len(reference.tail))
    items, kept = reference.replaced(walk, values)
    walk.chunks.append(items)
    walk.delta += len(items) - (end - position)
    walk.run = end
    walk.changed["U"] += len(values) - kept
    return end
