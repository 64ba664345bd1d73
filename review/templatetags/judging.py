"""What the parts of a page on which verdicts are given need to know of an element."""

from dataclasses import dataclass

from django import template

from review.covering import kind_of, possible_covers, why_not_safe
from review.hiding import hides
from review.models import Element, KnownElement
from review.standing import known_of
from review.standing_facts import Facts, facts_of
from review.states import Covers
from transfers.screening import screen_for_project

register = template.Library()

COVERS = {
    Covers.LISTED: "The values that are listed now. A new value opens it again.",
    Covers.WHATEVER: "Whatever its values: each is {kind}, and new ones do not open it again.",
}


@dataclass(frozen=True)
class Judging:
    """How things stand with one element, for its page."""

    known: KnownElement | None
    covers: list[tuple[str, str]]
    why_not_safe: str
    needs_words: bool
    reason: str
    waiting_reason: str
    why_open: list[str]


@register.simple_tag
def judging(element: Element) -> Judging:
    """Return what there is to say and to choose on an element's page."""
    known = known_of(element)
    kind = kind_of(element)
    screen = screen_for_project(element.project)
    facts = facts_of([element.pk]) if known else []
    return Judging(
        known=known,
        covers=[(cover, COVERS[cover].format(kind=kind)) for cover in possible_covers(element)],
        why_not_safe=why_not_safe(element),
        needs_words=hides(element),
        reason=screen(known.verdict.reason) if known and known.verdict else "",
        waiting_reason=screen(known.waiting.reason) if known and known.waiting else "",
        why_open=_why_open(facts[0]) if facts else [],
    )


def _why_open(facts: Facts) -> list[str]:
    """Say why an element that was judged, or whose values were, is not settled."""
    said = []
    if facts.is_empty:
        return ["It is empty wherever it is: there is nothing to judge."]
    if facts.is_handled_otherwise:
        said.append("The plan does something else with it than when it was judged.")
    if facts.holds_text:
        said.append("It was judged whatever its values, and in some images it is text now.")
    if facts.has_unsafe:
        said.append(
            "A value that was judged not safe is in the data. When a rule has taken it away and "
            "the studies have run again, this settles by itself."
        )
    if facts.is_begun and facts.opened and facts.value_count != facts.opened:
        verb = "value is" if facts.opened == 1 else "values are"
        said.append(f"{facts.opened:,} {verb} not judged yet.")
    if facts.judged and facts.covers == Covers.LISTED and facts.unlisted_count:
        verb = "value is" if facts.unlisted_count == 1 else "values are"
        said.append(f"{facts.unlisted_count:,} {verb} only counted, which the verdict left out.")
    return said
