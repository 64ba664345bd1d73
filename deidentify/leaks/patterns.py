"""What identifies without a source to compare with: identity numbers, e-mail, phones.

Only text is looked at; numbers and UIDs are digits by nature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from deidentify.leaks.finding import LIKELY, POSSIBLE
from deidentify.leaks.national_identifiers import candidates, rate

_EMAIL = re.compile(rb"[\w.%+\-]{1,64}@[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,24}\b", re.I)
_PHONE = re.compile(rb"(?:\+47|\b0047)[ \-]?[2-9](?:[ \-]?\d){7}(?!\d)")
_CUE = re.compile(rb"f\.?nr|f\xf8dt|f\xc3\xb8dt|fodt|personn|pnr|pasient|patient|\bid\b", re.I)
_CUE_REACH = 24
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
    if len(value) < 11:
        return
    for start, end, number in candidates(value):
        kind = rate(number)
        has_cue = bool(_CUE.search(value[max(0, start - _CUE_REACH) : start]))
        is_grouped = end - start > len(number)
        if kind == "strict":
            yield Match("national_id", start, end, LIKELY)
        elif kind and (has_cue or is_grouped):
            yield Match("national_id", start, end, POSSIBLE)


def is_text(vr: str, value: bytes) -> bool:
    """Say whether patterns make sense in this value."""
    if vr in TEXT_VRS:
        return True
    return vr in ("UN", "OB") and len(value) <= LONGEST_TEXT and is_printable(value)


def is_printable(value: bytes) -> bool:
    """Say whether bytes may be text: no control characters but those of lines and padding."""
    return bool(value) and not value.translate(None, _PRINTABLE)


_PRINTABLE = bytes(code for code in range(256) if code >= 32 or code in b"\0\t\r\n")
