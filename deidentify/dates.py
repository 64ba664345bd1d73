"""Dates moved by one number of days per participant, so that intervals stay.

Source: DICOM PS3.5 section 6.2 (DA, DT), PS3.15 E.3.6 (Retain Longitudinal Temporal
Information With Modified Dates Option).
"""

import re
from datetime import date, timedelta

from deidentify.keys import derive

NEAREST, FARTHEST = 30, 365

_DATE = re.compile(rb"(\d{4})(\d{2})(\d{2})")
_OLD_DATE = re.compile(rb"(\d{4})\.(\d{2})\.(\d{2})")  # ACR-NEMA, still met in old archives
_DATE_TIME = re.compile(rb"(\d{4})(\d{2})?(\d{2})?(\d{0,6}(?:\.\d{1,6})?)?([+-]\d{4})?")


def draw_shift(secret: bytes) -> int:
    """Return the participant's own shift: 30 to 365 days into the past, never 0.

    Eight bytes over 336 values: the bias of the remainder is below 1 in 10**16.
    """
    number = int.from_bytes(derive(secret, "date shift", 8), "big")
    return -(NEAREST + number % (FARTHEST - NEAREST + 1))


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
    if b"-" in value:
        return b"-".join(shift_da(part, days) if part else b"" for part in value.split(b"-", 1))
    match = _DATE.fullmatch(value) or _OLD_DATE.fullmatch(value)
    if not match:
        return b""
    return _moved(int(match[1]), int(match[2]), int(match[3]), days) or b""


def shift_dt(value: bytes, days: int) -> bytes:
    """Shift one DT value, keeping its precision, fraction and offset.

    A year alone, or year and month, is moved from its middle and cut to the same precision,
    so that a shifted month is the nearest one. What is no date becomes empty.
    """
    match = _DATE_TIME.fullmatch(value)
    if not match:
        return b""
    year, month, day, time, offset = match.groups(b"")
    if (time and not day) or (day and not month):
        return b""
    moved = _moved(int(year), int(month or 7), int(day or (15 if month else 2)), days)
    if moved is None:
        return b""
    return moved[: len(year + month + day)] + time + offset


def cap_age(value: bytes) -> bytes:
    """Return an AS value with every age above 89 years given as 090Y.

    Source: PS3.15 E.3.7 leaves ages to local law; 45 CFR 164.514(b)(2)(i)(C) puts the limit
    after 89 years.
    """
    match = re.fullmatch(rb"(\d{3})([DWMY])", value)
    if not match:
        return b""
    years = int(match[1]) / {b"D": 365.25, b"W": 52.18, b"M": 12.0, b"Y": 1.0}[match[2]]
    return b"090Y" if years >= 90 else value
