"""Runs of elements that stand in file after file of a series, and have been looked at.

Whoever has read two files knows what they share; from the third on such a run is compared as a
whole and passed over. What it means for what follows is kept: private creators and character set.
"""

from __future__ import annotations

from typing import NamedTuple

from deidentify.leaks.elements import CHARACTER_SET, Layout, Place
from deidentify.leaks.reference_items import REFERENCES, rests

LEAST = 3
"""Elements that make a run worth remembering."""
LONGEST = 4096
"""Bytes of an element above which it is no part of a run."""
MOST_LESSONS = 64


class Run(NamedTuple):
    """Elements as they stand, and under which character set; what they say of those behind."""

    raw: bytes
    before: bytes
    after: bytes | None
    creators: tuple[tuple[int, str], ...]

    def apply(self, place: Place) -> None:
        """Note what the elements passed over say of those behind them."""
        if self.after is not None:
            place.character_set = self.after
        place.creators.update(self.creators)


class Repeats:
    """What one kind of look has seen before, by the first eight bytes of each run."""

    def __init__(self) -> None:
        self.rests: set[bytes] = set()
        self.runs: dict[bytes, list[Run]] = {}
        self._previous: frozenset[bytes] = frozenset()
        self._lessons = 0

    def learn(self, layout: Layout) -> None:
        """Compare a file that was looked at, and found to need no second look, with the last."""
        if self._lessons >= MOST_LESSONS or len(layout.steps) < LEAST:
            return
        self._lessons += 1
        data = layout.data
        for step in layout.steps:
            if step.tag in REFERENCES and len(self.rests) < MOST_LESSONS:
                self.rests |= rests(data, step.value, step.end)
        current = [
            data[step.start : step.end] if step.end - step.start <= LONGEST else b""
            for step in layout.steps
        ]
        first = 0
        for number in range(len(current) + 1):
            is_known = number < len(current) and current[number] in self._previous
            is_next = number > first and number < len(current) and (
                layout.steps[number].start == layout.steps[number - 1].end
            )  # fmt: skip
            if is_known and (number == first or is_next):
                continue
            if number - first >= LEAST:
                self._note(layout, first, number)
            first = number if is_known else number + 1
        self._previous = frozenset(current) - {b""}

    def _note(self, layout: Layout, first: int, last: int) -> None:
        steps, data = layout.steps[first:last], layout.data
        after: bytes | None = None
        creators = []
        for step in steps:
            if step.tag == CHARACTER_SET:
                after = bytes(data[step.value : step.end])
            elif step.tag & 0x10000 and 0x10 <= step.tag & 0xFFFF <= 0xFF:
                name = bytes(data[step.value : step.end]).decode("latin-1").strip(" \0")
                creators.append((step.tag >> 16 << 8 | step.tag & 0xFF, name))
        raw = bytes(data[steps[0].start : steps[-1].end])
        run = Run(raw, steps[0].character_set, after, tuple(creators))
        known = self.runs.setdefault(raw[:8], [])
        if run not in known:
            known.append(run)
