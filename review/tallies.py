"""Sums of what lies beyond headers: each path with its files and distinct values, in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from deidentify.beyond import Item
from review import risk

VALUE_CAP = 1000
"""Distinct values that are listed for one path."""
LOOKING_CAP = 1000
"""Values that look like something and are listed above the cap, so that none hides in a crowd."""
MOST_PATHS = 5000
REST = "further keys"


@dataclass
class Seen:
    """One value of a path: in how many files it is, one of them, and what it looks like."""

    looks: str
    example: str
    files: int = 0
    last: str = ""


@dataclass
class PathTally:
    """One path: its files and its values. `unlisted` are hashes of the values past the cap."""

    files: int = 0
    last: str = ""
    looks_of: Callable[[str], str] = risk.looks_of
    values: dict[str, Seen] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)
    above: int = 0

    def add(self, value: str, place: str) -> None:
        """Count a value; those of one file come one after another."""
        if place != self.last:
            self.files += 1
            self.last = place
        seen = self.values.get(value)
        if seen is None:
            seen = self._listed(value, place)
        if seen is not None and seen.last != place:
            seen.files += 1
            seen.last = place

    def _listed(self, value: str, place: str) -> Seen | None:
        """Make room for a new value; None if it is only counted."""
        if hash(value) in self.unlisted:
            return None
        looks = self.looks_of(value)
        if len(self.values) - self.above >= VALUE_CAP:
            if not looks or self.above >= LOOKING_CAP:
                self.unlisted.add(hash(value))
                return None
            self.above += 1
        seen = self.values[value] = Seen(looks, place)
        return seen


class Tally:
    """The sums of any number of files.

    Args:
        looks: gives letters for what a value looks like; "" for nothing in particular.
    """

    def __init__(self, looks: Callable[[str], str] = risk.looks_of) -> None:
        self.looks = looks
        self.paths: dict[str, PathTally] = {}

    def add(self, items: Iterable[Item]) -> None:
        """Count the items of one file, or of several one after another."""
        for item in items:
            path = storable(item.path)
            if path not in self.paths and len(self.paths) >= MOST_PATHS:
                path = f"{item.kind}:{REST}"
            sums = self.paths.get(path)
            if sums is None:
                sums = self.paths[path] = PathTally(looks_of=self.looks)
            sums.add(storable(item.value), storable(item.place))


def storable(text: str) -> str:
    """Write what PostgreSQL cannot store (NUL, lone surrogates) as visible signs."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def beyond_facts(path: str, value_count: int, looks: Mapping[str, int]) -> "risk.Facts":
    """Return what decides how much a path beyond DICOM headers weighs.

    Nobody's plan had a say in it, and no standard says what may stand there: it is text.
    """
    return risk.Facts(path=path, vr="LT", value_count=value_count, looks=looks)


def looks_counted(letters: Iterable[str]) -> Counter[str]:
    """Count the values that look like each kind of thing."""
    return Counter(letter for looks in letters for letter in looks)
