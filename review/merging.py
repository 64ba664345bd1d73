"""Bringing series of a study into the index, or taking them out, in one transaction.

Both first repeat the lease on the study, so that a worker that lost it changes nothing, and lock
the project's row, so that two workers take turns.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

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
from review.series_rows import Arrival, digest_of, write_rows
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
def put_series(study: ResearchStudy, arrivals: Sequence[Arrival]) -> None:
    """Bring series of a claimed study into the index; what was indexed of them before is replaced.

    The new ones are counted up before the old ones are counted down, so that what both have stays
    where it is, and is no newer than it was.

    Raises LeaseLost, and changes nothing then.
    """
    study.progressed()
    index = _locked_index(study)
    uids = [one.series.series_instance_uid for one in arrivals]
    old = list(study.series.filter(series_instance_uid__in=uids))
    new = _counted_up(study, arrivals, old)
    left = _elements_of(old)
    weighed = sums.changing(study, new) | sums.changing(study, old)
    _take_out(study, old)
    rescore(weighed)
    settle(series=[one.pk for one in new], elements=left)
    _change_totals(study, index, came=new, went=old)


def _counted_up(
    study: ResearchStudy, arrivals: Sequence[Arrival], old: Sequence[ResearchSeries]
) -> list[ResearchSeries]:
    """Save the new series with their rows, and add them to the sums."""
    now = timezone.now()
    for before in old:  # its UID is the new one's from here on
        study.series.filter(pk=before.pk).update(series_instance_uid=f"-{before.pk}")
    seen_at = study.as_of or now
    new = []
    for one in arrivals:
        series = one.series
        series.study, series.indexed_at = study, now
        series.origin = _known_origin(series.origin, study)
        series.save()
        new.append(series)
    write_rows(study.project_id, arrivals, seen_at=seen_at)
    sums.count_up(study, new, seen_at=seen_at)
    return new


@transaction.atomic
def remove_series(study: ResearchStudy, series: Sequence[ResearchSeries]) -> None:
    """Take series out of the index. Raises LeaseLost, and changes nothing then."""
    study.progressed()
    index = _locked_index(study)
    left, weighed = _elements_of(series), sums.changing(study, series)
    _take_out(study, series)
    rescore(weighed)
    settle(elements=left)
    _change_totals(study, index, went=series)


def _take_out(study: ResearchStudy, series: Sequence[ResearchSeries]) -> None:
    if not series:
        return
    sums.count_down(study, series)
    ResearchSeries.objects.filter(pk__in=[one.pk for one in series]).delete()
    Element.objects.filter(project_id=study.project_id, series_count=0).delete()
    Origin.objects.filter(project_id=study.project_id, series_count=0).delete()


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


def _elements_of(series: Sequence[ResearchSeries]) -> list[int]:
    rows = SeriesElement.objects.filter(series__in=series)
    return list(rows.values_list("element_id", flat=True).distinct())


def _change_totals(
    study: ResearchStudy,
    index: ProjectIndex,
    *,
    came: Sequence[ResearchSeries] = (),
    went: Sequence[ResearchSeries] = (),
) -> None:
    """Change what the study and the project count in all."""
    series = len(came) - len(went)
    instances = sum(one.instance_count for one in came) - sum(one.instance_count for one in went)
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
