"""Bringing one series' inventory into the index, or taking the series out, in one transaction.

Both first repeat the lease on the study, so that a worker that lost it changes nothing, and lock
the project's row, so that two workers take turns.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from deidentify.inventory import ElementRow
from deidentify.inventory_rulings import Ruling
from projects.models import Project
from review import sums
from review.models import (
    Element,
    ElementDecision,
    ElementLook,
    ElementUse,
    ElementValue,
    IndexState,
    Origin,
    OriginValue,
    ParticipantElement,
    ParticipantValue,
    ProjectIndex,
    ResearchSeries,
    ResearchStudy,
    SeriesElement,
    SeriesValue,
    StudyElement,
    Value,
)
from review.risk_order import rescore
from review.series_rows import digest_of, write_rows
from review.settling import settle

SUMS: tuple[type[Model], ...] = (
    ParticipantValue,
    ParticipantElement,
    OriginValue,
    StudyElement,
    ElementValue,
    ElementUse,
    ElementDecision,
    ElementLook,
)
"""What is summed up below elements and values, so that it goes before them."""


@transaction.atomic
def put_series(
    study: ResearchStudy,
    new: ResearchSeries,
    rows: Sequence[ElementRow],
    *,
    decided: Mapping[str, Ruling],
) -> None:
    """Bring a series into the index; what was indexed of it before is replaced.

    The new one is counted up before the old one is counted down, so that what both have stays
    where it is, and is no newer than it was.

    Args:
        study: claimed by the caller.
        new: unsaved, with an unsaved `origin` that says modality and scanner.
        rows: its inventory.
        decided: what the plan did, by path.

    Raises LeaseLost, and changes nothing then.
    """
    study.progressed()
    index = _locked_index(study)
    old = study.series.filter(series_instance_uid=new.series_instance_uid).first()
    if old is not None:
        study.series.filter(pk=old.pk).update(series_instance_uid="")  # the new one takes it
    new.study, new.indexed_at = study, timezone.now()
    new.origin = _known_origin(new.origin, study)
    new.save()
    seen_at = study.as_of or new.indexed_at
    write_rows(study.project_id, new, rows, decided=decided, seen_at=seen_at)
    sums.count_up(new, seen_at=seen_at)
    weighed, left = sums.changing(new), list[int]()
    if old is not None:
        left = _elements_of(old)
        weighed |= sums.changing(old)
        sums.count_down(old)
        old.delete()
        _drop_what_is_empty(study)
    rescore(weighed)
    settle(series=[new.pk], elements=left)
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
    left, weighed = _elements_of(series), sums.changing(series)
    sums.count_down(series)
    series.delete()
    _drop_what_is_empty(study)
    rescore(weighed)
    settle(elements=left)
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
        as_of=F("indexed_at"),
    )
    totals = ProjectIndex.objects.select_for_update().filter(project=project)
    if not totals:
        return
    series = ResearchSeries.objects.filter(study__in=studies)
    SeriesValue.objects.filter(series__in=series).delete()
    SeriesElement.objects.filter(series__in=series).delete()
    for model in SUMS:
        model._default_manager.filter(element__in=project.elements.all()).delete()
    Value.objects.filter(project=project).delete()
    project.elements.all().delete()
    series.delete()
    project.origins.all().delete()
    totals.update(study_count=0, series_count=0, instance_count=0, participant_count=0)


def _locked_index(study: ResearchStudy) -> ProjectIndex:
    ProjectIndex.objects.get_or_create(project_id=study.project_id)
    return ProjectIndex.objects.select_for_update().get(project_id=study.project_id)


def _known_origin(wanted: Origin, study: ResearchStudy) -> Origin:
    """Return the project's row for where a series comes from, made if need be."""
    facts = {
        "modality": wanted.modality,
        "manufacturer": wanted.manufacturer,
        "manufacturer_model_name": wanted.manufacturer_model_name,
        "device_serial_number": wanted.device_serial_number,
        "event_id": study.event_id,
        "site_id": study.participant.site_id,
    }
    digest = digest_of("\0".join(map(str, facts.values())))
    known, _ = Origin.objects.get_or_create(
        project_id=study.project_id, digest=digest, defaults=facts
    )
    return known


def _elements_of(series: ResearchSeries) -> list[int]:
    rows = SeriesElement.objects.filter(series=series)
    return list(rows.values_list("element_id", flat=True))


def _drop_what_is_empty(study: ResearchStudy) -> None:
    Element.objects.filter(project_id=study.project_id, series_count=0).delete()
    Origin.objects.filter(project_id=study.project_id, series_count=0).delete()


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
