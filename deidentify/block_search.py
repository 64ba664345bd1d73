"""Searching binary values fast: most blocks hold nothing, and one pass or two must say so.

A block of 60 kB differs in every image, so nothing can be remembered of it. What is known of
the patient is sought in the block without case, blanks and marks, by automata of few words
each (few words go through vector instructions, many through a table at a tenth of the speed);
numbers and UIDs are sought by their shape. Only where one of these answers is the block read
more closely.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from deidentify.names import spelled
from deidentify.norwegian import NUMBER_BYTES, is_identity_number
from deidentify.uids import is_well_known
from deidentify.vocabulary import LEAST_BLOCK_NUMBER, Vocabulary
from deidentify.written_forms import LEAST_IDENTIFIER

NAME, NUMBER, DATE, UID = "name", "number", "date", "uid"

LEAST_SPACED = 8
WORDS_TOGETHER = 48
_UID = re.compile(rb"(?<![\d.])[0-2]\.\d{1,12}(?:\.\d{1,30}){4,}")
_LETTERS_THEN_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_LOWER = bytes(range(256)).lower()
_MARKS = b" .-/^,_\0\t\n\r"
_SHAPE = bytes(
    0x30 if 0x30 <= byte <= 0x39 else byte if byte == 0x2E else 0x20 if byte in b" -" else 0x78
    for byte in range(256)
)
_SHAPES = BytesAhoCorasick(
    [b"0.0.", b"0.00.", b"0.000.", b"0" * 11, b"000000 00000"], matchkind=MatchKind.LeftmostFirst
)


class Hit(NamedTuple):
    """Something found in a block: where it stands, half open, and of what kind it is."""

    start: int
    end: int
    kind: str


class BlockSearch:
    """Searches blocks for what is known of one patient.

    Args:
        vocabulary: of the patient.
        markers: names of fields whose values go, in lower case, without marks.
    """

    def __init__(self, vocabulary: Vocabulary, markers: Iterable[bytes] = ()) -> None:
        terms = _terms(vocabulary)
        self._words = list(terms.items())
        self._exact = BytesAhoCorasick(list(terms)) if terms else None
        numbers = [one for one in vocabulary.literals if one.isdigit() and len(one) >= LEAST_SPACED]
        # What may be written with blanks, marks or zeros inside: names in any block (they are
        # also how UTF-16 parts letters, and a name its parts), long numbers.
        parted = {squeezed(word) for word, kind in self._words if kind == NAME}
        self._parted = sorted(parted | {number.encode() for number in numbers})
        self._patterns: dict[bytes, re.Pattern[bytes]] = {}
        self._each = BytesAhoCorasick(self._parted) if self._parted else None
        words = {squeezed(word) for word in (*terms, *self._parted, *markers)}
        self._gates = _automata({word for word in words if _is_long_enough(word)})

    def find(self, block: bytes, *, uids: bool = True) -> tuple[list[Hit], bool]:
        """Return what stands in `block`, and whether the name of a field may stand in it."""
        plain = squeezed(block)
        has_words = any(gate.find_matches_as_indexes(plain) for gate in self._gates)
        hits = list(self._known(block, plain)) if has_words else []
        hits.extend(_shaped(block, uids=uids))
        return hits, has_words

    def _known(self, block: bytes, plain: bytes) -> Iterator[Hit]:
        lower = block.lower()
        if self._exact:
            for index, start, end in self._exact.find_matches_as_indexes(lower, overlapping=True):
                kind = self._words[index][1]
                if _WHOLE[kind](lower, start, end):
                    yield Hit(start, end, kind)
        found = self._each.find_matches_as_indexes(plain, overlapping=True) if self._each else ()
        for word in sorted({self._parted[index] for index, _, _ in found}):
            kind = NUMBER if word.isdigit() else NAME
            pattern = self._patterns.get(word)
            if pattern is None:
                pattern = self._patterns[word] = _parted(word)
            for match in pattern.finditer(lower):
                if _WHOLE[kind](lower, *match.span()):
                    yield Hit(*match.span(), kind)


def squeezed(word: bytes) -> bytes:
    """Return a word as it is sought: in lower case, without blanks, marks and zeros."""
    return word.translate(_LOWER, _MARKS)


def _shaped(block: bytes, *, uids: bool) -> Iterator[Hit]:
    """UIDs and identity numbers, whoever's they are."""
    behind = 0
    for number, start, _ in _SHAPES.find_matches_as_indexes(block.translate(_SHAPE)):
        if start < behind:
            continue
        if number < 3:
            match = _UID.match(block, start) if uids else None
            if match and len(match[0]) <= 64:
                behind = match.end()
                if not is_well_known(match[0]):
                    yield Hit(*match.span(), UID)
        else:
            match = NUMBER_BYTES.match(block, start)
            if match and is_identity_number((match[1] + match[2]).decode()):
                yield Hit(*match.span(), NUMBER)


