"""What must not be left: one patient's identifying values, as the sources spell them.

Collected from source headers and from whoever knows more (the coupling list, sibling studies);
values that the plan keeps or writes are not searched for, and what cannot be told from ordinary
words is searched in its own element only. `dropped` says so, without values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deidentify.leaks.attributes import (
    DATE_VRS,
    KIND_OF,
    MAKERS,
    VOCABULARY,
    WELL_KNOWN_UIDS,
    kind_of,
)
from deidentify.leaks.character_sets import decoded
from deidentify.leaks.elements import Element, Layout, Place, load
from deidentify.leaks.finding import KINDS
from deidentify.leaks.folding import compact_text, normalised, words
from deidentify.leaks.pixels import has_embedded_overlays
from deidentify.leaks.reading import read_layout
from deidentify.leaks.reference_items import referenced
from deidentify.leaks.registered_uids import ROOT, is_class, is_registered
from deidentify.leaks.repeats import Repeats
from deidentify.leaks.shapes import SHAPES, comparable, is_placeholder

SHORTEST_UID = 12
CLASS, INSTANCE = 0x00081150, 0x00081155
LONGEST = 256
LONGEST_RAW = 4096
"""Bytes of a value above which it is no name, number or address."""
VERSION = 3
WITHOUT_ELEMENTS = 2
"""The version that did not say which values stood in which elements."""


@dataclass(frozen=True)
class Term:
    """One thing to look for.

    `shape` says how: `word` (at word bounds), `words` (several, with separators or without),
    `identifier` (letters and digits, separators anywhere), `initials` (with dots, as they
    stand), `birth_date` (DA, in its written forms), `uid` (whole).
    """

    kind: str
    shape: str
    text: str
    source_path: str


class SearchTerms:
    """The search terms of one patient for one plan.

    Args:
        kept_tags: public tags whose original value the plan keeps: they give no terms.
        written: what the plan itself writes: never a term.
        written_at: what a rule writes at one element, as (element or way to it, text): no finding
            there, and like any other text elsewhere.
    """

    def __init__(
        self,
        *,
        kept_tags: Collection[int] = (),
        written: Collection[str] = (),
        written_at: Collection[tuple[str, str]] = (),
    ) -> None:
        self.kept_tags = frozenset(kept_tags)
        self.written = frozenset(written)
        self.written_at = frozenset((element.lower(), text) for element, text in written_at)
        self._values: dict[str, dict[str, str]] = {}
        self._kept_values: set[str] = set()
        self._vocabulary: set[str] = set()
        self._makers: set[str] = set()  # words of makers, models and kept devices alone
        self.well_known: set[str] = set()
        self._use: dict[tuple[int, str], bool] = {}
        self._in_element: dict[int, set[str]] = {}
        self.is_pairing_needed = False
        self._repeats = Repeats()
        self._seen: set[tuple[int, bytes] | tuple[int, bytes, bytes]] = set()

    def read(self, source: Path) -> None:
        """Take the identifying values of one source file's header, at all depths."""
        layout = read_layout(load(source), repeats=self._repeats)
        self.take(layout)
        self._repeats.learn(layout)

    def take(self, layout: Layout) -> None:
        """Take the identifying values out of a source file that has been read already."""
        if layout.is_incomplete or has_embedded_overlays(layout):
            self.is_pairing_needed = True
        for sequence in layout.references:
            self._take_references(layout, sequence)
        data, seen, use = layout.data, self._seen, self._use
        for element in layout.marked:
            start, end, tag, vr, place = element
            is_of_use = use.get((tag, vr))
            if is_of_use is None:
                is_of_use = self._is_of_use(tag, vr)
            if is_of_use and 0 < end - start <= LONGEST_RAW:
                raw = data[start:end]
                if vr == "UI" and tag not in self.kept_tags:
                    if (tag, raw) not in seen:
                        seen.add((tag, raw))
                        self._take_uids(raw, element)
                elif (tag, raw, place.character_set) not in seen:
                    seen.add((tag, raw, place.character_set))
                    self._take(tag, vr, raw, element)

    def _take_references(self, layout: Layout, sequence: Element) -> None:
        """Take a sequence of references that was left whole."""
        if self.kept_tags & {CLASS, INSTANCE}:
            return
        place, seen = sequence.place, self._seen
        values = self._values.setdefault("uid", {})
        name = place.prefix + place.name(sequence.tag)
        pairs = referenced(layout.data, sequence.start, sequence.end)
        for number, (class_raw, raw) in enumerate(pairs):
            uid = raw.rstrip(b" \0").decode("ascii")
            if uid and uid not in values:
                values[uid] = f"{name}[{number}](0008,1155)"
            if (CLASS, class_raw) not in seen:
                seen.add((CLASS, class_raw))
                item = Place("", b"", place, sequence.tag, number)
                self._take_uids(class_raw, Element(0, 0, CLASS, "UI", item))

    def _take_uids(self, raw: bytes, element: Element) -> None:
        """Take one value of a UI element: of an instance, or of a class where one belongs."""
        is_for_classes = element.tag in WELL_KNOWN_UIDS
        values = self._values.setdefault("uid", {})
        for uid in raw.decode("latin-1").split("\\"):
            uid = uid.strip(" \0\t\r\n")[:LONGEST]
            if is_for_classes and is_class(uid):
                self.well_known.add(uid)
            elif uid and uid not in values:
                values[uid] = element.path

    def _is_of_use(self, tag: int, vr: str) -> bool:
        known = self._use.get((tag, vr))
        if known is None:
            is_context = tag in self.kept_tags or tag in VOCABULARY or tag in WELL_KNOWN_UIDS
            is_for_us = is_context or bool(kind_of(tag, vr)) or vr in DATE_VRS
            known = self._use[tag, vr] = tag > 0 and vr not in _NEVER and is_for_us
        return known

    def _take(self, tag: int, vr: str, raw: bytes, element: Element) -> None:
        is_wanted = tag not in self.kept_tags
        kind = kind_of(tag, vr)
        text = decoded(raw, element.place.character_set)
        if tag in VOCABULARY:
            self._vocabulary.update(words(text))
        if tag in MAKERS:
            self._makers.update(words(text))
        if not is_wanted:
            self._kept_values.update(normalised(value) for value in text.split("\\"))
            if KIND_OF.get(tag) in ("device", "institution"):
                # a quality-control "patient" is often named after its scanner
                self._vocabulary.update(words(text))
                self._makers.update(words(text))
            return
        if kind:
            self.add(kind, text, source_path=element.path)
        if kind or vr in DATE_VRS:
            what = kind or "date"
            self._in_element.setdefault(tag, set()).update(comparable(what, text))

    def narrow(
        self,
        *,
        kept_tags: Collection[int],
        written: Collection[str],
        written_at: Collection[tuple[str, str]] = (),
    ) -> None:
        """Search for a later plan, which keeps no more than the one these were collected for."""
        self.kept_tags &= frozenset(kept_tags)
        self.written |= frozenset(written)
        self.written_at |= {(element.lower(), text) for element, text in written_at}
        self._use.clear()

    def join(self, other: SearchTerms, kinds: Collection[str] = KINDS) -> None:
        """Search for what another run collected as well: of the same patient, or of another.

        What is ordinary, kept or well known to either is so to both.

        Args:
            other: is not changed.
            kinds: of values that are taken; of another patient, those that name a person.
        """
        self.kept_tags |= other.kept_tags
        self.written_at |= other.written_at
        for kind, values in other._values.items():
            if kind in kinds:
                self._values[kind] = {**values, **self._values.get(kind, {})}
        self._kept_values |= other._kept_values
        self._vocabulary |= other._vocabulary
        self._makers |= other._makers
        self.well_known |= other.well_known
        for tag, texts in other._in_element.items():
            self._in_element.setdefault(tag, set()).update(texts)
        self._use.clear()

    def take_what_was_kept(self, copy: Path, tags: Collection[int]) -> None:
        """Take from an output what its plan kept and a later one does not: it is an original's.

        Args:
            copy: made by the plan that these were collected for.
            tags: public elements that it still has as the source had them.
        """
        layout = read_layout(load(copy), repeats=self._repeats)
        for element in layout.marked:
            start, end, tag, vr, place = element
            raw = layout.data[start:end]
            if tag not in tags or vr == "UI" or not 0 < end - start <= LONGEST_RAW:
                continue
            if (tag, raw, place.character_set) not in self._seen:
                self._seen.add((tag, raw, place.character_set))
                text = decoded(raw, place.character_set)
                self._forget(text)
                self._take(tag, vr, raw, element)
        for element in layout.marked:  # what they share with closed vocabulary stays ordinary
            if element.tag in VOCABULARY and element.tag not in tags:
                raw = layout.data[element.start : element.end]
                self._take(element.tag, element.vr, raw, element)

    def _forget(self, text: str) -> None:
        """Let a value that was kept, and its words, be no excuse any more."""
        self._kept_values.difference_update(normalised(one) for one in text.split("\\"))
        self._vocabulary.difference_update(words(text))
        self._makers.difference_update(words(text))

    def known_values(self) -> Iterator[tuple[str, str]]:
        """Yield kind and value of everything that may be cleaned out of a text, UIDs apart."""
        for kind, values in self._values.items():
            if kind != "uid":
                yield from ((kind, value) for value in values)
        for tag, dates in self._in_element.items():
            if kind_of(tag, "DA") in ("", "date"):
                yield from (("date", date) for date in dates)

    def may_be_left(self, kind: str, tag: int, text: str) -> bool:
        """Say whether some source file has a value in the same attribute, wherever that is."""
        known = self._in_element.get(tag)
        return known is not None and not known.isdisjoint(comparable(kind, text))

    def add(self, kind: str, value: str, *, source_path: str = "") -> None:
        """Add a value from elsewhere; several values are parted by a backslash."""
        if kind not in KINDS:
            raise ValueError(f"There is no kind of search term called {kind}.")
        values = self._values.setdefault(kind, {})
        for single in value.split("\\"):
            stripped = single.strip(" \0\t\r\n")[:LONGEST]
            if stripped:
                values.setdefault(stripped, source_path)

    def terms(self) -> list[Term]:
        """Return everything to look for, without what was dropped."""
        return list(dict.fromkeys(term for term, _ in self._resolved() if term))

    @property
    def dropped(self) -> list[str]:
        """Sentences: which attribute's value is not searched everywhere, and why."""
        return sorted({reason for _, reason in self._resolved() if reason})

    @property
    def uids(self) -> Mapping[str, str]:
        """Original UIDs that name instances, with the path each was first seen at."""
        return {
            uid: path
            for uid, path in self._values.get("uid", {}).items()
            if uid not in self.well_known
            and uid not in self.written
            and not (uid.startswith(ROOT) and is_registered(uid))
        }

    @property
    def has_short_uids(self) -> bool:
        """Whether an original UID is too short to be searched for in every text."""
        return any(len(uid) < SHORTEST_UID for uid in self._values.get("uid", {}))

    def as_data(self) -> dict[str, Any]:
        """Return the terms for storing. This is identified data: encrypt it."""
        return {
            "version": VERSION,
            "kept_tags": sorted(self.kept_tags),
            "written": sorted(self.written),
            "written_at": sorted(map(list, self.written_at)),
            "values": {kind: dict(values) for kind, values in sorted(self._values.items())},
            "kept_values": sorted(self._kept_values),
            "vocabulary": sorted(self._vocabulary),
            "makers": sorted(self._makers),
            "well_known": sorted(self.well_known),
            "in_element": [
                [tag, sorted(self._in_element[tag])] for tag in sorted(self._in_element)
            ],
            "is_pairing_needed": self.is_pairing_needed,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> SearchTerms:
        """Return the terms that `as_data` described, this version's or the one before."""
        if data.get("version") not in (VERSION, WITHOUT_ELEMENTS):
            raise ValueError("These search terms were stored by another version.")
        terms = cls(
            kept_tags=data["kept_tags"],
            written=data["written"],
            written_at=[(element, text) for element, text in data.get("written_at", ())],
        )
        terms._values = {kind: dict(values) for kind, values in data["values"].items()}
        terms._kept_values = set(data["kept_values"])
        terms._vocabulary = set(data["vocabulary"])
        terms._makers = set(data["makers"])
        terms.well_known = set(data["well_known"])
        terms._in_element = {tag: set(values) for tag, values in data.get("in_element", ())}
        # without them every output has to be compared with its source, element by element
        terms.is_pairing_needed = data.get("is_pairing_needed", True)
        return terms

    def _ordinary_for(self, kind: str) -> set[str]:
        """Return the words of this header that are no term of a kind.

        A patient's own name is not let off because somebody also wrote it where a code belongs.
        """
        return self._makers if kind == "name" else self._vocabulary

    def _resolved(self) -> Iterator[tuple[Term | None, str]]:
        """Yield each term, or None with the sentence that says why a value gives none."""
        written = [compact_text(value) for value in self.written]
        for kind, values in self._values.items():
            shapes = SHAPES.get(kind)
            if shapes is None:
                continue
            for value, path in values.items():
                place = path or f"the given {kind}"
                if is_placeholder(value):
                    yield None, f"{place} holds a placeholder and was not searched for."
                    continue
                if kind in ("device", "institution") and normalised(value) in self._kept_values:
                    yield None, f"{place} equals an attribute that the plan keeps."
                    continue
                found = False
                for shape, text in shapes(value, self._ordinary_for(kind)):
                    plain = compact_text(text)
                    if any(plain in ours for ours in written):
                        yield None, f"{place} equals what the plan writes."
                    else:
                        yield Term(kind, shape, text, path), ""
                    found = True
                if not found:
                    yield (
                        None,
                        (
                            f"{place} is too short or too ordinary to be told from other text: "
                            "it was searched in its own element only."
                        ),
                    )


_NEVER = frozenset("SQ OB OW OF OD OL OV FD FL SL SS UL US SV UV AT DS IS TM".split())  # noqa: SIM905
