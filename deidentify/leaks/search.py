"""One literal automaton per patient over folded bytes, and what makes a hit a finding.

A hit counts only at word bounds, inside one element, and in binary values only with a context
that chance does not make.
"""

from __future__ import annotations

import re
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick

from deidentify.leaks.elements import Element, Place
from deidentify.leaks.finding import CERTAIN, LIKELY, POSSIBLE
from deidentify.leaks.folding import compact, fold_bytes
from deidentify.leaks.spellings import (
    BASE64,
    HEX,
    PLAIN,
    WIDE,
    Literal,
    base64_core,
    hex_expression,
    literals,
    spread_expression,
    whole_expression,
)
from deidentify.leaks.terms import SHORTEST_UID, SearchTerms, Term

TEXT_VRS = frozenset("AE CS LO LT PN SH ST UC UR UT".split())  # noqa: SIM905
NUMBER_VRS = frozenset("AS DA DS DT FD FL IS OD OF OL OV SL SS SV TM UI UL US UV AT".split())  # noqa: SIM905
CHANCE = 4096
"""Bytes of a binary value from which on three letters in a row mean nothing."""
UID_ROOT = 12
"""Characters of a UID that go into the automaton; the whole is then looked up."""

_UID_RUN = re.compile(rb"[0-9.]+")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/\r\n]+")
_BASE64_REACH = 512
_QUIET = frozenset(b"\0\t\n\r !\"#&'()*+,-./:;<=>?@[\\]^_{|}")


@dataclass(frozen=True)
class Hit:
    """A term found: the byte range in the stretch that was searched, and how sure that is."""

    term: Term
    start: int
    end: int
    sure: str


