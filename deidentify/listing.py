"""A plan as a table for people: what becomes of each element, and which row of which layer says so.

What a compound code leaves to the attribute's type is said as such, since it differs from one
kind of image to the next; explain.py settles it for one file.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from deidentify import mmiv, table
from deidentify.decisions import ACTIONS, Decision, Where
from deidentify.elements import keyword, lookup
from deidentify.plan import Plan
from deidentify.private_elements import safe_elements
from deidentify.profiles import MMIV
from deidentify.rules import LETTERS

BY_TYPE = "?"
MEANING_BY_TYPE = "removed, emptied or replaced, by its type in the image's IOD"
# What no row names is decided by its VR: the name of each kind, and one such element.
DEFAULTS = {
    "UI": ("UIDs", 0x00080016),
    "SQ": ("Sequences", 0x00080006),
    "DA": ("Dates", 0x00141020),
    "DT": ("Dates with times", 0x00080416),
    "TM": ("Times", 0x00143077),
    "PN": ("Person names", 0x00142006),
    "LO": ("Texts", 0x00080104),
    "CS": ("Codes", 0x00080008),
    "UR": ("Web addresses", 0x0008010E),
    "DS": ("Numbers", 0x00101022),
}


class Row(NamedTuple):
    """One row: the element as rules name it, its name, letter, the letter in words, and why."""

    element: str
    name: str
    action: str
    meaning: str
    because: str


def listed(plan: Plan) -> list[Row]:
    """Return what the plan does, from the layer that is asked first to the one asked last."""
    return [
        *_ruled(plan),
        *_written(plan),
        *(_of_2019(plan) if plan.profile.name == MMIV else _of_the_standard(plan)),
        *_private(plan),
        *_defaults(plan),
    ]


def _row(element: str, name: str, decision: Decision) -> Row:
    return Row(element, name, decision.action, ACTIONS[decision.action], decision.because)


def _ruled(plan: Plan) -> Iterator[Row]:
    for rule in plan.rules:
        letter = "W" if rule.value else LETTERS[rule.action]
        because = f"rule of the project: {rule.element} {rule.action}"
        last = rule.path[-1]
        yield _row(rule.element, keyword(int(last, 16)) if len(last) == 8 else "",
                   Decision(letter, because))  # fmt: skip


def _written(plan: Plan) -> Iterator[Row]:
    for tag, write in sorted(plan.writes.items()):
        because = "written by de-identification"
        if write.if_present:
            because += " where it is there"
        elif write.if_absent:
            because += " where it is missing"
        yield _row(_element(tag), keyword(tag), Decision("W", because))


def _of_the_standard(plan: Plan) -> Iterator[Row]:
    for row in table.rows().values():
        if row.tag == "private":
            continue
        tag = int(row.tag.replace("x", "2"), 16)
        if tag in plan.writes and not plan.writes[tag].if_absent:
            continue
        found = lookup(tag)
        decision = plan.decide(Where(), tag, found[0] if found else "UN")
        name = row.tag.upper().replace("X", "x")
        element = f"({name[:4]},{name[4:]})"
        because = decision.because
        if because.startswith("E.1-1") and "/" in row.basic and " by " not in because:
            yield Row(element, row.name, BY_TYPE, MEANING_BY_TYPE, because)
        else:
            yield _row(element, row.name, decision)


def _of_2019(plan: Plan) -> Iterator[Row]:
    for tag in mmiv.actions():
        if tag not in plan.writes:
            found = lookup(tag)
            yield _row(
                _element(tag), keyword(tag), plan.decide(Where(), tag, found[0] if found else "UN")
            )


def _private(plan: Plan) -> Iterator[Row]:
    if plan.profile.name == MMIV:
        because = "the table of 2019 keeps private elements"
        yield Row("private", "All private elements", "T", ACTIONS["T"], because)
        return
    if plan.profile.has("safe_private"):
        for (group, creator), elements in sorted(safe_elements().items()):
            alike: dict[Decision, list[str]] = defaultdict(list)
            for last, vr in sorted(elements.items()):
                decision = plan.decide(Where(), group << 16 | 0x1000 | last, vr, creator)
                alike[decision].append(f"{last:02X}")
            for decision, bytes_ in alike.items():
                yield _row(f'({group:04X},"{creator}",{" ".join(bytes_)})', creator, decision)
    decision = plan.decide(Where(), 0x00291001, "UN", None)
    yield _row("private", "All other private elements", decision)


def _defaults(plan: Plan) -> Iterator[Row]:
    for vr, (name, tag) in DEFAULTS.items():
        decision = plan.decide(Where(), tag, vr)
        yield _row(f"any {vr}", f"{name} that no row names", decision)
    because = "unknown public element"
    yield _row("unknown", "Public elements that the standard does not know",
               Decision("X", because))  # fmt: skip


def _element(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
