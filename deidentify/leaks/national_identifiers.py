"""Norwegian identity numbers in text: fødselsnummer, D-, H- and FH-numbers, test numbers.

Eleven digits with two check digits, both modulo 11. From 2032 the first check digit may also
be one to three higher; as chance meets that rule more often, it makes a finding less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CANDIDATE = re.compile(rb"(?<![\d.])(?:\d{6}[ .\-]?\d{5}|\d\d\.\d\d\.\d\d[ \-]?\d{5})(?!\d|\.\d)")

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MONTH_MARKS = (0, 40, 65, 80)
"""None, H-number or Dolly, Norsk helsenett's and Skatteetaten's synthetic numbers."""


def candidates(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield start, end and the eleven digits of whatever has the form of a number."""
    for match in CANDIDATE.finditer(data):
        yield match.start(), match.end(), re.sub(rb"\D", b"", match.group())


def rate(number: bytes) -> str:
    """Return "strict", "2032", "common" (FH: no date in it) or "" for no identity number."""
    digits = [byte - 48 for byte in number]
    offset = _check_offset(digits)
    if offset is None:
        return ""
    if _has_date(digits):
        return "strict" if offset == 0 else "2032"
    return "common" if digits[0] in (8, 9) and offset == 0 else ""


def has_date(number: bytes) -> bool:
    """Say whether eleven digits begin with a date, as all but the common help numbers do."""
    return _has_date([byte - 48 for byte in number])


def _check_offset(digits: list[int]) -> int | None:
    """Return by how much the first check digit exceeds the old rule, None if either is wrong."""
    first = -sum(map(int.__mul__, _FIRST, digits)) % 11
    second = -sum(map(int.__mul__, _SECOND, digits)) % 11
    if second != digits[10]:
        return None
    return next((more for more in range(4) if (first + more) % 11 == digits[9]), None)


def _has_date(digits: list[int]) -> bool:
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    is_month = any(1 <= month - mark <= 12 for mark in _MONTH_MARKS)
    return is_month and (1 <= day <= 31 or 41 <= day <= 71)
