"""What can only be judged element by element: dates, short identifiers, short UIDs.

A date is a leak if the element at the same path still holds the source's date; as a string
somewhere else it may be a sibling's shifted date.
"""

from __future__ import annotations

from collections.abc import Iterator

from deidentify.leaks.attributes import KIND_OF, WELL_KNOWN_ROOT, kind_of
from deidentify.leaks.character_sets import decoded
from deidentify.leaks.elements import Element, Layout
from deidentify.leaks.finding import CERTAIN, LIKELY
from deidentify.leaks.folding import normalised
from deidentify.leaks.terms import PLACEHOLDER_DATES, SearchTerms, is_placeholder

DATE_VRS = frozenset({"DA", "DT"})
SUSPECT_VRS = DATE_VRS | {"PN", "UI"}


class Unchanged:
    """Compares identifying elements of one output with those of its source."""

    def __init__(self, terms: SearchTerms) -> None:
        self._kept = terms.kept_tags
        self._written = {normalised(value) for value in terms.written}
        self._well_known = terms.well_known
        self._suspects: dict[tuple[int, str], str] = {}

    def find(self, source: Layout, target: Layout) -> Iterator[tuple[str, Element, str]]:
        """Yield kind, the target's element and how sure, for each value still the source's."""
        ours = self._identifying(target)
        if not ours:
            return
        theirs = self._identifying(source)
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

    def _identifying(self, layout: Layout) -> dict[str, Element]:
        found = {}
        for element in layout.elements:
            start, end, tag, vr, _ = element
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
            uid
            for uid in shared
            if uid and not uid.startswith(WELL_KNOWN_ROOT) and uid not in self._well_known
        }

    def _shares_a_date(self, ours: str, theirs: str) -> bool:
        pairs = zip(ours.split("\\"), theirs.split("\\"), strict=False)
        for mine, other in pairs:
            date = mine.strip(" \0")[:8]
            is_real = len(date) == 8 and date.isdigit() and date not in PLACEHOLDER_DATES
            if is_real and date == other.strip(" \0")[:8] and date not in self._written:
                return True
        return False
