"""Dates moved by one number of days per participant, so that intervals stay.

Source: DICOM PS3.5 section 6.2 (DA, DT), PS3.15 E.3.6 (Retain Longitudinal Temporal
Information With Modified Dates Option).
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from deidentify.keys import derive

NEAREST, FARTHEST = 30, 365

# As PS3.5 writes it; as ACR-NEMA did (2024.03.12); as programs do that follow ISO 8601.
_DATE = re.compile(rb"(\d{4})([.\-/]?)(\d{2})\2(\d{2})")
_DATE_TIME = re.compile(
    rb"(\d{4})(?:(\d{2})(?:(\d{2})(\d{0,6}(?:\.\d{1,6})?))?)?([+-](?:0\d|1[0-4])[0-5]\d)?"
)
_TIME = re.compile(rb"(\d{2}):?(?:\d{2}(?::?\d{2}(?:\.\d{0,6})?)?)?")
OLDEST_AGE = 90
FIXED_DAYS = {"year": "0701", "january": "0101"}


def draw_shift(secret: bytes) -> int:
    """Return the participant's own shift: 30 to 365 days into the past, never 0.

    Eight bytes over 336 values: the bias of the remainder is below 1 in 10**16.
    """
    number = int.from_bytes(derive(secret, "date shift", 8), "big")
    return -(NEAREST + number % (FARTHEST - NEAREST + 1))


@lru_cache(maxsize=4096)
def _moved(year: int, month: int, day: int, days: int) -> bytes | None:
    try:
        return (date(year, month, day) + timedelta(days)).strftime("%Y%m%d").zfill(8).encode()
    except (ValueError, OverflowError):
        return None


def shift_da(value: bytes, days: int) -> bytes:
    """Shift one DA value, or a range of two; what is no date becomes empty, never stays.

    Args:
        value: as stored, without padding.
        days: to add; negative into the past.
    """
    value = value.strip()
    if match := _DATE.fullmatch(value):
        return _moved(int(match[1]), int(match[3]), int(match[4]), days) or b""
    return _range(value, lambda part: shift_da(part, days))


def shift_dt(value: bytes, days: int) -> bytes:
    """Shift one DT value or range, keeping its precision, fraction and offset.

    A year alone, or year and month, is moved from its middle and cut to the same precision,
    so that a shifted month is the nearest one. What is no date becomes empty.
    """
    value = value.strip()
    match = _DATE_TIME.fullmatch(value)
    if not match:
        return _range(value, lambda part: shift_dt(part, days))
    year, month, day, time, offset = match.groups(b"")
    moved = _moved(int(year), int(month or 7), int(day or (15 if month else 2)), days)
    if moved is None:
        return b""
    return moved[: len(year + month + day)] + time + offset


def _range(value: bytes, move: Callable[[bytes], bytes]) -> bytes:
    """Shift both ends of a range (PS3.4 C.2.2.2.5), of which one may be open."""
    first, hyphen, second = value.partition(b"-")
    if not hyphen or b"-" in second or not (first or second):
        return b""
    ends = [move(end) if end else b"" for end in (first, second)]
    is_whole = all(new or not old for old, new in zip((first, second), ends, strict=True))
    return b"-".join(ends) if is_whole else b""


def coarse_time(value: bytes) -> bytes:
    """Return a TM value cut to the hour, the rest zeros; what is no time becomes empty."""
    match = _TIME.fullmatch(value.strip())
    return match[1] + b"0000" if match else b""


def coarse_date_time(value: bytes) -> bytes:
    """Return a DT value whose time is cut to the hour, its offset kept."""
    match = _DATE_TIME.fullmatch(value.strip())
    if not match:
        return b""
    year, month, day, time, offset = match.groups(b"")
    return year + month + day + (time[:2] + b"0000" if len(time) >= 2 else b"") + offset


def birth_date(value: bytes, policy: str, on: bytes) -> bytes:
    """Return what a policy leaves of a birth date.

    Args:
        value: DA.
        policy: `year` gives the middle of the year, since DA has to name a day; `january` its
            first day; `kept` the date itself.
        on: the latest date of the instance, DA. A person of 90 years or more at that date, or
            of unknown age because there is none, keeps no birth date (see cap_age).
    """
    born, day = _DATE.fullmatch(value.strip()), _DATE.fullmatch(on.strip())
    if not born or not day:
        return b""
    year, month, date_of_month = int(born[1]), int(born[3]), int(born[4])
    had_birthday = (int(day[3]), int(day[4])) >= (month, date_of_month)
    age = int(day[1]) - year - (not had_birthday)
    if age >= OLDEST_AGE or _moved(year, month, date_of_month, 0) is None:
        return b""
    tail = FIXED_DAYS.get(policy)
    return born[1] + (tail.encode() if tail else born[3] + born[4])


def possible_birth_dates(policy: str) -> frozenset[str]:
    """Return all that `birth_date` writes in place of the true day, on which one may be born."""
    tail = FIXED_DAYS.get(policy, "")
    return frozenset(f"{year}{tail}" for year in range(1850, 2101)) if tail else frozenset()


def cap_age(value: bytes) -> bytes:
    """Return an AS value with every age above 89 years given as 090Y.

    Source: PS3.15 E.3.7 leaves ages to local law; 45 CFR 164.514(b)(2)(i)(C) puts the limit
    after 89 years.
    """
    match = re.fullmatch(rb"(\d{3})([DWMY])", value)
    if not match:
        return b""
    years = int(match[1]) / {b"D": 365.25, b"W": 52.18, b"M": 12.0, b"Y": 1.0}[match[2]]
    return b"090Y" if years >= OLDEST_AGE else value
