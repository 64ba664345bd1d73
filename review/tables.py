"""What the review gives out as tables: the inventory, the values, the verdicts.

A row is plain words and numbers; review/formats.py writes them. Values of elements that the pages
hide stay out, unless whoever asks says that they shall be in it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from projects.models import Project
from review.decided import what_plan_did
from review.hiding import hides, with_hiding
from review.models import Element, ElementValue, Verdict
from review.names import name_of
from review.risk import LOOKS, in_words
from review.states import Judgement, Standing, ValueStanding

Cell = str | int | None
HIDDEN = "hidden"


@dataclass(frozen=True)
class Table:
    """A table on its way out: its name, its title, its columns, and its rows one by one."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Iterator[list[Cell]]


INVENTORY_COLUMNS = (
    "path",
    "tag",
    "keyword",
    "name",
    "vr",
    "private_creator",
    "instances",
    "series",
    "studies",
    "participants",
    "distinct_values",
    "distinct_values_are",
    "across_participants",
    "within_a_participant",
    "risk",
    "risk_because",
    "plan_did",
    "standing",
    "values_to_judge",
    "first_seen",
)
VALUE_COLUMNS = (
    "path",
    "tag",
    "name",
    "vr",
    "value",
    "value_is",
    "instances",
    "series",
    "participants",
    "looks_like",
    "standing",
    "first_seen",
)
VERDICT_COLUMNS = (
    "at",
    "by",
    "confirmed_at",
    "confirmed_by",
    "counts",
    "path",
    "keyword",
    "verdict",
    "about",
    "what",
    "reason",
    "plan_version",
)


def inventory_table(elements: "QuerySet[Element]") -> Table:
    """Return elements that are `compared`, one row each."""
    found = elements.prefetch_related("decisions__plan_version").iterator(chunk_size=500)
    return Table("inventory", "Inventory", INVENTORY_COLUMNS, map(_of_element, found))


def value_table(elements: "QuerySet[Element]", *, with_hidden: bool = False) -> Table:
    """Return every listed value of elements, one row each, the most frequent of each first."""
    return Table("values", "Values", VALUE_COLUMNS, _values(elements, with_hidden=with_hidden))


def verdict_table(project: Project, *, screen: Callable[[str], str]) -> Table:
    """Return everything that was judged, the newest first; `screen` withholds what may not out."""
    return Table("verdicts", "Verdicts", VERDICT_COLUMNS, _verdicts(project, screen))


def _of_element(element: Element) -> list[Cell]:
    return [
        element.path,
        element.tag,
        element.keyword,
        name_of(element),
        element.vr,
        element.creator,
        element.instance_count,
        element.series_count,
        element.study_count,
        element.participant_count,
        element.distinct_count,
        "at most" if element.unlisted_count else "exact",
        element.across,
        element.within,
        element.risk,
        " ".join(in_words(element.risk_reasons)),
        " ".join(did.sentence for did in what_plan_did(element)),
        Standing(element.standing).label,
        element.open_value_count,
        element.first_seen_at.isoformat(timespec="seconds"),
    ]


def _values(elements: "QuerySet[Element]", *, with_hidden: bool) -> Iterator[list[Cell]]:
    for element in with_hiding(elements):
        start: list[Cell] = [element.path, element.tag, name_of(element), element.vr]
        if hides(element) and not with_hidden:
            yield [
                *start,
                None,
                HIDDEN,
                element.instance_count,
                element.series_count,
                element.participant_count,
                None,
                Standing(element.standing).label,
                element.first_seen_at.isoformat(timespec="seconds"),
            ]
            continue
        rows = (
            ElementValue.objects.filter(element=element)
            .order_by("-instance_count", "value")
            .values_list(
                "value__text",
                "instance_count",
                "series_count",
                "participant_count",
                "value__looks",
                "judged",
                "first_seen_at",
            )
        )
        for text, instances, series, participants, looks, judged, seen in rows.iterator():
            yield [
                *start,
                text,
                "listed",
                instances,
                series,
                participants,
                "; ".join(LOOKS[letter] for letter in looks if letter in LOOKS),
                ValueStanding(judged).label,
                seen.isoformat(timespec="seconds"),
            ]


def _verdicts(project: Project, screen: Callable[[str], str]) -> Iterator[list[Cell]]:
    verdicts = project.verdicts.select_related("known", "given_by", "second_by", "plan_version")
    for verdict in verdicts.order_by("-pk").iterator():
        yield [
            verdict.given_at.isoformat(timespec="seconds"),
            verdict.given_by.username,
            verdict.second_at.isoformat(timespec="seconds") if verdict.second_at else None,
            verdict.second_by.username if verdict.second_by else None,
            "yes" if verdict.counts else "waits for a second person",
            verdict.known.path,
            verdict.known.keyword,
            Judgement(verdict.judged).label,
            _about(verdict),
            screen(verdict.pattern) if verdict.pattern else None,
            screen(verdict.reason),
            verdict.plan_version.number if verdict.plan_version else None,
        ]


def _about(verdict: Verdict) -> str:
    if verdict.pattern:
        return "values that fit a pattern"
    return "one value" if verdict.value_digest else f"the element, {verdict.get_covers_display()}"
