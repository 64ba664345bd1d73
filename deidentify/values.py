"""New values for single elements: what each action letter makes of what stood there.

All functions take and return values without padding, several ones parted by a backslash.
"""

from collections.abc import Callable

from deidentify.dates import DUMMY_DATE, cap_age, shift_da, shift_dt
from deidentify.elements import named
from deidentify.errors import Refused
from deidentify.plan import Plan
from deidentify.uids import WELL_KNOWN_ROOT, is_usable

DUMMIES = {
    "AE": b"REMOVED", "AS": b"000Y", "CS": b"REMOVED", "DA": DUMMY_DATE, "DS": b"0",
    "DT": DUMMY_DATE + b"000000", "IS": b"0", "LO": b"REMOVED", "LT": b"REMOVED",
    "PN": b"REMOVED", "SH": b"REMOVED", "ST": b"REMOVED", "TM": b"000000", "UC": b"REMOVED",
    "UR": b"urn:removed", "UT": b"REMOVED", "OB": b"\0\0", "OW": b"\0\0", "UN": b"\0\0",
    "US": b"\0\0", "SS": b"\0\0", "UL": bytes(4), "SL": bytes(4), "FL": bytes(4),
    "FD": bytes(8), "OF": bytes(4), "OD": bytes(8), "OL": bytes(4), "OV": bytes(8),
    "SV": bytes(8), "UV": bytes(8), "AT": bytes(4),
}  # fmt: skip


def each(value: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Apply `change` to every one of several values."""
    if b"\\" in value:
        return b"\\".join(change(part.strip(b" \0")) for part in value.split(b"\\"))
    return change(value)


def new_uids(plan: Plan, tag: int, value: bytes) -> bytes:
    """Return the UIDs that stand for those in `value`.

    Raises:
        Refused: a value is no UID. Copying it could carry a name, mapping it would hide that
            the file is broken.
    """

    def one(uid: bytes) -> bytes:
        if not uid or uid.startswith(WELL_KNOWN_ROOT):
            return uid
        if not is_usable(uid):
            raise Refused("bad-uid", named(tag))
        return plan.uid_bytes(uid, tag=tag)

    return each(value, one)


def shifted(plan: Plan, vr: str, value: bytes) -> bytes:
    """Return dates moved by the participant's shift; what is no date becomes empty."""
    move = shift_da if vr == "DA" else shift_dt

    def one(date: bytes) -> bytes:
        return move(date, plan.days) if date else date

    return each(value, one)


def capped(value: bytes) -> bytes:
    """Return ages, those above 89 years as 090Y."""
    return each(value, lambda age: cap_age(age) if age else age)


def dummy(vr: str, value: bytes) -> bytes:
    """Return a value that says nothing, valid for its VR, as many as there were."""
    single = DUMMIES.get(vr, b"")
    if vr in ("ST", "LT", "UT", "UR", "OB", "OW", "UN"):
        return single
    if vr in ("US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV"):
        return bytes(len(value) or len(single))
    return b"\\".join([single] * (value.count(b"\\") + 1))
