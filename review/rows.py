"""The rows of the inventory's table, put into words, and written.

Sixty rows of twelve cells are what the page spends its time on. An element says the same today as
a minute ago, mostly: what a row is written from are its words and nothing else, so that one that
says the same was written before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string

from review.decided import what_plan_did
from review.models import Across, Element, Within
from review.names import Step, steps
from review.risk import in_words

ROWS_KEPT = 4000
"""Rows that stay written, in each process: some projects of a few hundred, 2 kB each."""
PARTS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One element; `parent` is the sequence it lies in. Bars, panel and pill are HTML."""

    pk: str
    path: str
    step: Step
    parent: Step | None
    deeper: bool
    vr: str
    bars: str
    why: str
    panel: str
    did: str
    did_row: str
    did_whole: str
    images: str
    of_images: str
    studies: str
    values: str
    is_most: bool
    participants: str
    across: str
    within: str
    pill: str


def rows_of(elements: Iterable[Element], *, here: str, may_judge: bool) -> list[str]:
    """Write elements that are `compared`, with their decisions prefetched, as rows of HTML.

    `here` is the address of the inventory that they are in.
    """
    return [_written(_row(element), here, may_judge) for element in elements]


@lru_cache(ROWS_KEPT)
def _written(row: Row, here: str, may_judge: bool) -> str:
    facts = {"row": row, "here": here, "may_judge": may_judge}
    return render_to_string("review/parts/inventory_row.html", facts)


def _row(element: Element) -> Row:
    *outer, step = steps(element.path) or [Step(element.tag, element.keyword)]
    did = what_plan_did(element)
    because = tuple(in_words(element.risk_reasons))
    here = getattr(element, "here_count", None)
    images = element.instance_count if here is None else here
    across = Across(element.across)
    noun = "study" if element.study_count == 1 else "studies"
    return Row(
        pk=str(element.pk),
        path=element.path,
        step=step,
        parent=outer[-1] if outer else None,
        deeper=len(outer) > 1,
        vr=element.vr,
        bars=_bars(element.risk),
        why=" ".join(because),
        panel=_panel(element.risk, because),
        did=", ".join(dict.fromkeys(one.short for one in did)),
        did_row=did[0].row.replace(f" {step.name}", "") if did else "",
        did_whole=" ".join(one.sentence for one in did),
        images=f"{images:,}",
        of_images="" if images == element.instance_count else f"{element.instance_count:,}",
        studies=f"{element.study_count:,} {noun}",
        values=f"{element.distinct_count:,}",
        is_most=bool(element.unlisted_count),
        participants=f"{element.participant_count:,}",
        across="" if across is Across.ONE else across.label,
        within=Within(element.within).label,
        pill=_pill(element.standing, element.open_value_count),
    )


@lru_cache(PARTS_KEPT)
def _bars(risk: int) -> str:
    return render_to_string("review/parts/bars.html", {"level": risk})


@lru_cache(PARTS_KEPT)
def _panel(risk: int, sentences: tuple[str, ...]) -> str:
    return render_to_string("review/parts/why_risk.html", {"risk": risk, "sentences": sentences})


@lru_cache(PARTS_KEPT)
def _pill(standing: str, opened: int) -> str:
    return render_to_string("review/parts/standing.html", {"standing": standing, "opened": opened})
