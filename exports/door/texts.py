"""Searching what stands beside DICOM headers: values of any kind of file, and names of members.

A member's values are searched together first; only where something is found, each by itself.
"""

import re
from collections.abc import Iterator, Sequence

from pydicom.datadict import dictionary_VR, tag_for_keyword

from deidentify.beyond import Item
from deidentify.leaks.attributes import kind_of
from deidentify.leaks.finding import LIKELY, SURENESS
from deidentify.leaks.folding import compact_text, fold_bytes
from deidentify.leaks.judging import Hit
from deidentify.leaks.patterns import matches
from exports.door.allowed import Allowed
from exports.door.found import Found
from exports.door.people import OF_OTHERS, People

SHORTEST_OF_OTHERS = 6
"""Letters and figures of somebody else's number that mean something in this one's files."""
REMEMBERED = 50_000
TOGETHER = 1 << 20
"""Characters that are searched at a time."""
_NUMBER = re.compile(r"[-+0-9.,eE \[\]]+")
_UNSIGNED = re.compile(r"\d+")


class Texts:
    """Searches texts for what is known of a package's participants, and for forms."""

    def __init__(self, people: People, allowed: Allowed, *, is_untied: bool) -> None:
        self._people = people
        self._allowed = allowed
        self._is_untied = is_untied
        self._clean: set[tuple[int | None, str]] = set()
        self._written = {fold_bytes(text.encode()) for text in people.written}

    def find(self, owner: int | None, items: Sequence[Item]) -> Iterator[Found]:
        """Yield what is found in the values of one member.

        Args:
            owner: whose the member is; None if it is nobody's alone.
            items: its values.
        """
        batch: list[Item] = []
        size = 0
        for item in items:
            yield from self._by_element(owner, item)
            batch.append(item)
            size += len(item.value)
            if size > TOGETHER:
                yield from self._in_batch(owner, batch)
                batch, size = [], 0
        yield from self._in_batch(owner, batch)

    def is_clean(self, owner: int | None, text: str) -> bool:
        """Say whether nothing at all is found in a text."""
        if (owner, text) in self._clean:
            return True
        is_clean = next(self._kinds(owner, text), None) is None
        if is_clean and len(text) < 200:
            if len(self._clean) >= REMEMBERED:
                self._clean.clear()
            self._clean.add((owner, text))
        return is_clean

    def _in_batch(self, owner: int | None, batch: Sequence[Item]) -> Iterator[Found]:
        paths = "\n".join(dict.fromkeys(item.path.partition(":")[2] for item in batch))
        if self.is_clean(owner, "\n".join(item.value for item in batch)) and self.is_clean(
            owner, paths
        ):
            return
        for item in batch:
            yield from self.in_item(owner, item)

    def in_item(self, owner: int | None, item: Item) -> Iterator[Found]:
        """Yield what is found in one value, and in what the file calls it."""
        is_number = bool(_NUMBER.fullmatch(item.value)) and not _UNSIGNED.fullmatch(item.value)
        vr = "DS" if is_number else "UT"
        best: dict[str, str] = {}
        for kind, sure in self._kinds(owner, item.value, vr):
            if not self._allowed.has(kind, item.path):
                best[kind] = max(best.get(kind, sure), sure, key=SURENESS.index)
        for kind, sure in self._kinds(owner, item.path.partition(":")[2]):
            best.setdefault(kind, sure)
        for kind, sure in best.items():
            yield Found(kind, item.path, item.place, sure, item.value)

    def _kinds(self, owner: int | None, text: str, vr: str = "UT") -> Iterator[tuple[str, str]]:
        """Yield kind and sureness of everything in a text."""
        known = self._people.known(owner) if owner is not None else None
        if known is not None:
            for hit in known.check.searcher.search_text(text, vr):
                yield hit.term.kind, hit.sure
        for hit in self._people.everybody.searcher.search_text(text, vr):
            if owner is None or self._is_other_person(hit):
                yield hit.term.kind, hit.sure
        raw = text.encode("utf-8", "replace")
        for match in matches(raw):
            if fold_bytes(raw[match.start : match.end]) not in self._written:
                yield match.kind, match.sure

    def _is_other_person(self, hit: Hit) -> bool:
        """Whether a hit names another participant, and not by a number that anything may have."""
        if hit.term.kind not in OF_OTHERS:
            return False
        is_number = hit.term.shape == "identifier"
        return not is_number or len(compact_text(hit.term.text)) >= SHORTEST_OF_OTHERS

    def _by_element(self, owner: int | None, item: Item) -> Iterator[Found]:
        """Yield a value that a sidecar or a table has where some original header had it.

        Dates and short numbers mean nothing elsewhere, and everything in their own place.
        """
        if item.kind not in ("json", "table"):
            return
        known = self._people.known(owner) if owner is not None else None
        name = item.path.partition(":")[2].rpartition(".")[2]
        tag = tag_for_keyword(name)
        if known is None or tag is None or tag in known.terms.kept_tags:
            return
        vr = dictionary_VR(tag)[:2]
        kind = kind_of(tag, vr) or ("date" if vr in ("DA", "DT") else "")
        value = item.value.replace("-", "") if vr in ("DA", "DT") else item.value
        is_left = kind and known.terms.may_be_left(kind, tag, value)
        if is_left and not self._allowed.has(kind, item.path):
            yield Found(kind, item.path, item.place, LIKELY, item.value)
