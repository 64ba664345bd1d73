"""How an identifying value becomes things to look for: words, phrases, identifiers.

Every shape is a generator of (shape, text); see terms.Term. What cannot be told from ordinary
words gives none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from deidentify.leaks.common_words import (
    COMMON_WORDS,
    INSTITUTION_WORDS,
    PLACEHOLDERS,
    TITLES,
)
from deidentify.leaks.folding import compact_text, fold, normalised, spelled, words

SHORTEST_NAME = 4
SHORTEST_ACCENTED = 3
"""Letters of a name with Norwegian or accented ones, which few other words have."""
LEAST_INITIALS = 3
"""Initials with dots below which they are an abbreviation."""
SHORTEST_IDENTIFIER = 4
SHORTEST_PHRASE = 5


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
            yield from _with_initials(parts)
            yield "words", " ".join(accented)
            yield "words", " ".join([*accented[1:], accented[0]])
            yield "words", f"{accented[1]} {accented[0]}"
            yield "words", f"{accented[0]} {accented[1]}"


def _with_initials(parts: list[str]) -> Iterator[tuple[str, str]]:
    """Forms with initials: "a. lie", "lie, a." of short names; sign-ins of longer ones."""
    family, given = parts[0], parts[1:]
    if not all(part.isascii() and part.isalpha() for part in parts):
        return
    if len(family) > SHORTEST_NAME:
        # as people sign in: onordmann, nordmanno
        yield "word", given[0][0] + family
        yield "word", family + given[0][0]
    if 2 <= len(family) < SHORTEST_NAME:
        for gap in (" ", ""):
            yield "initials", f"{given[0][0]}.{gap}{family}"
        yield "initials", f"{family}, {given[0][0]}."
    letters = [part[0] for part in [*given, family]]
    if len(letters) >= LEAST_INITIALS:
        yield "initials", "".join(f"{letter}." for letter in letters)


def _is_name(word: str, vocabulary: Collection[str]) -> bool:
    shortest = SHORTEST_NAME if word.isascii() else SHORTEST_ACCENTED if _is_latin(word) else 2
    return len(word) >= shortest and not _is_ordinary(word, vocabulary)


def _is_latin(word: str) -> bool:
    return all(ord(letter) < 0x250 for letter in word)


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


def comparable(kind: str, text: str) -> set[str]:
    """Return what is compared of an element's value with the same element of the source."""
    if kind in ("date", "birth_date"):
        return {date for value in text.split("\\") if (date := real_date(value))}
    value = normalised(text)
    return {value} if value else set()


def real_date(value: str) -> str:
    """Return the eight digits of a date (DA, DT) that is no placeholder, else ""."""
    date = value.strip(" \0")[:8]
    is_real = len(date) == 8 and date.isdigit() and date not in PLACEHOLDER_DATES
    return date if is_real else ""


PLACEHOLDER_DATES = frozenset({"19000101", "00010101", "18000101", "18580101", "99991231"})

SHAPES: dict[str, Callable[[str, Collection[str]], Iterator[tuple[str, str]]]] = {
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
