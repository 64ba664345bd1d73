"""Two studies or two scanners side by side: what only one has, what differs, what is the same.

A side is a set of series: those of one study, or those that came from one scanner. What a side
has is read from sums per series or per origin; elements that differ by nature (UIDs, times,
positions) are named and not compared.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, models
from django.db.models import QuerySet, Sum

from projects.models import Project
from review.hiding import hides, with_hiding
from review.lists import Lists
from review.models import Element, ElementUse, ResearchStudy, SeriesElement
from review.study_tags import LETTERS_SHOWN, VALUES_SHOWN, differs_by_nature

OF_STUDY = """
    SELECT sv.element_id, sv.value_id, sv.instance_count AS images
    FROM review_seriesvalue sv JOIN review_researchseries s ON s.id = sv.series_id
    WHERE s.study_id IN ({places})
"""
OF_ORIGINS = """
    SELECT element_id, value_id, instance_count AS images
    FROM review_originvalue WHERE origin_id IN ({places})
"""
# Each pair of element and value once, with the images of either side.
PAIRS = """
    SELECT element_id, value_id, SUM(a) AS a, SUM(b) AS b FROM (
        SELECT element_id, value_id, images AS a, 0 AS b FROM ({a}) side_a WHERE {which}
        UNION ALL
        SELECT element_id, value_id, 0 AS a, images AS b FROM ({b}) side_b WHERE {which}
    ) both_sides GROUP BY element_id, value_id
"""
UNEQUAL = """
    SELECT element_id FROM ({pairs}) pairs
    GROUP BY element_id HAVING MIN(CASE WHEN a > 0 AND b > 0 THEN 1 ELSE 0 END) = 0
"""
# What only one side has comes first, then what is frequent.
FIRST_VALUES = """
    SELECT element_id, a, b, SUBSTR(v.text, 1, %s), rank_a, rank_b
    FROM (
        SELECT element_id, value_id, a, b,
            ROW_NUMBER() OVER (PARTITION BY element_id, CASE WHEN a > 0 THEN 1 ELSE 0 END
                ORDER BY CASE WHEN b > 0 THEN 1 ELSE 0 END, a DESC, value_id) AS rank_a,
            ROW_NUMBER() OVER (PARTITION BY element_id, CASE WHEN b > 0 THEN 1 ELSE 0 END
                ORDER BY CASE WHEN a > 0 THEN 1 ELSE 0 END, b DESC, value_id) AS rank_b
        FROM ({pairs}) pairs
    ) ranked JOIN review_value v ON v.id = ranked.value_id
    WHERE a > 0 AND rank_a <= {most} OR b > 0 AND rank_b <= {most}
"""


class Kind(models.TextChoices):
    """How an element compares between two sides."""

    ONLY_A = "only_a", "Only in A"
    ONLY_B = "only_b", "Only in B"
    DIFFERENT = "different", "Different values"
    SAME = "same", "Same values"
    BY_NATURE = "nature", "Differs by nature"


@dataclass(frozen=True)
class Side:
    """One side: a study, or the series of one scanner. `key` is its word in addresses."""

    key: str
    label: str
    study: ResearchStudy | None = None
    origins: tuple[int, ...] = ()

    def images(self) -> dict[int, int]:
        """Return in how many images of this side each element is."""
        rows: QuerySet[SeriesElement] | QuerySet[ElementUse]
        if self.study is not None:
            rows = SeriesElement.objects.filter(series__study=self.study)
        else:
            rows = ElementUse.objects.filter(origin__in=self.origins)
        sums = rows.order_by().values("element_id").annotate(images=Sum("instance_count"))
        return dict(sums.values_list("element_id", "images"))

    def sql(self) -> tuple[str, list[int]]:
        """Return a statement for this side's values, and its parameters."""
        numbers = [self.study.pk] if self.study is not None else list(self.origins)
        text = OF_STUDY if self.study is not None else OF_ORIGINS
        return text.format(places=", ".join(["%s"] * len(numbers))), numbers


