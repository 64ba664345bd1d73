"""Bringing one series' inventory into the index, or taking the series out, in one transaction.

Both first repeat the lease on the study, so that a worker that lost it changes nothing, and lock
the project's row, so that two workers take turns.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from deidentify.inventory import ElementRow
from projects.models import Project
from review import sums
from review.models import (
    Element,
    ElementUse,
    ElementValue,
    IndexState,
    ParticipantElement,
    ParticipantValue,
    ProjectIndex,
    ResearchSeries,
    ResearchStudy,
    SeriesElement,
    SeriesValue,
    Value,
)

TEXT_VRS = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "UN")
"""What people write: every value of these is listed, as far as the inventory lists it."""
LISTED_AT_MOST = 50
"""Above this many values in one series, UIDs, numbers and times differ by nature."""
EXAMPLES = 3
CHUNK = 500

Digested = TypeVar("Digested", Element, Value)


@transaction.atomic
def put_series(study: ResearchStudy, new: ResearchSeries, rows: Sequence[ElementRow]) -> None:
    """Bring a series into the index; what was indexed of it before is replaced.

    Raises LeaseLost, and changes nothing then.
    """
    study.progressed()
    index = _locked_index(study)
    old = study.series.filter(series_instance_uid=new.series_instance_uid).first()
    if old is not None:
        sums.count_down(old)
        new.pk = old.pk
    new.study, new.indexed_at = study, timezone.now()
    new.save()
    _write_rows(study.project_id, new, rows)
    sums.count_up(new)
    _drop_empty_elements(study)
    _change_totals(
        study,
        index,
        series=0 if old else 1,
        instances=new.instance_count - (old.instance_count if old else 0),
    )


@transaction.atomic
def remove_series(study: ResearchStudy, series: ResearchSeries) -> None:
    """Take a series out of the index. Raises LeaseLost, and changes nothing then."""
    study.progressed()
    index = _locked_index(study)
    sums.count_down(series)
    series.delete()
    _drop_empty_elements(study)
    _change_totals(study, index, series=-1, instances=-series.instance_count)


@transaction.atomic
def forget(project: Project) -> None:
    """Empty a project's index and set all its studies waiting.

    Whoever works on one of them has lost the lease, and changes nothing more.
    """
    studies = ResearchStudy.objects.filter(project=project)
    studies.update(
        state=IndexState.WAITING,
        series_count=0,
        instance_count=0,
        owner=None,
        lease_until=None,
        attempt=0,
        not_before=None,
        rung_at=None,
        reason="",
    )
    totals = ProjectIndex.objects.select_for_update().filter(project=project)
    if not totals:
        return
    series = ResearchSeries.objects.filter(study__in=studies)
    SeriesValue.objects.filter(series__in=series).delete()
    SeriesElement.objects.filter(series__in=series).delete()
    for model in (ParticipantValue, ParticipantElement, ElementValue, ElementUse):
        model.objects.filter(element__in=project.elements.all()).delete()
    Value.objects.filter(project=project).delete()
    project.elements.all().delete()
    series.delete()
    totals.update(study_count=0, series_count=0, instance_count=0, participant_count=0)


def listed(row: ElementRow) -> dict[str, int]:
    """Choose the values that get a row of their own, with the number of their instances.

    What differs from image to image by nature (UIDs, positions, times) is only counted, but for
    a few examples: the index grows with distinct values, not with images.
    """
    if row.vr in TEXT_VRS or row.distinct <= LISTED_AT_MOST:
        return dict(row.values)
    return {text: row.values[text] for text in sorted(row.values)[:EXAMPLES]}


def _locked_index(study: ResearchStudy) -> ProjectIndex:
    ProjectIndex.objects.get_or_create(project_id=study.project_id)
    return ProjectIndex.objects.select_for_update().get(project_id=study.project_id)


def _write_rows(project_id: int, series: ResearchSeries, rows: Sequence[ElementRow]) -> None:
    """Write what the series itself has: the rows from which all sums follow."""
    elements = _numbers_of(
        Element,
        project_id,
        {
            _digest(row.path): Element(
                project_id=project_id,
                digest=_digest(row.path),
                path=_storable(row.path),
                tag=row.tag,
                keyword=row.keyword[:80],
                creator=_storable(row.creator)[:80],
                is_private=_is_private(row.tag),
                is_nested=")(" in row.path,
            )
            for row in rows
        },
    )
    shown = {_digest(row.path): listed(row) for row in rows}
    values = _numbers_of(
        Value,
        project_id,
        {
            _digest(text): Value(project_id=project_id, digest=_digest(text), text=_storable(text))
            for texts in shown.values()
            for text in texts
        },
    )
    SeriesElement.objects.bulk_create(
        (
            SeriesElement(
                series=series,
                element_id=elements[_digest(row.path)],
                vr=row.vr[:2],
                instance_count=row.instances,
                distinct_count=row.distinct,
                unlisted_count=row.distinct - len(shown[_digest(row.path)]),
            )
            for row in rows
        ),
        batch_size=CHUNK,
    )
    SeriesValue.objects.bulk_create(
        (
            SeriesValue(
                series=series,
                element_id=elements[digest],
                value_id=values[_digest(text)],
                instance_count=instances,
            )
            for digest, texts in shown.items()
            for text, instances in texts.items()
        ),
        batch_size=CHUNK,
    )


def _numbers_of(
    model: type[Digested], project_id: int, wanted: dict[str, Digested]
) -> dict[str, int]:
    """Return the primary key by digest, creating the rows that are not there yet."""
    numbers: dict[str, int] = {}
    for digests in _chunks(list(wanted)):
        known = model._default_manager.filter(project_id=project_id, digest__in=digests)
        numbers.update(known.values_list("digest", "pk"))
        new = [wanted[digest] for digest in digests if digest not in numbers]
        numbers.update({row.digest: row.pk for row in model._default_manager.bulk_create(new)})
    return numbers


def _drop_empty_elements(study: ResearchStudy) -> None:
    Element.objects.filter(project_id=study.project_id, series_count=0).delete()


def _change_totals(
    study: ResearchStudy, index: ProjectIndex, *, series: int, instances: int
) -> None:
    """Change what the study and the project count in all."""
    was_empty = study.series_count == 0
    study.set_held(
        series_count=study.series_count + series,
        instance_count=study.instance_count + instances,
    )
    studies = was_empty - (study.series_count == 0)
    others = ResearchStudy.objects.filter(
        participant_id=study.participant_id, series_count__gt=0
    ).exclude(pk=study.pk)
    participants = 0 if not studies or others.exists() else studies
    ProjectIndex.objects.filter(pk=index.pk).update(
        study_count=F("study_count") + studies,
        participant_count=F("participant_count") + participants,
        series_count=F("series_count") + series,
        instance_count=F("instance_count") + instances,
        changed_at=timezone.now(),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _storable(text: str) -> str:
    """Write what PostgreSQL cannot store (NUL, lone surrogates) as visible signs."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _is_private(tag: str) -> bool:
    """Tell whether a tag has an odd group (PS3.5 section 7.8)."""
    return int(tag[:4], 16) % 2 == 1


def _chunks(whole: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
