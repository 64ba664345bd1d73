"""What the conformance check knows of one file: its structure, its UIDs, and what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Inside(NamedTuple):
    """A data set inside an item: what its prefix and tags have behind the item's own."""

    prefix: str
    tags: tuple[int, ...]
    shape: list[int]


@dataclass(slots=True)
class Place:
    """One data set inside the file: the main one, or one item of a sequence.

    Args:
        prefix: `(0008,1140)[0]`, empty for the main data set.
        tags: the sequences entered.
        charset: Specific Character Set that holds here.
        shape: the tag of each element in the order of the file; its complement if it is empty.
        inside: data sets inside it that are not listed by themselves.
    """

    prefix: str
    tags: tuple[int, ...]
    charset: bytes
    shape: list[int] = field(default_factory=list)
    inside: tuple[Inside, ...] = ()

    def with_inside(self) -> "Iterator[Place]":
        """Yield the data set and those inside it."""
        yield self
        for inside in self.inside:
            prefix, tags = self.prefix + inside.prefix, self.tags + inside.tags
            yield Place(prefix, tags, self.charset, inside.shape)


@dataclass(slots=True)
class Contents:
    """What one file holds; of its values only those by which files are compared.

    Args:
        meta: element number in group 0002 -> value without padding.
        meta_is_wrong: its lengths do not add up.
        places: data sets in the file; some hold others.
        noted: value of each attribute that the instances of a study share.
        uids: prefix of its place, tag and value of every UID that names no class, but for the
            SOP Class UID.
        wrong: (what, path) of each value that may not stand where it does.
        is_broken: elements could not be followed to the end.
    """

    meta: dict[int, bytes] = field(default_factory=dict)
    meta_is_wrong: bool = False
    places: list[Place] = field(default_factory=list)
    noted: dict[int, bytes] = field(default_factory=dict, repr=False)
    uids: list[tuple[str, int, bytes]] = field(default_factory=list, repr=False)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    is_broken: bool = False

    def all_places(self) -> Iterator[Place]:
        """Yield every data set in the file."""
        for place in self.places:
            yield from place.with_inside()

    def main_uid(self, wanted: int) -> bytes:
        """Return a UID of the main data set, empty if it has none."""
        for prefix, tag, value in self.uids:
            if tag == wanted and not prefix:
                return value
        return b""
