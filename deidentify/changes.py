"""What each action letter does to a value, and to the element that holds it."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from deidentify import iod_types, mmiv, values
from deidentify.coded_strings import are_standard
from deidentify.content import CONTENT_DATES, is_birth_date, is_the_patient
from deidentify.dates import birth_date
from deidentify.decisions import Where
from deidentify.dummies import dummy
from deidentify.encoding import encode, header, padded
from deidentify.identifying import DATE
from deidentify.plan import Plan
from deidentify.text import clean_value, repaired
from deidentify.uids import MAX_LENGTH, are_long_and_unknown
from deidentify.under_way import UnderWay

MODEL_NAME = 0x00081090


# What a kept value of these VRs may consist of (PS3.5 6.2), and what scanners write besides.
_NUMBER = rb" *(?:[+-]?\d*[.,]?\d*(?:[eE][+-]?\d+)?|[+-]?(?i:nan|inf(?:inity)?))[ \0]*"
_UID = rb"(?:\d+(?:\.\d+)*)?[ \0]*"
FIGURES = {
    "DS": re.compile(_NUMBER + rb"(?:\\" + _NUMBER + rb")*"),
    "IS": re.compile(_NUMBER + rb"(?:\\" + _NUMBER + rb")*"),
    "TM": re.compile(rb"[\d.:\-+ \\\0]*"),
    "DA": re.compile(rb"[\d.:\-+ \\\0]*"),
    "DT": re.compile(rb"[\d.:\-+ \\\0]*"),
    "UI": re.compile(_UID + rb"(?:\\" + _UID + rb")*"),
}


class Met(NamedTuple):
    """An element met in a file.

    `vr` as stored, `meant` what it really is; `start` and `length` of the value, counted from
    the element's first byte.
    """

    tag: int
    vr: str
    start: int
    length: int
    meant: str = ""
    creator: str | None = None


def change_of(
    plan: Plan, where: Where, action: str, tag: int, vr: str
) -> Callable[[UnderWay, bytes], bytes]:
    """What an action letter does to a value.

    Args:
        plan: of the participant.
        where: the place of the element.
        action: a letter of decisions.ACTIONS that changes values.
        tag: 0xggggeeee.
        vr: what the element really is, where it was stored as UN.
    """
    if action == "U":
        return lambda walk, value: values.new_uids(plan, tag, value)
    needed = (iod_types.type_of(where.sop_class_uid, (*where.tags, tag)) or "1")[0] == "1"
    if_empty = plan.dummies.get(vr, b"") if needed else b""
    if action == "S" and tag in CONTENT_DATES:
        # Moved with all other dates, a birth date beside a kept age would tell both.
        instead = plan.dummies.get(vr, b"")
        return lambda walk, value: (
            instead if is_birth_date(value, walk.session.key) else values.shifted(plan, vr, value)
        )
    if action == "S":
        return lambda walk, value: values.shifted(plan, vr, value) or if_empty
    if action == "H":
        return lambda walk, value: values.cut_to_the_hour(vr, value) or if_empty
    if action == "Y":
        return lambda walk, value: birth_date(value, plan.profile.birth_date, latest(walk))
    if action == "E":
        return partial(_person, plan)
    if action == "A":
        return lambda walk, value: values.capped(value)
    if action == "D":
        return lambda walk, value: dummy(plan.dummies, vr, value)
    if action == "N":
        return lambda walk, value: plan.study_digest(b"", tag, value)
    if action == "P":
        return lambda walk, value: mmiv.body_part(value)
    if action == "G":
        return lambda walk, value: walk.session.cleaner.protocol(value)
    if action == "B":
        is_unknown = vr == "UN"
        return lambda walk, value: walk.session.cleaner.overwrite(value, may_be_text=is_unknown)
    if action == "F":
        form = FIGURES[vr]
        if vr == "DA":
            # Examined on the day of birth: a date that may stay, whatever else is the same.
            return lambda walk, value: value if form.fullmatch(value) else b""
        return lambda walk, value: walk.session.cleaner.figures(value, form)

    def cleaned(walk: UnderWay, value: bytes) -> bytes:
        if are_standard(tag, value):
            return value
        return clean_value(
            walk.session.cleaner,
            value,
            vr,
            walk.charset,
            only_patient=action == "T",
            model=tag == MODEL_NAME,
            if_empty=if_empty,
        )

    return cleaned


def _person(plan: Plan, walk: UnderWay, value: bytes) -> bytes:
    if is_the_patient(value, walk.charset, walk.session.key):
        return plan.identity.pseudonym.encode()
    return plan.dummies["PN"]


def latest(walk: UnderWay) -> bytes:
    """The latest date among those that say when the instance was made, b"" if there is none."""
    return max((value.strip() for kind, value, _ in walk.session.key if kind == DATE), default=b"")


def repaired_charset(walk: UnderWay, value: bytes) -> bytes:
    return repaired(value)


def changed(
    change: Callable[[UnderWay, bytes], bytes],
    met: Met,
    explicit: bool,
    walk: UnderWay,
    element: bytes,
) -> bytes | None:
    """Return the whole new element, None if its value stays as it is."""
    tag, vr, start = met.tag, met.meant, met.start
    stored = element[start:]
    value = stored if vr in ("OB", "OW", "UN") else stored.rstrip(b" \0")
    new = change(walk, value)
    return None if new == value else encode(tag, met.vr, padded(new, vr), explicit=explicit)


class NewUids:
    """The same for elements of VR UI, where most of a walk's work can lie.

    Args:
        plan: of the participant.
        met: one of the elements; the others differ in length and value at most.
        explicit: VRs are written out.

    Attributes:
        headers: length of a UID -> tag, VR and length of its element.
    """

    def __init__(self, plan: Plan, met: Met, explicit: bool) -> None:
        self._general = partial(
            changed, change_of(plan, Where(), "U", met.tag, "UI"), met, explicit
        )
        self._keyed = plan.keyed_uids
        self.headers = [
            header(met.tag, "UI", length + length % 2, explicit=explicit)
            for length in range(MAX_LENGTH + 1)
        ]

    def __call__(self, walk: UnderWay, element: bytes) -> bytes | None:
        """Return the whole new element, None if its value stays as it is."""
        drawn = self.drawn((element[8:],))
        if drawn is None:
            return self._general(walk, element)
        (uid,) = drawn
        return self.headers[len(uid)] + (uid + b"\0" if len(uid) & 1 else uid)

    def drawn(self, values: Sequence[bytes]) -> list[bytes] | None:
        """Return new UIDs for values as stored; None if one of them is to be looked at closely."""
        if self._keyed is None:
            return None
        originals = [value.rstrip(b" \0") for value in values]
        return self._keyed.each(originals) if are_long_and_unknown(originals) else None
