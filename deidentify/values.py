"""New values for single elements: what each action letter makes of what stood there.

All functions take and return values without padding, several ones parted by a backslash.
"""

from collections.abc import Callable

from deidentify.dates import cap_age, coarse_date_time, coarse_time, shift_da, shift_dt
from deidentify.elements import named
from deidentify.errors import Refused
from deidentify.plan import Plan
from deidentify.uids import CLASS_UIDS, is_usable, names_a_class


def each(value: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Apply `change` to every one of several values."""
    if b"\\" in value:
        return b"\\".join(change(part.strip(b" \0")) for part in value.split(b"\\"))
    return change(value)


def new_uids(plan: Plan, tag: int, value: bytes) -> bytes:
    """Return the UIDs that stand for those in `value`.

    Raises:
        Refused: a value is no UID. Copying it could carry a name, mapping it would hide that
            the file is broken. In a private element, which nobody relies on, it goes instead.
    """

    def one(uid: bytes) -> bytes:
        if not uid or (tag in CLASS_UIDS and names_a_class(uid)):
            return uid
        if not is_usable(uid):
            if tag >> 16 & 1:
                return b""
            raise Refused("bad-uid", named(tag))
        return plan.uid_bytes(uid, tag=tag, always=True)

    return each(value, one)


def shifted(plan: Plan, vr: str, value: bytes) -> bytes:
    """Return dates moved by the participant's shift; what is no date becomes empty."""
    move = shift_da if vr == "DA" else shift_dt

    def one(date: bytes) -> bytes:
        moved = move(date, plan.days) if date else date
        return coarse_date_time(moved) if vr == "DT" and plan.profile.coarse_times else moved

    return each(value, one)


def cut_to_the_hour(vr: str, value: bytes) -> bytes:
    """Return times whose minutes and seconds are zeros; what is no time becomes empty."""
    cut = coarse_time if vr == "TM" else coarse_date_time
    return each(value, lambda time: cut(time) if time else time)


def capped(value: bytes) -> bytes:
    """Return ages, those above 89 years as 090Y."""
    return each(value, lambda age: cap_age(age) if age else age)
