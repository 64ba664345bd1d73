"""Large values that stand alike in file after file, and in which there is nothing to find.

The protocol of a series is two thirds of the header of an MR image, and the same in all of them.
Where the automata have no match at all in such a value, they have none in it the next time: only
what may begin before it or end behind it is still to be searched.
"""

from __future__ import annotations

from deidentify.leaks.elements import Layout
from deidentify.leaks.search import Searcher

LEAST = 8 * 1024
"""Bytes, margins apart, that are worth passing over."""
LARGEST, MOST = 256 * 1024, 16
"""Bytes of a value, and how many of them, that are kept for comparison."""

Stretch = tuple[int, int]


class QuietValues:
    """Knows where one searcher has nothing to find, because it looked there before."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._known: dict[tuple[int, int], tuple[bytes, bool | None]] = {}

    def parts(self, layout: Layout, start: int, end: int) -> list[Stretch]:
        """Return the parts of a stretch of a file in which anything may be found."""
        margin = self._searcher.reach
        parts, position = [], start
        for element in layout.elements:
            first, last = element.start + margin, element.end - margin
            is_large = last - first >= LEAST and element.end - element.start <= LARGEST
            if is_large and position <= first and element.end <= end:
                value = bytes(layout.data[element.start : element.end])
                if self._is_quiet(element.tag, value):
                    parts.append((position, first))
                    position = last
        return [*parts, (position, end)]

    def _is_quiet(self, tag: int, value: bytes) -> bool:
        """Say whether a value is known to be quiet; it is looked at when it is met again."""
        known, is_quiet = self._known.get((tag, len(value)), (b"", None))
        if known != value:
            if len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[tag, len(value)] = value, None
            return False
        if is_quiet is None:
            is_quiet = self._searcher.is_quiet(value)
            self._known[tag, len(value)] = value, is_quiet
        return is_quiet