@dataclass
class Line:
    """One element on both sides; `a` and `b` are the number of images that have it."""

    element: Element
    kind: Kind
    a: int
    b: int
    values_a: list[str] = field(default_factory=list)
    values_b: list[str] = field(default_factory=list)


def study_side(study: ResearchStudy) -> Side:
    """Return a study as a side."""
    label = f"{study.participant.pseudonym}, {study.event.name}"
    if study.study_date:
        label += f", {study.study_date:%d.%m.%Y}"
    return Side(f"study-{study.pk}", label, study=study)


def scanner_sides(lists: Lists) -> list[Side]:
    """Return every scanner of a project as a side, by its label."""
    sides = [
        Side(f"scanner-{token}", label, origins=tuple(lists.fitting(scanner=token) or ()))
        for token, label in lists.scanners.items()
    ]
    return sorted(sides, key=lambda side: side.label.casefold())


def side_at(project: Project, key: str, scanners: Sequence[Side]) -> Side | None:
    """Return the side that an address names; None if the project has no such side."""
    for side in scanners:
        if side.key == key:
            return side
    number = key.removeprefix("study-")
    if number == key or not number.isdecimal() or len(number) > 12:
        return None
    studies = project.research_studies.select_related("participant", "event")
    study = studies.filter(pk=int(number)).first()
    return study_side(study) if study else None


def compared(project: Project, a: Side, b: Side) -> list[Line]:
    """Return every element that either side has, what a person should look at first in front."""
    in_a, in_b = a.images(), b.images()
    # what has one value in the whole project is the same on both sides: not asked for
    worth = "element_id IN (SELECT id FROM review_element WHERE project_id = %s AND value_count > 1"
    worth += " AND unlisted_count = 0 AND vr <> 'UI')"
    pairs, numbers = _pairs(a, b, worth, [project.pk])
    with connection.cursor() as cursor:
        cursor.execute(UNEQUAL.format(pairs=pairs), numbers)
        unequal = {pk for (pk,) in cursor.fetchall()}
    lines = []
    elements = with_hiding(Element.objects.compared().filter(project=project))
    for element in elements.order_by("-risk_score", "path"):
        here, there = in_a.get(element.pk, 0), in_b.get(element.pk, 0)
        if not here and not there:
            continue
        kind = Kind.DIFFERENT if element.pk in unequal else Kind.SAME
        if differs_by_nature(element):
            kind = Kind.BY_NATURE
        if not here or not there:
            kind = Kind.ONLY_A if here else Kind.ONLY_B
        lines.append(Line(element, kind, here, there))
    return lines


def add_values(a: Side, b: Side, lines: Sequence[Line], *, also: Collection[int] = ()) -> None:
    """Put to each line its first values on either side; what is hidden gets none.

    `also` are the ids of elements whose hidden values somebody asked for.
    """
    shown: Mapping[int, Line] = {
        line.element.pk: line
        for line in lines
        if line.element.pk in also or not hides(line.element)
    }
    if not shown:
        return
    these = f"element_id IN ({', '.join(['%s'] * len(shown))})"
    pairs, numbers = _pairs(a, b, these, list(shown))
    text = FIRST_VALUES.format(pairs=pairs, most=VALUES_SHOWN)
    with connection.cursor() as cursor:
        cursor.execute(text, [LETTERS_SHOWN + 1, *numbers])
        rows = cursor.fetchall()
    for pk, in_a, _, value, rank, _ in sorted(rows, key=lambda row: row[4]):
        if in_a and rank <= VALUES_SHOWN:
            shown[pk].values_a.append(value)
    for pk, _, in_b, value, _, rank in sorted(rows, key=lambda row: row[5]):
        if in_b and rank <= VALUES_SHOWN:
            shown[pk].values_b.append(value)


def _pairs(a: Side, b: Side, which: str, numbers: list[int]) -> tuple[str, list[int]]:
    (sql_a, numbers_a), (sql_b, numbers_b) = a.sql(), b.sql()
    return PAIRS.format(a=sql_a, b=sql_b, which=which), [
        *numbers_a,
        *numbers,
        *numbers_b,
        *numbers,
    ]
