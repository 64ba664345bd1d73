"""What is to be done where: a tree of levels that follows the sequences of a header.

An edit is given what stands in an element, None if the element is missing, and returns what is to
stand there, None if nothing is. Where it returns what it was given, the bytes of the file stay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from exports.specification.elements import Step


@dataclass
class File:
    """What the walk has learned of a file so far.

    Args:
        sop_class_uid: of the instance; types of attributes depend on it.
        seen: values of the main data set as they stood, by tag: those of EARLY alone.
        turns_utf_8: whether something was written that needs another character set.
    """

    sop_class_uid: str
    seen: dict[int, bytes] = field(default_factory=dict)
    turns_utf_8: bool = False


class At(Protocol):
    """Where an edit is at work."""

    @property
    def tag(self) -> int: ...

    @property
    def vr(self) -> str: ...

    @property
    def charset(self) -> bytes: ...

    @property
    def parents(self) -> tuple[int, ...]: ...

    @property
    def file(self) -> File: ...


Edit = Callable[[bytes | None, At], bytes | None]
Everywhere = Callable[[int, str, str, tuple[int, ...]], Edit | None]
"""tag, VR, private creator ("" of a public element) and sequences entered -> what is done."""
MOST_REMEMBERED = 100_000
ANY_TAG = 0xFFFFFFFF
Key = tuple[int, str]
"""A tag, or of a private element its group and last byte, and its creator."""


def key_of(step: Step) -> Key:
    """Return how a level names an element."""
    return (step.group << 16 | step.number, step.creator)


class _Shared:
    """What all levels of one tree have in common."""

    def __init__(self) -> None:
        self.everywhere: list[tuple[int, Everywhere]] = []
        self.new_uid: Callable[[bytes], bytes] | None = None
        self.count = 0


class Level:
    """What is to be done in a data set, or in the items of one sequence, in the order of adding.

    Args:
        shared: of the tree; a new one for its root.
        parents: tags of the sequences that lead here.
    """

    def __init__(self, shared: _Shared | None = None, parents: tuple[int, ...] = ()) -> None:
        self.shared = shared or _Shared()
        self.parents = parents
        self.inside: dict[Key, Level] = {}
        self.inserts: list[tuple[int, str]] = []
        self._edits: dict[Key, list[tuple[int, Edit]]] = {}
        self._met: dict[tuple[int, str, str], Edit | None] = {}

    def add(self, steps: Sequence[Step], edit: Edit, *, creates: str = "") -> None:
        """Add an edit of one element, after those that it has already.

        Args:
            steps: the way from here.
            edit: what is done.
            creates: the VR to write the element with where it is missing; "" if it is not made.
        """
        key = key_of(steps[0])
        if len(steps) > 1:
            if key not in self.inside:
                self.inside[key] = Level(self.shared, (*self.parents, key[0]))
            self.inside[key].add(steps[1:], edit, creates=creates)
            return
        self.shared.count += 1
        self._edits.setdefault(key, []).append((self.shared.count, edit))
        if creates and not key[1] and all(tag != key[0] for tag, _ in self.inserts):
            self.inserts = sorted([*self.inserts, (key[0], creates)])

    def add_everywhere(self, choose: Everywhere) -> None:
        """Add an edit of whatever elements `choose` returns one for, at every depth."""
        self.shared.count += 1
        self.shared.everywhere.append((self.shared.count, choose))

    @property
    def new_uid(self) -> Callable[[bytes], bytes] | None:
        """What gives the SOP Instance UID for the file meta information; None if it stays."""
        return self.shared.new_uid

    @new_uid.setter
    def new_uid(self, draw: Callable[[bytes], bytes]) -> None:
        self.shared.new_uid = draw

    def edit(self, tag: int, vr: str, creator: str) -> Edit | None:
        """Return all that is to be done to an element; None if nothing is."""
        key = (tag, vr, creator)
        try:
            return self._met[key]
        except KeyError:
            found = list(self._edits.get(_name(tag, creator), ()))
            for order, choose in self.shared.everywhere:
                edit = choose(tag, vr, creator, self.parents)
                if edit is not None:
                    found.append((order, edit))
            chain = _chained([edit for _, edit in sorted(found, key=lambda one: one[0])])
            if len(self._met) < MOST_REMEMBERED:
                self._met[key] = chain
            return chain

    def inner(self, tag: int, creator: str) -> "Level | None":
        """Return what is to be done inside a sequence; None if nothing is."""
        name = _name(tag, creator)
        found = self.inside.get(name)
        if found is None and self.shared.everywhere:
            found = self.inside[name] = Level(self.shared, (*self.parents, name[0]))
        return found

    @property
    def last(self) -> int:
        """The tag behind which nothing is done any more."""
        if self.shared.everywhere:
            return ANY_TAG
        keys = (*self._edits, *self.inside)
        return max((tag | 0xFFFF if creator else tag for tag, creator in keys), default=0)


def _name(tag: int, creator: str) -> Key:
    return (tag & 0xFFFF00FF, creator) if creator else (tag, "")


def _chained(edits: Sequence[Edit]) -> Edit | None:
    if len(edits) < 2:
        return edits[0] if edits else None

    def chain(value: bytes | None, at: At) -> bytes | None:
        for edit in edits:
            value = edit(value, at)
        return value

    return chain
