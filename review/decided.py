"""What plans did with an element, in words: for pages, tables and files of the review."""

from collections.abc import Iterable
from typing import NamedTuple

from deidentify.decisions import ACTIONS
from review.models import Element, ElementDecision

SHORT = {
    "K": "kept",
    "X": "removed",
    "Z": "emptied",
    "D": "dummy",
    "U": "new UID",
    "C": "cleaned",
    "T": "kept, searched",
    "S": "date shifted",
    "A": "age capped",
    "E": "person replaced",
    "H": "cut to the hour",
    "Y": "birth date cut",
    "W": "written",
    "Q": "entered",
    "R": "entered, dummies",
    "B": "bytes searched",
    "G": "protocol cleaned",
    "N": "hashed",
    "P": "body part kept",
    "L": "left as it was",
    "M": "values mapped",
}
"""A letter of the engine's actions in a table's cell; the sentence stands beside it."""


class Did(NamedTuple):
    """What one plan version did with an element in some series.

    Attributes:
        plan: the version's number.
        action: a letter of deidentify.decisions.ACTIONS.
        short: a few words for a cell.
        words: what the engine calls it.
        row: the row that decided.
        series_count: in how many series.
    """

    plan: int
    action: str
    short: str
    words: str
    row: str
    series_count: int

    @property
    def sentence(self) -> str:
        """All of it: "Plan 2: text cleaned (no row names it), in 4 series."."""
        return f"Plan {self.plan}: {self.words} ({self.row}), in {self.series_count:,} series."


def what_plan_did(element: Element) -> list[Did]:
    """Return what became of an element, the latest plan first; most series first in each.

    Reads `element.decisions` with their plan versions: prefetch "decisions__plan_version" for
    many elements.
    """
    return sorted(_did(element.decisions.all()), key=lambda did: (-did.plan, -did.series_count))


def in_short(element: Element) -> str:
    """Return a few words for a cell: "cleaned", or "cleaned, removed" where series differ."""
    return ", ".join(dict.fromkeys(did.short for did in what_plan_did(element)))


def _did(decisions: Iterable[ElementDecision]) -> Iterable[Did]:
    for decision in decisions:
        yield Did(
            plan=decision.plan_version.number,
            action=decision.action,
            short=SHORT.get(decision.action, decision.action),
            words=ACTIONS.get(decision.action, decision.action),
            row=decision.row,
            series_count=decision.series_count,
        )