class Searcher:
    """The compiled search terms of one patient."""

    def __init__(self, terms: SearchTerms) -> None:
        self._raw: list[tuple[Term | None, Literal]] = []
        self._compact: list[tuple[Term | None, Literal]] = []
        seen: set[tuple[str, bytes, str]] = set()
        for term in sorted(terms.terms(), key=lambda term: -len(term.text)):
            for literal in literals(term):
                self._note(term, literal, seen)
        self.uids = dict(terms.uids)
        self._uid_lengths = sorted({len(uid) for uid in self.uids if len(uid) >= SHORTEST_UID})
        for root in sorted({uid[:UID_ROOT] for uid in self.uids if len(uid) >= SHORTEST_UID}):
            for literal in _uid_literals(root):
                self._note(None, literal, seen)
        self._find_raw = _automaton(self._raw)
        self._find_compact = _automaton(self._compact)

    def _note(self, term: Term | None, literal: Literal, seen: set[tuple[str, bytes, str]]) -> None:
        key = (literal.where, literal.folded, literal.how)
        if literal.folded and key not in seen:
            seen.add(key)
            (self._raw if literal.where == "raw" else self._compact).append((term, literal))

    def search(self, data: bytes, locate: Callable[[int, int], Element | None]) -> Iterator[Hit]:
        """Yield the hits in one stretch of a file.

        `locate` gives the element that holds a half-open range of the stretch, None if the
        range crosses elements.
        """
        folded = fold_bytes(data)
        for number, start, end in self._find_raw(folded):
            term, literal = self._raw[number]
            element = locate(start, end)
            if element is None:
                continue
            hit: Hit | None
            if literal.how == BASE64:
                hit = self._from_base64(data, start, end, term, literal)
            elif term is None:
                hit = self._from_uid(data, start, literal)
            else:
                hit = _judge(data, folded, start, end, term=term, literal=literal, element=element)
            if hit:
                yield hit
        wanted = {number for number, _, _ in self._find_compact(compact(folded))}
        for number in sorted(wanted):
            yield from self._spread(data, folded, locate, *self._compact[number])

    def search_text(self, text: str) -> Iterator[Hit]:
        """Yield the hits in decoded text; their ranges mean nothing in the file."""
        as_utf_8 = text.encode("utf-8", "replace")
        whole = Element(0, len(as_utf_8), 1, "UT", Place("decoded text"))
        yield from self.search(as_utf_8, lambda start, end: whole)

    def _spread(
        self,
        data: bytes,
        folded: bytes,
        locate: Callable[[int, int], Element | None],
        term: Term | None,
        literal: Literal,
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
                if term is None:
                    run = _hex_run(folded, match.start())
                    uid = self._known_uid(run, 0)
                    term_found = uid and Term("uid", "uid", uid, self.uids[uid])
                else:
                    term_found = term
                if term_found:
                    yield Hit(term_found, match.start(), match.end(), LIKELY)
            elif term and _may_be_spread(folded, *match.span(), literal=literal, element=element):
                yield Hit(term, match.start(), match.end(), LIKELY)

    def _from_uid(self, data: bytes, start: int, literal: Literal) -> Hit | None:
        if literal.how == WIDE:
            little = data[start + 1] == 0
            narrow = data[start : start + 130].decode(
                "utf-16-le" if little else "utf-16-be", "replace"
            )
            uid = self._known_uid(narrow.encode("ascii", "replace"), 0)
            step = 2
        else:
            uid, step = self._known_uid(data, start), 1
        if not uid:
            return None
        term = Term("uid", "uid", uid, self.uids[uid])
        return Hit(term, start, start + step * len(uid), CERTAIN)

    def _known_uid(self, data: bytes, start: int) -> str:
        """Return the longest known UID that stands at `start`, "" if none does."""
        match = _UID_RUN.match(data[start : start + 80])
        if not match:
            return ""
        run = match.group().decode("ascii")
        for length in reversed(self._uid_lengths):
            is_whole = length <= len(run) and not run[length : length + 1].isdigit()
            if is_whole and run[:length] in self.uids:
                return run[:length]
        return ""

    def _from_base64(
        self, data: bytes, start: int, end: int, term: Term | None, literal: Literal
    ) -> Hit | None:
        left, right = max(0, start - _BASE64_REACH), min(len(data), end + _BASE64_REACH)
        run = b""
        for match in _BASE64_RUN.finditer(data[left:right]):
            if match.start() <= start - left < match.end():
                run = b"".join(match.group().split())
        for shift in range(4):
            piece = run[shift:]
            decoded = b64decode(piece + b"A" * (-len(piece) % 4))
            folded = fold_bytes(decoded)
            if term is None:
                at = folded.find(literal.spells.encode())
                uid = self._known_uid(decoded, at) if at >= 0 else ""
                if uid:
                    return Hit(Term("uid", "uid", uid, self.uids[uid]), start, end, LIKELY)
            elif literal.folded and _has_word(folded, literal.spells):
                return Hit(term, start, end, LIKELY)
        return None


def _automaton(
    entries: list[tuple[Term | None, Literal]],
) -> Callable[[bytes], list[tuple[int, int, int]]]:
    if not entries:
        return lambda haystack: []
    automaton = BytesAhoCorasick([literal.folded for _, literal in entries])

    def find(haystack: bytes) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = automaton.find_matches_as_indexes(
            haystack, overlapping=True
        )
        return found

    return find


def _uid_literals(root: str) -> Iterator[Literal]:
    raw = root.encode("ascii", "replace")
    yield Literal("raw", PLAIN, raw, root)
    yield Literal("raw", WIDE, root.encode("utf-16-le"), root)
    yield Literal("raw", WIDE, root.encode("utf-16-be"), root)
    yield Literal("compact", HEX, raw.hex().encode(), root)
    for shift in range(3):
        yield Literal("raw", BASE64, base64_core(raw, shift).lower(), root)


def _hex_run(folded: bytes, start: int) -> bytes:
    digits = re.sub(rb"[^0-9a-f]", b"", folded[start : start + 256])
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _has_word(folded: bytes, spells: str) -> bool:
    # What Latin-1 cannot spell is not sought as question marks.
    for form in {fold_bytes(spells.encode("latin-1", "ignore")), fold_bytes(spells.encode())}:
        if len(form) < len(spells):
            continue
        if form and re.search(rb"(?<![a-z0-9])" + re.escape(form) + rb"(?![a-z0-9])", folded):
            return True
    return False


def _judge(
    data: bytes,
    folded: bytes,
    start: int,
    end: int,
    *,
    term: Term,
    literal: Literal,
    element: Element,
) -> Hit | None:
    """Decide whether an automaton's match is the term, given what stands around it."""
    step = 2 if literal.how == WIDE else 1
    before = _nearest(folded[max(element.start, start - step) : start], last=True)
    after = _nearest(folded[end : min(element.end, end + step)], last=False)
    if term.shape == "word":
        if _is_letter(before) or (_is_letter(after) and literal.spells.isascii()):
            return None
        if element.vr not in TEXT_VRS:
            if end - start < 4 * step and element.end - element.start > CHANCE:
                return None  # three letters stand in any waveform
            if not _is_deliberate(data, start, end, before=before, after=after, step=step):
                return None
        return Hit(term, start, end, CERTAIN if end - start >= 6 * step else LIKELY)
    if _is_letter(before) or _is_letter(after) or _is_digit(before) or _is_digit(after):
        return None
    if term.shape == "birth_date":
        if element.vr in NUMBER_VRS or _is_decimal(folded, start, end, element, step):
            return None
        return Hit(term, start, end, LIKELY)
    return _judge_identifier(folded, start, end, term=term, element=element, step=step)


def _judge_identifier(
    folded: bytes, start: int, end: int, *, term: Term, element: Element, step: int
) -> Hit | None:
    plain = "".join(letter for letter in term.text if letter.isalnum())
    if plain.isdigit():
        if len(plain) < 8 and element.vr in NUMBER_VRS:
            return None
        if len(plain) == 8 and element.vr in ("DA", "DT", "TM", "UI"):
            return None  # a date, perhaps a sibling's shifted one: dates are compared per element
        if _is_decimal(folded, start, end, element, step):
            return None
        if len(plain) < 6:
            return Hit(term, start, end, POSSIBLE) if element.vr in TEXT_VRS else None
    elif element.vr not in TEXT_VRS and len(plain) < 6:
        around = folded[max(element.start, start - 1) : start] + folded[end : end + 1]
        if any(byte not in _QUIET for byte in around):
            return None
    return Hit(term, start, end, CERTAIN if len(plain) >= 6 else LIKELY)


def _may_be_spread(
    folded: bytes, start: int, end: int, *, literal: Literal, element: Element
) -> bool:
    """Say whether separators inside a term mean anything in this value: they do in text."""
    if element.vr in NUMBER_VRS:
        return False
    if literal.folded.isdigit() and _is_decimal(folded, start, end, element, 1):
        return False
    is_text = element.vr in TEXT_VRS
    return is_text or bool(whole_expression(literal.spells).fullmatch(folded[start:end]))


def _nearest(bytes_beside: bytes, *, last: bool) -> int | None:
    """Return the byte beside a match, None at the element's edge; UTF-16's zeros are skipped."""
    letters = bytes_beside.strip(b"\0") or bytes_beside
    return (letters[-1] if last else letters[0]) if letters else None


def _is_letter(byte: int | None) -> bool:
    return byte is not None and 97 <= byte <= 122


def _is_digit(byte: int | None) -> bool:
    return byte is not None and 48 <= byte <= 57


def _is_decimal(folded: bytes, start: int, end: int, element: Element, step: int) -> bool:
    """Say whether digits belong to a decimal number, a UID or a list of numbers."""
    if step == 2:
        return False
    before = folded[max(element.start, start - 2) : start]
    after = folded[end : min(element.end, end + 2)]
    return bool(re.search(rb"\d[.,]$|^[.,]$|[.]$", before) or re.match(rb"[.,]\d", after))


def _is_deliberate(
    data: bytes, start: int, end: int, *, before: int | None, after: int | None, step: int
) -> bool:
    """Say whether letters in a binary value are there on purpose rather than by chance."""
    letters = [byte for byte in data[start:end:step] if chr(byte).isalpha()]
    cases = [chr(byte).isupper() for byte in letters]
    is_written = len(set(cases)) <= 1 or (cases[0] and not any(cases[1:]))
    if end - start >= 7 * step:
        return True
    if end - start >= 5 * step or step == 2:
        return is_written
    return is_written and all(byte is None or byte in _QUIET for byte in (before, after))


def locator(elements: list[Element], offset: int) -> Callable[[int, int], Element | None]:
    """Return what finds the element that holds a range of a stretch beginning at `offset`."""
    ordered: list[Element] = []
    starts: list[int] = []

    def locate(start: int, end: int) -> Element | None:
        if not ordered:  # sorted at the first hit only: most files have none
            ordered.extend(sorted(elements, key=lambda element: element.start))
            starts.extend(element.start for element in ordered)
        number = bisect_right(starts, start + offset) - 1
        if number < 0 or end + offset > ordered[number].end:
            return None
        element = ordered[number]
        return element._replace(start=element.start - offset, end=element.end - offset)

    return locate
