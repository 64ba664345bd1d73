"""The tag summary of one study: which elements stand out against the rest of the project.

Everything is told from sums: what the study's series have, against what the project has in all. A
value that as many series of the study have as series of the project has been seen nowhere else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import connection, models
from django.db.models import Count, F, Sum, Window
from django.db.models.functions import Left, RowNumber

from review.hiding import hides, with_hiding
from review.models import Element, ResearchStudy, SeriesElement, SeriesValue

VALUES_SHOWN = 3
LETTERS_SHOWN = 80

# One row per element of the study: how many listed values it has here, and of these how many
# no other study has.
OWN_VALUES = """
    SELECT element_id, COUNT(*), SUM(CASE WHEN here = everywhere THEN 1 ELSE 0 END)
    FROM (
        SELECT sv.element_id, sv.value_id, COUNT(*) AS here, MIN(ev.series_count) AS everywhere
        FROM review_seriesvalue sv
        JOIN review_elementvalue ev
            ON ev.element_id = sv.element_id AND ev.value_id = sv.value_id
        WHERE sv.series_id IN
            (SELECT id FROM review_researchseries WHERE study_id = %(study)s)
        GROUP BY sv.element_id, sv.value_id
    ) found
    GROUP BY element_id
"""


class Kind(models.TextChoices):
    """How an element of a study compares with the rest of the project."""

    ONLY_HERE = "only", "Only here"
    DIFFERS = "differs", "Differs"
    BY_NATURE = "nature", "Differs by nature"
    SAME = "same", "Same everywhere"


STANDS_OUT = (Kind.ONLY_HERE, Kind.DIFFERS)
"""What is neither trivial nor the same everywhere: what the page begins with."""


@dataclass
class StudyElement:
    """One element of a study, against the rest of the project."""

    element: Element
    images: int
    series: int
    value_count: int
    own_count: int  # values that no other study has
    is_only_here: bool  # no other study has the element at all
    values: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """How it compares. What differs by nature is said so, whatever it differs from."""
        element = self.element
        if self.is_only_here and not differs_by_nature(element):
            return Kind.ONLY_HERE
        if differs_by_nature(element):
            return Kind.BY_NATURE
        if element.value_count <= 1:
            return Kind.SAME
        return Kind.ONLY_HERE if self.own_count else Kind.DIFFERS

    @property
    def sentence(self) -> str:
        """How it compares, in words."""
        if self.is_only_here:
            return "no other study has this element"
        if self.kind is Kind.BY_NATURE:
            return "differs from image to image, or from series to series, by nature"
        if self.kind is Kind.SAME:
            return "the same in every study that has it"
        if self.own_count:
            what = "its value is" if self.value_count == 1 else f"{self.own_count} of "
            if self.value_count > 1:
                what += f"{self.value_count} values {'is' if self.own_count == 1 else 'are'}"
            return f"{what} in no other study"
        return (
            f"one of {self.element.value_count} values of the project"
            if (self.value_count == 1)
            else f"{self.value_count} of {self.element.value_count} values of the project"
        )

    @property
    def more(self) -> int:
        """How many of its listed values are not shown."""
        return max(0, self.value_count - len(self.values))


def differs_by_nature(element: Element) -> bool:
    """Whether values are only counted in some series, or are UIDs: nothing compares by them."""
    return element.unlisted_count > 0 or element.vr == "UI"


def study_elements(study: ResearchStudy) -> list[StudyElement]:
    """Return all elements of a study, what a person should look at first in front."""
    rows = SeriesElement.objects.filter(series__study=study).order_by().values("element_id")
    sums = {
        pk: (images, series)
        for pk, images, series in rows.annotate(
            images=Sum("instance_count"), in_series=Count("series_id")
        ).values_list("element_id", "images", "in_series")
    }
    with connection.cursor() as cursor:
        cursor.execute(OWN_VALUES, {"study": study.pk})
        own = {pk: (int(values), int(alone)) for pk, values, alone in cursor.fetchall()}
    elements = with_hiding(Element.objects.compared().filter(project=study.project_id))
    found = []
    for element in elements.order_by("-risk_score", "path"):
        if element.pk not in sums:
            continue
        images, series = sums[element.pk]
        value_count, own_count = own.get(element.pk, (0, 0))
        found.append(
            StudyElement(
                element=element,
                images=images,
                series=series,
                value_count=value_count,
                own_count=own_count,
                is_only_here=element.study_count <= 1,
            )
        )
    return found


def add_values(
    study: ResearchStudy, shown: Sequence[StudyElement], *, also: Collection[int] = ()
) -> None:
    """Put to each element its most frequent values here; what is hidden gets none.

    `also` are the ids of elements whose hidden values somebody asked for.
    """
    open_to_all = [
        row.element.pk for row in shown if row.element.pk in also or not hides(row.element)
    ]
    rank = Window(
        RowNumber(), partition_by=F("element_id"), order_by=[F("images").desc(), F("value_id")]
    )
    rows = (
        SeriesValue.objects.filter(series__study=study, element__in=open_to_all)
        .order_by()
        .values("element_id", "value_id")
        .annotate(images=Sum("instance_count"))
        .annotate(rank=rank, text=Left("value__text", LETTERS_SHOWN + 1))
        .filter(rank__lte=VALUES_SHOWN)
        .order_by("element_id", "rank")
    )
    texts: dict[int, list[str]] = {}
    for row in rows:
        texts.setdefault(row["element_id"], []).append(row["text"])
    for one in shown:
        one.values = texts.get(one.element.pk, [])