def _automata(words: set[bytes]) -> list[BytesAhoCorasick]:
    listed = sorted(words)
    return [
        BytesAhoCorasick(listed[first : first + WORDS_TOGETHER], matchkind=MatchKind.LeftmostFirst)
        for first in range(0, len(listed), WORDS_TOGETHER)
    ]


def _is_long_enough(word: bytes) -> bool:
    """Three bytes are not enough, unless one of them is a letter like Å."""
    return len(word) >= LEAST_IDENTIFIER or (len(word) == 3 and not word.isascii())


def _parted(word: bytes) -> re.Pattern[bytes]:
    letters = [re.escape(word[place : place + 1]) for place in range(len(word))]
    if word.isdigit():
        return re.compile(rb"(?<!\d)%b(?!\d)" % rb"[ .\-]?".join(letters))
    return re.compile(rb"[ .\-/^,_=\0]{0,2}".join(letters))


def _date_forms(date: bytes) -> Iterator[bytes]:
    """A date with the year or the day first, its parts side by side or parted by a mark."""
    if re.fullmatch(rb"\d{8}", date):
        year, month, day = date[:4], date[4:6], date[6:]
        yield date
        for mark in (b"-", b".", b"/"):
            yield mark.join((year, month, day))
            yield mark.join((day, month, year))


def _is_whole_date(block: bytes, start: int, end: int) -> bool:
    """Whether no digit stands beside a date, except those of a time of day."""
    before, after = block[start - 1 : start] if start else b"", block[end : end + 7]
    if before.isdigit() or before == b".":
        return False
    if not after[:1].isdigit():
        return True
    return bool(re.match(rb"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?!\d)", after))


def _terms(vocabulary: Vocabulary) -> dict[bytes, str]:
    """Every term in lower case and its kind."""
    terms: dict[bytes, str] = {}
    for word in {*vocabulary.names.strong, *vocabulary.places.strong}:
        for spelling in spelled(word):
            for codec in ("latin-1", "utf-8"):
                encoded = spelling.encode(codec, "ignore").lower()
                if _is_long_enough(encoded):
                    terms[encoded] = NAME
    for phrase in vocabulary.phrases:
        for codec in ("latin-1", "utf-8"):
            terms[phrase.encode(codec, "ignore").lower()] = NAME
    literals = vocabulary.literals
    for literal in {*literals, *(_LETTERS_THEN_DIGITS.sub(" ", one) for one in literals)}:
        encoded = literal.encode("latin-1", "ignore").lower()
        # In a block, a short number may as well be one of the physics.
        if len(encoded) >= (LEAST_BLOCK_NUMBER if encoded.isdigit() else 5):
            terms[encoded] = NUMBER
            terms[literal.encode("utf-16-le").lower()] = NUMBER
    for date in vocabulary.dates:
        if date.decode("latin-1") not in literals:  # a birth date is not shifted but goes
            terms.update(dict.fromkeys(_date_forms(date), DATE))
    return dict(sorted(terms.items()))


def _is_number(block: bytes, start: int, end: int) -> bool:
    before, after = block[start - 1 : start] if start else b"", block[end : end + 1]
    if block[start : start + 1].isdigit():
        return not before.isdigit() and before != b"." and not after.isdigit() and after != b"."
    return not before.isalpha() and not after.isalpha()


def _is_name(block: bytes, start: int, end: int) -> bool:
    """Whether no letter stands beside a name, except the s of its genitive."""
    if start and block[start - 1 : start].isalpha():
        return False
    after = block[end : end + 2]
    return not after[:1].isalpha() or (after[:1] == b"s" and not after[1:].isalpha())


_WHOLE = {NAME: _is_name, NUMBER: _is_number, DATE: _is_whole_date}
