"""What can only be judged element by element: dates, short identifiers, short UIDs.

A date is a leak if the element at the same path still holds the source's date; as a string
somewhere else it may be a sibling's shifted date.
"""

from __future__ import annotations

from collections.abc import Iterator

from deidentify.leaks.attributes import DATE_VRS, KIND_OF, SUSPECT_VRS, kind_of
from deidentify.leaks.character_sets import decoded
from deidentify.leaks.elements import Element, Layout
from deidentify.leaks.finding import CERTAIN, LIKELY
from deidentify.leaks.folding import normalised
from deidentify.leaks.registered_uids import is_registered
from deidentify.leaks.shapes import is_placeholder, real_date
from deidentify.leaks.terms import SHORTEST_UID, SearchTerms

REMEMBERED = 50_000
"""Innocent values that are remembered: most repeat across a series."""


class Unchanged:
    """Compares identifying elements of one output with those of its source."""

    def __init__(self, terms: SearchTerms) -> None:
        self._terms = terms
        self._kept = terms.kept_tags
        self._has_short_uids = terms.has_short_uids
        self._innocent: set[tuple[int, bytes, bytes]] = set()
        self._written = {normalised(value) for value in terms.written}
        self._well_known = terms.well_known
        self._suspects: dict[tuple[int, str], str] = {}

    def is_suspect(self, target: Layout) -> bool:
        """Say whether an element holds what some source has in the same attribute.

        If not, there is nothing to `find`, and the source need not be read again.
        """
        return next(self.suspects(target), None) is not None

    def suspects(self, target: Layout) -> Iterator[tuple[str, Element]]:
        """Yield kind and element of what holds a value that some source has in that attribute."""
        innocent, data = self._innocent, target.data
        for element in target.marked:
            start, end, tag, vr, place = element
            if vr == "UI":
                if self._has_short_uids and end - start <= SHORTEST_UID and self._kind(element):
                    yield "uid", element
                continue
            key = (tag, data[start:end], place.character_set)
            if start == end or key in innocent:
                continue
            kind = self._kind(element)
            if kind and self._terms.may_be_left(kind, tag, decoded(key[1], key[2])):
                yield kind, element
            elif len(innocent) < REMEMBERED:
                innocent.add(key)

    def left(self, target: Layout) -> Iterator[tuple[str, Element]]:
        """Yield kind and element of what any source had there, where the own source is gone."""
        for kind, element in self.suspects(target):
            raw = target.data[element.start : element.end]
            text = decoded(raw, element.place.character_set)
            if kind == "uid" and text.strip(" \0") not in self._terms.uids:
                continue
            if self._is_same(kind, text, text):
                yield kind, element

    def find(self, source: Layout, target: Layout) -> Iterator[tuple[str, Element, str]]:
        """Yield kind, the target's element and how sure, for each value still the source's."""
        shared = self._uids(source) & self._uids(target)
        ours = self._identifying(target, shared)
        if not ours:
            return
        theirs = self._identifying(source, shared)
        for path, element in ours.items():
            original = theirs.get(path)
            if original is None:
                continue
            kind = self._kind(element) or self._kind(original)
            left = target.data[element.start : element.end]
            right = source.data[original.start : original.end]
            if self._is_same(
                kind,
                decoded(left, element.place.character_set),
                decoded(right, original.place.character_set),
            ):
                sure = LIKELY if kind in ("device", "institution") else CERTAIN
                yield kind, element, sure

    def _uids(self, layout: Layout) -> set[bytes]:
        data = layout.data
        return {
            data[element.start : element.end]
            for element in layout.marked
            if element.vr == "UI" and self._kind(element)
        }

    def _identifying(self, layout: Layout, shared: set[bytes]) -> dict[str, Element]:
        """Return identifying elements by their path; of UIDs those alone that are `shared`."""
        found = {}
        for element in layout.marked:
            start, end, tag, vr, _ = element
            if vr == "UI" and layout.data[start:end] not in shared:
                continue
            if (vr in SUSPECT_VRS or tag in KIND_OF) and start != end and self._kind(element):
                found[element.path] = element
        return found

    def _kind(self, element: Element) -> str:
        key = (element.tag, element.vr)
        kind = self._suspects.get(key)
        if kind is None:
            kind = ""
            if element.tag and element.tag not in self._kept:
                kind = kind_of(*key) or ("date" if element.vr in DATE_VRS else "")
            self._suspects[key] = kind
        return kind

    def _is_same(self, kind: str, ours: str, theirs: str) -> bool:
        if kind in ("date", "birth_date"):
            return self._shares_a_date(ours, theirs)
        if kind == "uid":
            return bool(self._shared_uids(ours, theirs))
        mine, other = normalised(ours), normalised(theirs)
        if not mine or mine != other or mine in self._written:
            return False
        return not is_placeholder(ours.strip(" \0"))

    def _shared_uids(self, ours: str, theirs: str) -> set[str]:
        shared = set(ours.strip(" \0").split("\\")) & set(theirs.strip(" \0").split("\\"))
        return {
            uid for uid in shared if uid and not is_registered(uid) and uid not in self._well_known
        }

    def _shares_a_date(self, ours: str, theirs: str) -> bool:
        pairs = zip(ours.split("\\"), theirs.split("\\"), strict=False)
        for mine, other in pairs:
            date = real_date(mine)
            if date and date == real_date(other) and date not in self._written:
                return True
        return False
