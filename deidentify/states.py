"""The tables that make the walk fast: what to do, looked up by the first eight bytes of an element.

Tag, VR and length stand in those eight bytes (in the long form tag and VR). The first time
they are met in a state, the plan is asked and the answer is kept; from then on one look-up
per element suffices. A state stands for everything else the answer depends on: explicit or
implicit VR, the sequences entered, the character set, the private creators seen, and which of the
elements that de-identification writes are still to come. All states of a session share what is
known about the patient (sessions.py), so the same element in the same state always becomes the
same.

A step is either a number (keep the element, advance so many bytes) or a tuple that begins
with one of the codes below.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from deidentify.decisions import Where

VALUE = 1  # (code, length, function, letter): replacement is a function of the element's bytes
LONG_VALUE = 2  # the same, length in bytes 8 to 12
OPEN = 3  # (code, length): an item
ENTER = 4  # (code, header length, child state): a sequence whose items are walked
ITEM_OVER = 5  # (code,): end of an item of undefined length
SEQUENCE_OVER = 6  # (code,): end of a sequence of undefined length
PASSAGE = 7  # (code, passage, other step): many elements at once, as an earlier image had them
CONSTANT = 8  # (code, length, replacement, letter): replace the whole element by fixed bytes
LONG_CONSTANT = 9  # the same, length in bytes 8 to 12
LONG_KEEP = 10  # (code,): keep, length in bytes 8 to 12
DROP = 11  # (code, header length, child state, replacement): a sequence read, then replaced
LATE = 12  # (code, length, tag): written when the whole header has been seen
CREATOR = 13  # (code, length, block, header length): a private creator; leads to another state
CROSS = 14  # (code, tag): elements that are written come before this one
PIXELS = 15  # (code, header length): pixel data, passed on without being looked at
JOIN = 16  # (code, header length, child state, item): a sequence that gets one more item
# What is noted on the way to the step proper, which is the last of the tuple:
PRIVATE = 17  # (code, block, step): this element needs its creator
COLLECT = 18  # (code, kind, header length, is short, step): remember the value as identifying
FOUND = 19  # (code, tag, header length, is short, step): remember the value for the result
CHARSET = 20  # (code, tag, header length, is short, step): leads to another state
CARRIED = 21  # (code, tag, step): content that decides about the instance
CONCEPT = 22  # (code, tag, header length, is short, step): identifying by its concept name

Step = int | tuple[Any, ...]

MOST_STEPS = 20_000
MOST_STATES = 1_000
MOST_REMEMBERED = 4_000
LARGE_VALUE = 4096
MOST_LARGE = 8


class Memory(dict[bytes, bytes | None]):
    """Whole element -> what replaces it; None if it stays. Bounded."""

    large = 0

    def keep(self, element: bytes, new: bytes | None) -> None:
        if len(element) > LARGE_VALUE:
            if self.large >= MOST_LARGE:
                return
            self.large += 1
        elif len(self) >= MOST_REMEMBERED:
            self.clear()
            self.large = 0
        self[element] = new


@dataclass(eq=False, slots=True)
class State:
    """One table of steps, the values met, and the way to the states that follow.

    Args:
        explicit: VRs are written out.
        where: what the plan is asked with.
        charset: Specific Character Set in force.
        creators: group << 8 | block -> private creator, as seen so far.
        written: how many of the plan's writes are behind (top level only).

    Attributes:
        table: first eight bytes -> step, for the elements of a data set or item.
        items: the same for the items of the sequence whose items this state is of.
        memory: whole elements -> what replaces them.
        reference: what items look like that are alike but for one UID (references.Reference);
            None if no item was like that.
        quiet: contents of whole sequences in which nothing is changed and nothing noted.
    """

    explicit: bool
    where: Where
    charset: bytes = b""
    creators: dict[int, str] = field(default_factory=dict)
    written: int = 0
    table: dict[bytes, Step] = field(default_factory=dict)
    items: dict[bytes, Step] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    quiet: set[bytes] = field(default_factory=set)
    reference: Any = None
    _children: dict[tuple[str, bool, bool], "State"] = field(default_factory=dict)
    _followers: dict[bytes, "State"] = field(default_factory=dict)
    _crossings: dict[int, "State"] = field(default_factory=dict)
    _charsets: dict[bytes, "State"] = field(default_factory=dict)

    def child(self, name: str, tag: int, *, explicit: bool, strict: bool) -> "State":
        """Return the state of the items of a sequence."""
        key = (name, explicit, strict)
        found = self._children.get(key)
        if found is None:
            where = replace(
                self.where,
                parents=(*self.where.parents, name),
                tags=(*self.where.tags, tag),
                strict=strict or self.where.strict,
            )
            found = State(explicit=explicit, where=where, charset=self.charset)
            if len(self._children) < MOST_STATES:
                self._children[key] = found
        return found

    def follow(self, element: bytes, block: int, creator: str) -> "State":
        """Return the state after a private creator element."""
        found = self._followers.get(element)
        if found is None:
            if self.creators.get(block) == creator:
                return self
            # Creators matter in their own group alone, and groups come in order.
            creators = {key: name for key, name in self.creators.items() if key >> 8 == block >> 8}
            found = self._beside(creators={**creators, block: creator})
            if len(self._followers) < MOST_STATES:
                self._followers[element] = found
        return found

    def crossed(self, written: int) -> "State":
        """Return the state in which `written` of the plan's writes are behind."""
        found = self._crossings.get(written)
        if found is None:
            found = self._crossings[written] = self._beside(written=written)
        return found

    def in_charset(self, charset: bytes) -> "State":
        """Return the state after a Specific Character Set."""
        if charset == self.charset:
            return self
        found = self._charsets.get(charset)
        if found is None:
            found = self._beside(charset=charset)
            if len(self._charsets) < MOST_STATES:
                self._charsets[charset] = found
        return found

    def _beside(
        self,
        *,
        creators: dict[int, str] | None = None,
        written: int | None = None,
        charset: bytes | None = None,
    ) -> "State":
        return State(
            explicit=self.explicit,
            where=self.where,
            charset=self.charset if charset is None else charset,
            creators=self.creators if creators is None else creators,
            written=self.written if written is None else written,
        )

    def learn(self, head: bytes, step: Step) -> None:
        """Keep a step for all elements that begin with `head`."""
        if len(self.table) >= MOST_STEPS:
            self.table.clear()  # made-up lengths must not fill the memory
        self.table[head] = step

    def learn_item(self, head: bytes, step: Step) -> None:
        """Keep a step for all items that begin with `head`."""
        if len(self.items) >= MOST_STEPS:
            self.items.clear()
        self.items[head] = step

    def learn_quiet(self, items: bytes) -> None:
        """Keep that these items of a sequence stay as they are."""
        if len(self.quiet) >= MOST_REMEMBERED:
            self.quiet.clear()
        self.quiet.add(items)
