"""The tables that make the walk fast: what to do, looked up by the first eight bytes of an element.

Tag, VR and length stand in those eight bytes (in the long form tag and VR). The first time
they are met in a state, the plan is asked and the answer is kept; from then on one look-up
per element suffices. A state stands for everything else the answer depends on: explicit or
implicit VR, the sequences entered, the private creators seen, and which of the elements that
de-identification writes are still to come.

A step is either a number (keep the element, advance so many bytes) or a tuple that begins
with one of the codes below.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from deidentify.decisions import Where

CONSTANT = 1  # (code, length, replacement): replace the whole element by fixed bytes
VALUE = 2  # (code, length, function, letter): replacement is a function of the element's bytes
LONG_VALUE = 3  # the same, length in bytes 8 to 12
LONG_KEEP = 4  # (code,): keep, length in bytes 8 to 12
LONG_CONSTANT = 5  # (code, 0, replacement): length in bytes 8 to 12
ENTER = 6  # (code, header length, child state): a sequence whose items are walked
DROP = 7  # (code, header length, child state, replacement): a sequence read, then replaced
PRIVATE = 8  # (code, block, inner step): this element needs its creator
COLLECT = 9  # (code, kind, header length, inner step): remember the value as identifying
FOUND = 10  # (code, tag, header length, inner step): remember the value for the result
LATE = 11  # (code, length, tag): written when the whole header has been seen
CREATOR = 12  # (code, length, block): a private creator; leads to another state
CROSS = 13  # (code, tag): elements that are written come before this one
ITEM_OVER = 14  # (code,): end of an item of undefined length
PIXELS = 15  # (code, header length): pixel data, passed on without being looked at
CHARSET = 16  # (code, header length, inner step): texts from here on are in another encoding

Step = int | tuple[Any, ...]

MOST_STEPS = 20_000


@dataclass
class State:
    """One table of steps, and the way to the states that follow.

    Args:
        explicit: VRs are written out.
        where: what the plan is asked with.
        creators: group << 8 | block -> private creator, as seen so far.
        written: how many of the plan's writes are behind (top level only).
    """

    explicit: bool
    where: Where
    creators: dict[int, str] = field(default_factory=dict)
    written: int = 0
    table: dict[bytes, Step] = field(default_factory=dict)
    children: dict[tuple[str, bool, bool], "State"] = field(default_factory=dict)
    followers: dict[bytes, "State"] = field(default_factory=dict)
    crossings: dict[int, "State"] = field(default_factory=dict)

    def child(self, name: str, tag: int, *, explicit: bool, strict: bool) -> "State":
        """Return the state of the items of a sequence."""
        key = (name, explicit, strict)
        found = self.children.get(key)
        if found is None:
            where = replace(
                self.where,
                parents=(*self.where.parents, name),
                tags=(*self.where.tags, tag),
                strict=strict or self.where.strict,
            )
            found = self.children[key] = State(explicit=explicit, where=where)
        return found

    def follow(self, element: bytes, block: int, creator: str) -> "State":
        """Return the state after a private creator element."""
        found = self.followers.get(element)
        if found is None:
            if self.creators.get(block) == creator:
                return self
            # Creators matter in their own group alone, and groups come in order.
            creators = {key: name for key, name in self.creators.items() if key >> 8 == block >> 8}
            found = self._beside(creators={**creators, block: creator}, written=self.written)
            if len(self.followers) < MOST_STEPS:
                self.followers[element] = found
        return found

    def crossed(self, written: int) -> "State":
        """Return the state in which `written` of the plan's writes are behind."""
        found = self.crossings.get(written)
        if found is None:
            found = self._beside(creators=self.creators, written=written)
            self.crossings[written] = found
        return found

    def _beside(self, *, creators: dict[int, str], written: int) -> "State":
        return State(explicit=self.explicit, where=self.where, creators=creators, written=written)

    def learn(self, head: bytes, step: Step) -> None:
        """Keep a step for all elements that begin with `head`."""
        if len(self.table) >= MOST_STEPS:
            self.table.clear()  # made-up lengths must not fill the memory
        self.table[head] = step
