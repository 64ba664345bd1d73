"""Dummies: what stands where a value has to go and its element may not be empty.

Texts and numbers come from a table, which a profile may overrule. Dates and times are drawn
from the participant's key: well formed, the same in all of one participant's instances, and
no constant by which a reader, or a program that computes with it, would be misled about
everybody alike. UIDs have no dummy: they are replaced one by one.

Source: DICOM PS3.15 E.1.1 (action D), PS3.5 6.2 (what each VR may hold).
"""

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from deidentify.elements import TABLES
from deidentify.keys import derive

DRAWN = "drawn"
FIRST_DATE, DATES = date(1970, 1, 1), 365 * 30
SECONDS = 24 * 60 * 60
WIDTHS = {
    "OB": 2, "OW": 2, "UN": 2, "US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "OF": 4,
    "OD": 8, "OL": 4, "OV": 8, "SV": 8, "UV": 8, "AT": 4,
}  # fmt: skip
# As many zeros as there were numbers; of the others, one is enough.
COUNTED = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV"})
SINGLE = frozenset({"ST", "LT", "UT", "UR"})


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, str, str], ...]:
    with (TABLES / "dummies.csv").open(newline="") as file:
        next(file)
        return tuple((row["profile"], row["vr"], row["value"]) for row in csv.DictReader(file))


def listed(profile: str) -> Mapping[str, str]:
    """Return VR -> dummy of a profile, as the table has it."""
    table = _table()
    return {vr: value for name in ("*", profile) for whose, vr, value in table if whose == name}


def drawn(profile: str, secret: bytes) -> Mapping[str, bytes]:
    """Return VR -> dummy, with the date and time of one participant in it."""
    number = int.from_bytes(derive(secret, "dummy date", 16), "big")
    day = (FIRST_DATE + timedelta(number % DATES)).strftime("%Y%m%d")
    second = number // DATES % SECONDS
    time = f"{second // 3600:02}{second // 60 % 60:02}{second % 60:02}"
    own = {"DA": day, "TM": time, "DT": day + time}
    texts = {vr: own[vr] if text == DRAWN else text for vr, text in listed(profile).items()}
    zeros = {vr: bytes(width) for vr, width in WIDTHS.items()}
    return zeros | {vr: text.encode() for vr, text in texts.items()}


def dummy(dummies: Mapping[str, bytes], vr: str, value: bytes) -> bytes:
    """Return a value that says nothing, valid for its VR, as many as there were.

    Args:
        dummies: of the plan.
        vr: what the element is.
        value: the original one, without padding.
    """
    single = dummies.get(vr, b"")
    if vr in COUNTED:
        return bytes(len(value) or len(single))
    if vr in WIDTHS or vr in SINGLE:
        return single
    return b"\\".join([single] * (value.count(b"\\") + 1))
