"""Searching binary values fast: most blocks hold nothing, and one pass or two must say so.

A block of 60 kB differs in every image, so nothing can be remembered of it. What is known of
the patient is sought in the block without case, blanks and marks, by automata of few words
each (few words go through vector instructions, many through a table at a tenth of the speed);
numbers and UIDs are sought by their shape. Only where one of these answers is the block read
more closely.
"""

import re
from collections import Counter
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
LEAST_PARTED = 6
WORDS_TOGETHER = 48
_UID = re.compile(rb"(?<![\d.])(?:[0-2]\.\d{1,12}(?:\.\d{1,30}){4,}|2\.25\.\d{10,39}(?![\d.]))")
_BETWEEN = ("^", " ", ", ", "_", "-", ".")
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


class Found(NamedTuple):
    """What stands in a block.

    Attributes:
        hits: where, in no order.
        has_words: a word of the patient may stand there, for itself or inside others.
        has_fields: the name of a field whose value goes may stand there.
    """

    hits: list[Hit]
    has_words: bool = False
    has_fields: bool = False


class BlockSearch:
    """Searches blocks for what is known of one patient.

    Args:
        vocabulary: of the patient.
        markers: names of fields whose values go, in lower case, without marks.
    """

    def __init__(self, vocabulary: Vocabulary, markers: Iterable[bytes] = ()) -> None:
        self._markers = frozenset(markers)
        # What is sought by its letters and digits alone -> how it may stand in a block.
        self._written: dict[bytes, list[tuple[bytes, str]]] = {}
        for term, kind in sorted(_terms(vocabulary).items()):
            self._written.setdefault(squeezed(term), []).append((term, kind))
        numbers = [one for one in vocabulary.literals if one.isdigit() and len(one) >= LEAST_SPACED]
        # Long words and numbers may also have blanks, marks or zeros inside: names their parts,
        # UTF-16 all its letters.
        self._parted = {
            word
            for word, terms in self._written.items()
            if len(word) >= LEAST_PARTED and terms[0][1] == NAME
        }
        self._parted |= {number.encode() for number in numbers}
        self._patterns: dict[bytes, re.Pattern[bytes]] = {}
        words = {*self._written, *self._parted, *self._markers}
        self._words = sorted(word for word in words if _is_long_enough(word))
        self._gates = _automata(self._words)
        self._each = BytesAhoCorasick(self._words) if self._words else None

    def find(self, block: bytes, *, uids: bool = True) -> Found:
        """Return what stands in `block`; UIDs if they are asked for."""
        plain = squeezed(block)
        hits: list[Hit] = []
        has_words = has_fields = False
        if self._each and any(gate.find_matches_as_indexes(plain) for gate in self._gates):
            found = self._each.find_matches_as_indexes(plain, overlapping=True)
            met = Counter(self._words[index] for index, _, _ in found)
            has_words, has_fields = True, not self._markers.isdisjoint(met)
            hits.extend(self._known(block, met))
        hits.extend(_shaped(block, uids=uids))
        return Found(hits, has_words, has_fields)

    def _known(self, block: bytes, met: Counter[bytes]) -> Iterator[Hit]:
        """Where the words that were met stand; most of them turn out to be parts of others."""
        lower = block.lower()
        for word in sorted(met):
            seen = 0
            for term, kind in self._written.get(word, ()):
                start = lower.find(term)
                while start >= 0:
                    seen += 1
                    end = start + len(term)
                    if _WHOLE[kind](lower, start, end):
                        yield Hit(start, end, kind)
                    start = lower.find(term, start + 1)
            if word in self._parted and seen < met[word]:
                kind = NUMBER if word.isdigit() else NAME
                for match in self._pattern(word).finditer(lower):
                    if _WHOLE[kind](lower, *match.span()):
                        yield Hit(*match.span(), kind)

    def _pattern(self, word: bytes) -> re.Pattern[bytes]:
        if word not in self._patterns:
            self._patterns[word] = _parted(word)
        return self._patterns[word]


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


def _automata(words: list[bytes]) -> list[BytesAhoCorasick]:
    return [
        BytesAhoCorasick(words[first : first + WORDS_TOGETHER], matchkind=MatchKind.LeftmostFirst)
        for first in range(0, len(words), WORDS_TOGETHER)
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
    # Of long words the parts are found anyway, whatever stands between.
    short = [pair for pair in vocabulary.names.pairs if len("".join(pair)) < LEAST_PARTED]
    parted = {mark.join(pair) for pair in short for mark in _BETWEEN}
    for word in {*vocabulary.names.strong, *vocabulary.places.strong, *parted}:
        for spelling in spelled(word):
            for codec in ("latin-1", "utf-8", "utf-16-le"):
                encoded = spelling.encode(codec, "ignore").lower()
                if _is_long_enough(encoded):
                    terms[encoded] = NAME
    for phrase in vocabulary.phrases:
        if phrase.isdigit():
            continue  # the number of a house or a town is one of the physics as well
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
