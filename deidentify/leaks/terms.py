"""What must not be left: one patient's identifying values, as the sources spell them.

Collected from source headers and from whoever knows more (the coupling list, sibling studies);
values that the plan keeps or writes are not searched for, and what cannot be told from ordinary
words is searched in its own element only. `dropped` says so, without values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from deidentify.leaks.attributes import (
    KIND_OF,
    MAKERS,
    VOCABULARY,
    WELL_KNOWN_ROOT,
    WELL_KNOWN_UIDS,
    kind_of,
)
from deidentify.leaks.character_sets import decoded
from deidentify.leaks.common_words import (
    COMMON_WORDS,
    INSTITUTION_WORDS,
    PLACEHOLDERS,
    TITLES,
)
from deidentify.leaks.elements import Element, Layout, load, read_layout
from deidentify.leaks.finding import KINDS
from deidentify.leaks.folding import compact_text, fold, normalised, spelled, words

SHORTEST_NAME = 4
SHORTEST_IDENTIFIER = 4
SHORTEST_UID = 12
SHORTEST_PHRASE = 5
LONGEST = 256
LONGEST_RAW = 4096
"""Bytes of a value above which it is no name, number or address."""
VERSION = 2


@dataclass(frozen=True)
class Term:
    """One thing to look for.

    `shape` says how: `word` (at word bounds), `words` (several, with separators or without),
    `identifier` (letters and digits, separators anywhere), `birth_date` (DA, in its written
    forms), `uid` (whole).
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
    """

    def __init__(self, *, kept_tags: Collection[int] = (), written: Collection[str] = ()) -> None:
        self.kept_tags = frozenset(kept_tags)
        self.written = frozenset(written)
        self._values: dict[str, dict[str, str]] = {}
        self._kept_values: set[str] = set()
        self._vocabulary: set[str] = set()
        self._makers: set[str] = set()  # words of makers, models and kept devices alone
        self.well_known: set[str] = set()
        self._use: dict[tuple[int, str], bool] = {}
        self._seen: set[tuple[int, bytes, bytes]] = set()

    def read(self, source: Path) -> None:
        """Take the identifying values of one source file's header, at all depths."""
        self.take(read_layout(load(source)))

    def take(self, layout: Layout) -> None:
        """Take the identifying values out of a source file that has been read already."""
        data = layout.data
        for element in layout.elements:
            start, end, tag, vr, place = element
            if vr in _NEVER or not self._is_of_use(tag, vr) or not 0 < end - start <= LONGEST_RAW:
                continue
            raw = data[start:end]
            if (tag, raw, place.character_set) not in self._seen:
                self._seen.add((tag, raw, place.character_set))
                self._take(tag, vr, raw, element)

    def _is_of_use(self, tag: int, vr: str) -> bool:
        known = self._use.get((tag, vr))
        if known is None:
            is_context = tag in self.kept_tags or tag in VOCABULARY or tag in WELL_KNOWN_UIDS
            known = self._use[tag, vr] = tag > 0 and (is_context or bool(kind_of(tag, vr)))
        return known

    def _take(self, tag: int, vr: str, raw: bytes, element: Element) -> None:
        is_wanted = tag not in self.kept_tags
        kind = kind_of(tag, vr)
        text = decoded(raw, element.place.character_set)
        if tag in WELL_KNOWN_UIDS:
            self.well_known.update(text.replace("\0", "").split("\\"))
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
        elif kind:
            self.add(kind, text, source_path=element.path)

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
            and not uid.startswith(WELL_KNOWN_ROOT)
        }

    def as_data(self) -> dict[str, Any]:
        """Return the terms for storing. This is identified data: encrypt it."""
        return {
            "version": VERSION,
            "kept_tags": sorted(self.kept_tags),
            "written": sorted(self.written),
            "values": {kind: dict(values) for kind, values in sorted(self._values.items())},
            "kept_values": sorted(self._kept_values),
            "vocabulary": sorted(self._vocabulary),
            "makers": sorted(self._makers),
            "well_known": sorted(self.well_known),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> SearchTerms:
        """Return the terms that `as_data` described."""
        if data.get("version") != VERSION:
            raise ValueError("These search terms were stored by another version.")
        terms = cls(kept_tags=data["kept_tags"], written=data["written"])
        terms._values = {kind: dict(values) for kind, values in data["values"].items()}
        terms._kept_values = set(data["kept_values"])
        terms._vocabulary = set(data["vocabulary"])
        terms._makers = set(data["makers"])
        terms.well_known = set(data["well_known"])
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
            shapes = _SHAPES.get(kind)
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


@lru_cache(maxsize=4096)
def is_placeholder(value: str) -> bool:
    """Say whether a value carries no information (UNKNOWN, ANONYMOUS, 19000101)."""
    plain = compact_text(value)
    is_one_letter = len(set(plain)) == 1 and (len(plain) > 2 or plain[0] == "0")
    if not plain or is_one_letter or plain in PLACEHOLDERS:
        return True
    parts = words(value)
    return all(part in PLACEHOLDERS or part in TITLES for part in parts)


def _person(value: str, vocabulary: Collection[str]) -> Iterator[tuple[str, str]]:
    """Words of all component groups, and whole names in both orders (PS3.5 6.2.1)."""
    for group in value.split("="):
        accented = [part for part in spelled(group).split() if fold(part) not in TITLES]
        parts = [fold(part) for part in accented]
        for part in parts:
            if any(letter.isdigit() for letter in part):
                yield from _identifier(part, vocabulary)
            elif _is_name(part, vocabulary):
                yield "word", part
        for part in accented:
            if fold(part) != part and _is_name(fold(part), vocabulary):
                yield "word", part
        own = [part for part in parts if not _is_ordinary(part, vocabulary)]
        if len(parts) > 1 and own and sum(map(len, parts)) >= SHORTEST_PHRASE:
            yield "words", " ".join(accented)
            yield "words", " ".join([*accented[1:], accented[0]])
            yield "words", f"{accented[1]} {accented[0]}"


def _is_name(word: str, vocabulary: Collection[str]) -> bool:
    shortest = SHORTEST_NAME if word.isascii() else 2
    return len(word) >= shortest and not _is_ordinary(word, vocabulary)


def _is_ordinary(word: str, vocabulary: Collection[str]) -> bool:
    return word in COMMON_WORDS or word in PLACEHOLDERS or word in vocabulary


def _identifier(value: str, vocabulary: Collection[str]) -> Iterator[tuple[str, str]]:
    plain = compact_text(value)
    if len(plain) < SHORTEST_IDENTIFIER or not any(letter.isdigit() for letter in plain):
        return
    if len(set(plain)) > 1 and not any(plain == compact_text(word) for word in vocabulary):
        yield "identifier", normalised(value)


def _patient_identifier(value: str, vocabulary: Collection[str]) -> Iterator[tuple[str, str]]:
    """Like any identifier; and hospitals write names and e-mail addresses there too."""
    yield from _identifier(value, vocabulary)
    for part in words(value):
        if part.isalpha() and len(part) > SHORTEST_NAME and _is_name(part, vocabulary):
            yield "word", part


def _phone(value: str, _: Collection[str]) -> Iterator[tuple[str, str]]:
    digits = "".join(letter for letter in value if letter.isdigit())
    if len(digits) >= 8:
        yield "identifier", digits[-8:]


def _address(value: str, _: Collection[str]) -> Iterator[tuple[str, str]]:
    for piece in value.replace("^", ",").replace("\n", ",").split(","):
        plain = compact_text(piece)
        has_both = any(map(str.isdigit, plain)) and sum(map(str.isalpha, plain)) >= 4
        if len(plain) >= 6 and has_both:
            yield "words", spelled(piece)


def _institution(value: str, vocabulary: Collection[str]) -> Iterator[tuple[str, str]]:
    """The whole phrase, and what is left of it without the words that all hospitals share."""
    parts = spelled(value).split()
    own = [
        part
        for part in parts
        if fold(part) not in INSTITUTION_WORDS and not _is_ordinary(fold(part), vocabulary)
    ]
    if not own:
        return
    for phrase in (parts, own):
        if sum(map(len, phrase)) >= SHORTEST_PHRASE:
            yield ("words" if len(phrase) > 1 else "word"), " ".join(phrase)


def _birth_date(value: str, _: Collection[str]) -> Iterator[tuple[str, str]]:
    digits = value.replace("-", "").replace(".", "")[:8]
    if len(digits) != 8 or not digits.isdigit() or digits in PLACEHOLDER_DATES:
        return
    if 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:]) <= 31:
        yield "birth_date", digits


PLACEHOLDER_DATES = frozenset({"19000101", "00010101", "18000101", "18580101", "99991231"})

_SHAPES = {
    "name": _person,
    "physician": _person,
    "identifier": _patient_identifier,
    "national_id": _identifier,
    "birth_date": _birth_date,
    "address": _address,
    "phone": _phone,
    "email": _identifier,
    "institution": _institution,
    "device": _identifier,
}
