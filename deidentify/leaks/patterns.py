"""What identifies without a source to compare with: identity numbers, e-mail, phones, addresses.

Only text is looked at; numbers and UIDs are digits by nature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from deidentify.leaks.common_words import COMMON_WORDS, EVERYDAY_WORDS, INSTITUTION_WORDS
from deidentify.leaks.finding import LIKELY, POSSIBLE
from deidentify.leaks.folding import words
from deidentify.leaks.national_identifiers import candidates, has_date, rate

_EMAIL = re.compile(rb"[\w.%+\-]{1,64}@[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,24}\b", re.I)
_PHONE = re.compile(rb"(?:\+47|\b0047)[ \-]?[2-9](?:[ \-]?\d){7}(?!\d)")
_CUED_PHONE = re.compile(
    rb"(?<![a-z])(?:tlf|telefon|tel|mobil|mob|phone|calling|ring)[.: ]{1,3}"
    rb"([2-9]\d(?:[ ]?\d\d){3}|[2-9]\d\d[ ]\d\d[ ]\d{3}|\d{5})(?![\d.,])",
    re.I,
)
_CUE = re.compile(rb"f\.?nr|f\xf8dt|f\xc3\xb8dt|fodt|personn|pnr|pasient|patient|\bid\b", re.I)
_CUE_REACH = 24
_STREET = re.compile(
    rb"(?<![a-z])([A-Z\xc6\xd8\xc5\xc3][a-z\xe6\xf8\xe5\x80-\xbf\xc3.\-]{2,30}"
    rb"(?:s[ ](?:gate|vei|veg|plass|all[e\xe9])|gata|gaten|veien|vegen|svingen|bakken|haugen|"
    rb"stien))"
    rb"[ ]\d{1,3}[ ]?[A-Z]?(?![\w.,%])"
)
_POST_BOX = re.compile(rb"(?<![a-z])(?:postboks|postbox|p\.?o\.?[ ]box)[ ]\d{1,5}\b", re.I)
_MEDICAL_WAYS = re.compile(
    rb"(?i)(?:luft|urin|galle|f\S{1,2}dsel|sme?rte|syns|lede|nerve|melke)s?ve"
)
_ANNOUNCED = re.compile(
    rb"(?<![a-z])(?:[Hh]envist av|[Rr]ekvirert av|[Uu]tf\S{1,2}rt av|[Bb]esvart av|[Oo]rdered by|"
    rb"[Rr]eferred by|[Pp]erformed by|[Rr]eported by|[Pp]asient(?:navn)?:|[Pp]atient name:)[ ]"
    rb"([A-Z\xc6\xd8\xc5][a-z\xe6\xf8\xe5]{1,20},?[ ]"
    rb"[A-Z\xc6\xd8\xc5][a-z\xe6\xf8\xe5]{1,20})(?![a-z])"
)
LONGEST_TEXT = 1024
"""Bytes of a value of no text VR up to which it may be text all the same."""
TEXT_VRS = frozenset("LO LT PN SH ST UC UR UT".split())  # noqa: SIM905


class Match(NamedTuple):
    """What a pattern matched: kind, half-open range in the value, and how sure that is."""

    kind: str
    start: int
    end: int
    sure: str


def matches(value: bytes) -> Iterator[Match]:
    """Yield the identifiers that a text value holds by their form alone."""
    if b"@" in value:
        for match in _EMAIL.finditer(value):
            yield Match("email", *match.span(), LIKELY)
    if b"+47" in value or b"0047" in value:
        for match in _PHONE.finditer(value):
            yield Match("phone", *match.span(), POSSIBLE)
    yield from _words(value)
    if len(value) < 11:
        return
    for start, end, number in candidates(value):
        kind = rate(number)
        has_cue = bool(_CUE.search(value[max(0, start - _CUE_REACH) : start]))
        is_grouped = end - start > len(number)
        if kind == "strict":
            yield Match("national_id", start, end, LIKELY)
        elif (kind and (has_cue or is_grouped)) or (has_cue and has_date(number)):
            # beside a word that announces one, wrong check digits are a typing error
            yield Match("national_id", start, end, POSSIBLE)


def _words(value: bytes) -> Iterator[Match]:
    """Yield what has the form of a phone number, an address or an announced name."""
    if b" " not in value:
        return
    for match in _CUED_PHONE.finditer(value):
        yield Match("phone", *match.span(1), POSSIBLE)
    for match in _STREET.finditer(value):
        if not _MEDICAL_WAYS.match(match[1]):
            yield Match("address", *match.span(), POSSIBLE)
    for match in _POST_BOX.finditer(value):
        yield Match("address", *match.span(), POSSIBLE)
    for match in _ANNOUNCED.finditer(value):
        if not any(_is_common(word) for word in words(match[1].decode("latin-1"))):
            yield Match("name", *match.span(1), POSSIBLE)


def _is_common(word: str) -> bool:
    return word in COMMON_WORDS or word in INSTITUTION_WORDS or word in EVERYDAY_WORDS


def buried_numbers(value: bytes) -> Iterator[Match]:
    """Yield identity numbers in a long binary value: eleven digits in a row and nothing else."""
    digits = value.translate(_DIGITS)
    at = digits.find(_ELEVEN)
    while at >= 0:
        end = at + 11
        while digits[end : end + 1] == b"0":
            end += 1
        is_alone = value[at - 1 : at] not in (b".", b",") and value[end : end + 1] != b"."
        if end - at == 11 and is_alone and rate(value[at:end]) == "strict":
            yield Match("national_id", at, end, POSSIBLE)
        at = digits.find(_ELEVEN, end)


_ELEVEN = b"0" * 11
_DIGITS = bytes(48 if 48 <= code <= 57 else 32 for code in range(256))


def is_text(vr: str, value: bytes) -> bool:
    """Say whether patterns make sense in this value."""
    if vr in TEXT_VRS:
        return True
    return vr in ("UN", "OB") and len(value) <= LONGEST_TEXT and is_printable(value)


def is_printable(value: bytes) -> bool:
    """Say whether bytes may be text: no control characters but those of lines and padding."""
    return bool(value) and not value.translate(None, _PRINTABLE)


_PRINTABLE = bytes(code for code in range(256) if code >= 32 or code in b"\0\t\r\n")
