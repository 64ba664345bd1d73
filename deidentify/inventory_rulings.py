"""What a plan did with each element that an inventory finds, and which row said so.

The plan is asked for every path as the rewriting asks it on its way down: a sequence before what
it holds. What is asked about is already de-identified, so a VR may have become another one; the
plan is then asked about the one that is there now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from deidentify.decisions import Where, part
from deidentify.explain import CREATOR_STAYS
from deidentify.inventory import ElementRow, Name, names_in
from deidentify.plan import Plan

LONGEST_ROW = 500


class Ruling(NamedTuple):
    """A letter of decisions.ACTIONS, and the row that decided, as the plan is explained."""

    action: str
    row: str


def rulings(plan: Plan, rows: Iterable[ElementRow], sop_class_uid: str) -> dict[str, Ruling]:
    """Return what the plan decides about each path of a series.

    A sequence that the plan writes is its own as a whole, with all that stands in it.

    Args:
        plan: compiled for anybody; what it decides is the same for all.
        rows: of the series.
        sop_class_uid: of its instances, which decides the types of attributes.
    """
    top = Where(sop_class_uid=sop_class_uid)
    inside: dict[tuple[Name, ...], Where] = {(): top}
    own = {
        tag: Ruling(decision.action, decision.because)
        for tag, write in plan.writes.items()
        if write.items and (decision := plan.decide(top, tag, "SQ")).action == "W"
    }
    found = {}
    for row in rows:
        names = names_in(row.path)
        if len(names) > 1 and names[0].tag in own:
            found[row.path] = own[names[0].tag]
        else:
            where = _where(plan, names[:-1], inside)
            found[row.path] = _ruling(plan, where, names[-1], row.vr)
    return found


def _where(plan: Plan, names: tuple[Name, ...], inside: dict[tuple[Name, ...], Where]) -> Where:
    """Return the place inside some sequences; asked once for all elements of them."""
    known = inside.get(names)
    if known is not None:
        return known
    above = _where(plan, names[:-1], inside)
    name = names[-1]
    decision = plan.decide(above, name.tag, "SQ", name.creator)
    where = replace(
        above,
        parents=(*above.parents, part(name.tag, name.creator)),
        tags=(*above.tags, name.tag),
        strict=above.strict or decision.action == "R",
    )
    inside[names] = where
    return where


def _ruling(plan: Plan, where: Where, name: Name, vr: str) -> Ruling:
    if name.tag >> 16 & 1 and 0x10 <= name.tag & 0xFFFF <= 0xFF:
        return Ruling("K", CREATOR_STAYS)
    decision = plan.decide(where, name.tag, vr, name.creator)
    return Ruling(decision.action, decision.because[:LONGEST_ROW])
