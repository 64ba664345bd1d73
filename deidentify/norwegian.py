"""Norwegian identity numbers: which strings of eleven digits are one.

Source: Folkeregisterforskriften (construction and check digits); D-numbers add 40 to the day,
H-numbers 40 to the month, FH-numbers begin with 8 or 9 and hold no date, synthetic ones add
65 or 80 to the month. From 2032 the first check digit may also be 1, 2 or 3 higher.
"""

import re
from datetime import date

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
NUMBER = re.compile(
    r"(?<![\d.])(\d{2}[. ]?\d{2}[. ]?\d{2})[ \t.\-/_–]{0,2}(\d{3} ?\d{2})(?!\d|\.\d)"
)
NUMBER_BYTES = re.compile(rb"(?<![\d.])(\d{6})[ \-]?(\d{5})(?![\d.])")


def has_check_digits(number: str, *, from_2032: bool = False) -> bool:
    """Whether the last two of eleven digits follow from the nine before."""
    digits = [int(digit) for digit in number]
    first = (11 - sum(w * d for w, d in zip(_FIRST, digits, strict=False)) % 11) % 11
    second = (11 - sum(w * d for w, d in zip(_SECOND, digits, strict=False)) % 11) % 11
    allowed = {first % 11}
    if from_2032:
        allowed |= {(first + more) % 11 for more in (1, 2, 3)}
    return digits[9] in allowed and digits[10] == second


def has_date(number: str) -> bool:
    """Whether the first six digits are a date, marked as any kind of number marks it."""
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    if day > 40:
        day -= 40
    for mark in (0, 40, 60, 65, 80):
        if 1 <= month - mark <= 12:
            try:
                date(2000 + year, month - mark, day)
            except ValueError:
                continue
            return True
    return False


def is_identity_number(number: str) -> bool:
    """Whether eleven digits are a number that a person may bear."""
    if len(number) != 11 or not number.isdigit() or not number.isascii():
        return False
    if number[0] in "89":
        return has_check_digits(number)
    return has_date(number) and has_check_digits(number, from_2032=True)
