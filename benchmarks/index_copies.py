"""Makes an index ten times as large in minutes instead of an hour: every participant once more.

What was merged is copied by SQL under new participants, and the sums are multiplied, so that each
is what merging would have given had all participants come with the same values. What grows with
values does not grow by this; what grows with participants, studies, series and images does.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import F, ForeignKey, Model

from projects.models import Participant, Project
from review.models import (
    Element,
    ElementDecision,
    ElementUse,
    ElementValue,
    OriginValue,
    ParticipantElement,
    ParticipantValue,
    ProjectIndex,
    ResearchSeries,
    ResearchStudy,
    SeriesElement,
    SeriesValue,
    StudyElement,
)
from transfers.models import Run, TransferRequest

COPIED: tuple[type[Model], ...] = (
    *(TransferRequest, Run, ResearchStudy, ResearchSeries, SeriesElement, SeriesValue),
    *(StudyElement, ParticipantElement, ParticipantValue),
)
"""In the order in which their rows refer to each other, after participants."""
MULTIPLIED: tuple[type[Model], ...] = (
    *(Element, ElementValue, ElementUse, ElementDecision, OriginValue, ProjectIndex),
)
OF_VALUES = frozenset({"value_count", "open_value_count", "lone_value_count"})
APART = 10_000_000
"""Between the ids of a copy and those of the next."""


def multiply(project: Project, times: int) -> None:
    """Let every participant of a project be there `times` times, with all that belongs to them."""
    originals = list(project.participants.order_by("pk"))
    for number in range(1, times):
        _copy_participants(project, originals, number)
        for model in COPIED:
            _copy(model, number * APART)
    for model in MULTIPLIED:
        names = [one.name for one in model._meta.concrete_fields if one.name.endswith("_count")]
        changes = {name: F(name) * times for name in names if name not in OF_VALUES}
        model._default_manager.update(**changes)
    Element.objects.update(lone_value_count=0)  # whoever had a value alone has copies now


def _copy_participants(project: Project, originals: Iterable[Participant], number: int) -> None:
    rows = list(originals)
    Participant.objects.bulk_create(
        [
            Participant(
                pk=one.pk + number * APART,
                project=project,
                pseudonym=f"BENCH_{number * len(rows) + place:05}",
                created_by=one.created_by,
                wrapped_secret=one.wrapped_secret,
            )
            for place, one in enumerate(rows)
        ]
    )


def _copy(model: type[Model], apart: int) -> None:
    """Copy the original rows of a model, with ids and references that far apart."""
    moved = {Participant, *COPIED}
    names, values, first = [], [], ""
    for field in model._meta.concrete_fields:
        if field.column is None:  # a composite primary key: its columns are fields as well
            continue
        is_moved = field.column == "id" or (
            isinstance(field, ForeignKey) and field.related_model in moved
        )
        first = first or (field.column if is_moved else "")
        names.append(f'"{field.column}"')
        values.append(f'"{field.column}" + {apart}' if is_moved else f'"{field.column}"')
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} "
            f'FROM {table} WHERE "{first}" < {APART}'
        )
