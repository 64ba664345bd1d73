"""What the rows of the inventory's table say, put into words before the template comes.

A hundred rows of twelve cells are what the page spends its time on: what many rows have in common
is said once, and the template gets words that are ready to be written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template.loader import get_template

from review.decided import what_plan_did
from review.models import Across, Element, Within
from review.names import Step, steps
from review.risk import in_words


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


def rows_of(elements: Iterable[Element]) -> list[Row]:
    """Put elements that are `compared`, with their decisions prefetched, into words."""
    bars = _once("review/parts/bars.html", "level")
    panel = _once("review/parts/why_risk.html", "risk", "sentences")
    pill = _once("review/parts/standing.html", "standing", "opened")
    return [_row(element, bars=bars, panel=panel, pill=pill) for element in elements]


def _row(
    element: Element,
    *,
    bars: Callable[..., str],
    panel: Callable[..., str],
    pill: Callable[..., str],
) -> Row:
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
        bars=bars(element.risk),
        why=" ".join(because),
        panel=panel(element.risk, because),
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
        pill=pill(element.standing, element.open_value_count),
    )


def _once(name: str, *names: str) -> Callable[..., str]:
    """Return what renders a part of the page, once for the same facts."""
    template = get_template(name)

    @cache
    def render(*facts: Any) -> str:
        return template.render(dict(zip(names, facts, strict=True)))

    return render
