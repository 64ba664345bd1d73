"""One literal automaton per patient over folded bytes; what a match is worth is judged after.

A second automaton looks at the same bytes without separators; where it has a hit, an expression
that allows for separators finds the place.
"""

from __future__ import annotations

import re
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterator

from ahocorasick_rs import BytesAhoCorasick, Implementation

from deidentify.leaks.elements import Element, Place
from deidentify.leaks.finding import LIKELY
from deidentify.leaks.folding import compact, fold_bytes
from deidentify.leaks.judging import Hit, judge, may_be_spread, whole_uid
from deidentify.leaks.original_uids import OriginalUids
from deidentify.leaks.spellings import (
    BASE64,
    HEX,
    WIDE,
    Literal,
    hex_expression,
    literals,
    spread_expression,
)
from deidentify.leaks.terms import SearchTerms, Term

Locate = Callable[[int, int], Element | None]
Entry = tuple[Term | None, Literal]
"""A literal and its term; None for how original UIDs begin."""

_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/\r\n]+")
_BASE64_REACH = 512
MOST_BETWEEN = 3
"""Separators behind each letter or hex digit of a term (spellings.py)."""
MOST_IN_TABLE = 500_000
"""Bytes of literals for which every state gets a table of its own: fast, a kilobyte each."""


class Searcher:
    """The compiled search terms of one patient.

    Attributes:
        reach: how many bytes beside one decide whether a term stands there.
    """

    def __init__(self, terms: SearchTerms) -> None:
        self._raw: list[Entry] = []
        self._compact: list[Entry] = []
        self._uids = OriginalUids(terms.uids)
        seen: set[tuple[str, bytes, str]] = set()
        for term in sorted(terms.terms(), key=lambda term: -len(term.text)):
            for literal in literals(term):
                self._note(term, literal, seen)
        for literal in self._uids.literals():
            self._note(None, literal, seen)
        self._find_raw = _automaton(self._raw)
        self._find_compact = _automaton(self._compact)
        # Up to three separators may follow each letter; the rest is what is judged around a match.
        literals_found = [literal for _, literal in self._raw + self._compact]
        longest = max((len(literal.folded) for literal in literals_found), default=0)
        self.reach = (1 + MOST_BETWEEN) * longest + 2 * _BASE64_REACH

    def _note(self, term: Term | None, literal: Literal, seen: set[tuple[str, bytes, str]]) -> None:
        key = (literal.where, literal.folded, literal.how)
        if literal.folded and key not in seen:
            seen.add(key)
            (self._raw if literal.where == "raw" else self._compact).append((term, literal))

    def search(self, data: bytes, locate: Locate) -> Iterator[Hit]:
        """Yield the hits in one stretch of a file.

        `locate` gives the element that holds a half-open range of the stretch, None if the
        range crosses elements.
        """
        folded = fold_bytes(data)
        for number, start, end in self._find_raw(folded):
            term, literal = self._raw[number]
            if term is None:
                hit = self._uid(data, start, literal, locate)
            else:
                element = locate(start, end)
                if element is None:
                    continue
                if literal.how == BASE64:
                    hit = _from_base64(data, start, end, term, literal)
                else:
                    hit = judge(
                        data, folded, start, end, term=term, literal=literal, element=element
                    )
            if hit:
                yield hit
        wanted = {number for number, _, _ in self._find_compact(compact(folded))}
        for number in sorted(wanted):
            yield from self._spread(data, folded, locate, *self._compact[number])

    def is_quiet(self, data: bytes) -> bool:
        """Say whether there is no match in a stretch, not even one that means nothing."""
        folded = fold_bytes(data)
        return not self._find_raw(folded) and not self._find_compact(compact(folded))

    def search_text(self, text: str, vr: str = "UT") -> Iterator[Hit]:
        """Yield the hits in decoded text; their ranges mean nothing in the file.

        `vr` says what kind of text it is: a number of a table (DS) is no identifier by chance.
        """
        as_utf_8 = text.encode("utf-8", "replace")
        whole = Element(0, len(as_utf_8), 1, vr, Place("decoded text"))
        yield from self.search(as_utf_8, lambda start, end: whole)

    def _uid(self, data: bytes, start: int, literal: Literal, locate: Locate) -> Hit | None:
        is_wide = literal.how == WIDE
        uid = self._uids.wide_at(data, start) if is_wide else self._uids.at(data, start)
        if not uid:
            return None
        end = start + len(uid) * (2 if is_wide else 1)
        if locate(start, end) is None:
            return None
        return whole_uid(self._uids.term(uid), start, end)

    def _spread(
        self, data: bytes, folded: bytes, locate: Locate, term: Term | None, literal: Literal
    ) -> Iterator[Hit]:
        if literal.how == HEX:
            expression = hex_expression(literal.folded)
        else:
            expression = spread_expression(literal.spells)
        for match in expression.finditer(folded):
            element = locate(match.start(), match.end())
            if element is None:
                continue
            if literal.how == HEX:
                uid = b"" if term else self._uids.hex_at(folded, match.start())
                found = self._uids.term(uid) if uid else term
                if found:
                    yield Hit(found, match.start(), match.end(), LIKELY)
            elif term and may_be_spread(folded, *match.span(), literal=literal, element=element):
                yield Hit(term, match.start(), match.end(), LIKELY)


def _automaton(entries: list[Entry]) -> Callable[[bytes], list[tuple[int, int, int]]]:
    if not entries:
        return lambda haystack: []
    size = sum(len(literal.folded) for _, literal in entries)
    automaton = BytesAhoCorasick(
        [literal.folded for _, literal in entries],
        implementation=Implementation.DFA
        if size <= MOST_IN_TABLE
        else Implementation.ContiguousNFA,
    )

    def find(haystack: bytes) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = automaton.find_matches_as_indexes(
            haystack, overlapping=True
        )
        return found

    return find


def _from_base64(data: bytes, start: int, end: int, term: Term, literal: Literal) -> Hit | None:
    """Decode the run around a match of folded base64, whose letters' case was lost."""
    left, right = max(0, start - _BASE64_REACH), min(len(data), end + _BASE64_REACH)
    run = b""
    for match in _BASE64_RUN.finditer(data[left:right]):
        if match.start() <= start - left < match.end():
            run = b"".join(match.group().split())
    for shift in range(4):
        piece = run[shift:]
        decoded = b64decode(piece + b"A" * (-len(piece) % 4))
        if literal.folded and _has_word(fold_bytes(decoded), literal.spells):
            return Hit(term, start, end, LIKELY)
    return None


def _has_word(folded: bytes, spells: str) -> bool:
    # What Latin-1 cannot spell is not sought as question marks.
    for form in {fold_bytes(spells.encode("latin-1", "ignore")), fold_bytes(spells.encode())}:
        if len(form) < len(spells):
            continue
        if form and re.search(rb"(?<![a-z0-9])" + re.escape(form) + rb"(?![a-z0-9])", folded):
            return True
    return False


def locator(elements: Callable[[], list[Element]], offset: int) -> Locate:
    """Return what finds the element that holds a range of a stretch beginning at `offset`."""
    ordered: list[Element] = []
    starts: list[int] = []

    def locate(start: int, end: int) -> Element | None:
        if not ordered:  # sorted at the first hit only: most files have none
            ordered.extend(sorted(elements(), key=lambda element: element.start))
            starts.extend(element.start for element in ordered)
        number = bisect_right(starts, start + offset) - 1
        if number < 0 or end + offset > ordered[number].end:
            return None
        element = ordered[number]
        return element._replace(start=element.start - offset, end=element.end - offset)

    return locate
