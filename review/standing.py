"""How a project, its elements and their values stand, as pages ask for it.

What is asked here reads columns that `review/settling.py` keeps: nothing is counted over values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import date_format

from projects.models import Project, User
from review.element_counts import ElementCounts
from review.models import (
    Element,
    ElementValue,
    IndexState,
    JudgedValue,
    KnownElement,
    ResearchStudy,
    Verdict,
)
from review.states import Judgement, Standing, ValueStanding

A_WEEK = 7


@dataclass(frozen=True)
class Progress:
    """How far the review of a project is, counted in elements."""

    elements: int
    judged: int
    new: int
    unsure: int
    unsafe: int
    waiting: int
    since: datetime | None

    @property
    def open(self) -> int:
        """How many elements a person must still look at."""
        return self.elements - self.judged

    @property
    def percent(self) -> int:
        """The share that is judged, in whole percent; 100 only when nothing is left."""
        return 100 * self.judged // self.elements if self.elements else 0

    @property
    def sentence(self) -> str:
        """Say it, such as `212 of 240 elements judged, 6 new since Tuesday.`"""
        if not self.elements:
            return "There is nothing to judge yet."
        if self.judged == self.elements:
            parts = [f"All {self.elements:,} elements judged"]
        else:
            noun = "element" if self.elements == 1 else "elements"
            parts = [f"{self.judged:,} of {self.elements:,} {noun} judged"]
        if self.new:
            parts.append(f"{self.new:,} new{_since(self.since)}")
        if self.unsafe:
            parts.append(f"{self.unsafe:,} not safe")
        if self.unsure:
            parts.append(f"{self.unsure:,} unsure")
        if self.waiting:
            parts.append(f"{self.waiting:,} waiting for a second person")
        return ", ".join(parts) + "."


@dataclass(frozen=True)
class Stamp:
    """What a page knew when it was read: nobody judges what came after it."""

    as_of: datetime | None
    last_verdict: int

    def __str__(self) -> str:
        return f"{self.as_of.isoformat() if self.as_of else ''}|{self.last_verdict}"

    @classmethod
    def read(cls, text: str) -> "Stamp | None":
        """Read what a form carried; None for what is none."""
        when, _, number = text.partition("|")
        if not (number.isdecimal() and len(number) < 19):
            return None
        try:
            return cls(datetime.fromisoformat(when) if when else None, int(number))
        except ValueError:
            return None


@dataclass(frozen=True)
class ValueSaid:
    """What was said of one value of one element."""

    standing: ValueStanding
    verdict: Verdict | None = None
    waiting: Verdict | None = None

    @property
    def by(self) -> User | None:
        """Who said it."""
        return self.verdict.given_by if self.verdict else None


def stamp_of(project: Project) -> Stamp:
    """Return what there is to be seen now. Read it before the elements and the values."""
    last = Verdict.objects.filter(project=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    row = Project.objects.filter(pk=project.pk)
    changed_at, number = row.values_list("tag_index__changed_at", Subquery(last)).get()
    return Stamp(changed_at, number or 0)


def progress(project: Project, counts: ElementCounts | None = None) -> Progress:
    """Return how far the review of a project is; `counts` if its elements are counted already."""
    counts = counts or ElementCounts.of(project)
    return Progress(
        elements=counts.elements,
        judged=counts.judged,
        new=counts.new,
        unsure=counts.unsure,
        unsafe=counts.unsafe,
        waiting=waiting_elements(project),
        since=counts.since,
    )


def waiting_elements(project: Project) -> int:
    """Return on how many elements a verdict waits for a second person."""
    pending = Verdict.objects.filter(project=project, needs_second=True, second_by=None)
    on_values = JudgedValue.objects.filter(waiting__in=pending)
    known = KnownElement.objects.filter(project=project)
    return known.filter(Q(waiting__in=pending) | Q(pk__in=on_values.values("known"))).count()


def is_rebuilt(project: Project) -> bool:
    """Tell whether the project's index is being built anew, so that no page shows all of it."""
    studies = ResearchStudy.objects.filter(project=project, state=IndexState.WAITING)
    return studies.exclude(as_of=None).exists()


def known_of(element: Element) -> KnownElement | None:
    """Return what is in force for an element, with its verdicts' people."""
    return (
        KnownElement.objects.filter(project=element.project_id, digest=element.digest)
        .select_related("verdict__given_by", "verdict__second_by", "waiting__given_by")
        .first()
    )


def open_values(element: Element) -> Q:
    """Return what finds the values of an element that nobody has judged."""
    return values_standing_as(element, Standing.NEW)


def values_standing_as(element: Element, standing: str) -> Q:
    """Return what finds an element's values by how they stand: safe, unsafe, unsure, else open."""
    if standing in Judgement.values:
        return Q(element=element, judged=standing)
    return Q(element=element, judged__in=(ValueStanding.UNSEEN, ValueStanding.OPEN))


def value_standing(element: Element, values: Iterable[ElementValue]) -> Mapping[int, ValueSaid]:
    """Return what was said of some values of an element, a page of them, by the values' ids."""
    rows = list(values)
    judged = JudgedValue.objects.filter(
        known__project=element.project_id,
        known__digest=element.digest,
        value_digest__in=[row.value.digest for row in rows],
    ).select_related("verdict__given_by", "waiting__given_by")
    said = {one.value_digest: one for one in judged}
    found = {}
    for row in rows:
        one = said.get(row.value.digest)
        found[row.value_id] = ValueSaid(
            ValueStanding(row.judged),
            one.verdict if one else None,
            one.waiting if one else None,
        )
    return found


def _since(at: datetime | None) -> str:
    """Say since when: the day of the week within the last seven days, else the date."""
    if at is None:
        return ""
    day, today = timezone.localtime(at).date(), timezone.localdate()
    days = (today - day).days
    if days < 1:
        return " since today"
    if days == 1:
        return " since yesterday"
    return " since " + date_format(day, "l" if days < A_WEEK else "j F")
