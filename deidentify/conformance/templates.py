"""Items that differ in nothing but their UIDs, as references do, and are walked once.

A walked item becomes a template: its bytes with gaps where its UIDs stand. The next item with the
same bytes around UIDs of the same lengths yields the same places and shapes, and its own UIDs.
"""

from collections.abc import Iterator
from typing import NamedTuple

from deidentify.conformance.contents import Inside, Place

HEAD = 16
"""Bytes of an item by which templates are looked up: its own tag and length, and the first
element's."""
LONGEST, MOST_ALIKE, MOST_HEADS = 1024, 4, 5_000


class Template(NamedTuple):
    """An item without its UIDs.

    Args:
        under: the character set in which its texts were judged.
        gaps: for each UID, the bytes before it, its length and its tag.
        rest: the bytes behind the last UID.
        shape: of the item.
        inside: the data sets inside it.
    """

    under: bytes
    gaps: list[tuple[bytes, int, int]]
    rest: bytes
    shape: list[int]
    inside: tuple[Inside, ...]


class Templates:
    """What was learned of one way of writing elements."""

    def __init__(self) -> None:
        self.by_head: dict[bytes, list[Template]] = {}

    def learn(self, item: bytes, places: list[Place], gaps: list[tuple[int, int, int]]) -> None:
        """Remember an item that was walked, and in which nothing is wrong.

        Args:
            item: its bytes, its own tag and length included.
            places: the item and the data sets inside it.
            gaps: where in `item` each of its UIDs begins and ends, and its tag.
        """
        alike = self.by_head.setdefault(item[:HEAD], [])
        if len(alike) >= MOST_ALIKE or len(self.by_head) > MOST_HEADS:
            return
        position, pieces = 0, []
        for start, end, tag in gaps:
            pieces.append((item[position:start], end - start, tag))
            position = end
        own, *others = places
        inside = tuple(_inside(own, others))
        alike.append(Template(own.charset, pieces, item[position:], own.shape, inside))


def _inside(own: Place, others: list[Place]) -> Iterator[Inside]:
    for other in others:
        prefix, tags = other.prefix[len(own.prefix) :], other.tags[len(own.tags) :]
        yield Inside(prefix, tags, other.shape)
        for deeper in other.inside:
            yield Inside(prefix + deeper.prefix, tags + deeper.tags, deeper.shape)
