"""Sets of row ids, kept as ranges: what a seal covers, and what may still arrive.

Ids are drawn in order, so a million of them are a handful of ranges.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]  # first and last, both inside


class IdRanges:
    """Ids as sorted ranges that neither touch nor overlap."""

    def __init__(self, ranges: Iterable[Iterable[int]] = ()) -> None:
        self.ranges: list[Range] = []
        for first, last in sorted((first, last) for first, last in ranges):
            if first > last:
                raise ValueError("A range ends before it begins.")
            if self.ranges and first <= self.ranges[-1][1] + 1:
                begin, end = self.ranges[-1]
                self.ranges[-1] = (begin, max(end, last))
            else:
                self.ranges.append((first, last))

    @classmethod
    def of(cls, ids: Iterable[int]) -> "IdRanges":
        """Put single ids together."""
        return cls((pk, pk) for pk in ids)

    def __contains__(self, pk: int) -> bool:
        at = bisect_right(self.ranges, (pk, float("inf"))) - 1
        return at >= 0 and pk <= self.ranges[at][1]

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __or__(self, other: "IdRanges") -> "IdRanges":
        return IdRanges([*self.ranges, *other.ranges])

    def without(self, other: "IdRanges") -> "IdRanges":
        """Return what is here and not there."""
        left: list[Range] = []
        for first, last in self.ranges:
            begin = first
            at = max(bisect_right(other.ranges, (first, float("inf"))) - 1, 0)
            for taken_first, taken_last in other.ranges[at:]:
                if taken_first > last:
                    break
                if taken_last < begin:
                    continue
                if taken_first > begin:
                    left.append((begin, taken_first - 1))
                begin = taken_last + 1
            if begin <= last:
                left.append((begin, last))
        return IdRanges(left)

    def as_data(self) -> list[list[int]]:
        """Return plain lists, as a seal keeps them."""
        return [[first, last] for first, last in self.ranges]

    def __str__(self) -> str:
        return ", ".join(
            str(first) if first == last else f"{first} to {last}" for first, last in self.ranges
        )
