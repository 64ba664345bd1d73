"""Bringing one series' inventory into the index, or taking the series out, in one transaction.

Both first repeat the lease on the study, so that a worker that lost it changes nothing, and lock
the project's row, so that two workers take turns.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from deidentify.inventory import ElementRow
from deidentify.inventory_rulings import Ruling
from deidentify.looks import IN_BYTES
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
from review.risk import looks_of
from review.risk_order import rescore
from review.settling import settle

TEXT_VRS = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "UN")
"""What people write: every value of these is listed, as far as the inventory lists it."""
LISTED_AT_MOST = 50
"""Above this many values in one series, UIDs, numbers and times differ by nature."""
EXAMPLES = 3
CHUNK = 500
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

Digested = TypeVar("Digested", Element, Value)


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
    _write_rows(study.project_id, new, rows, decided=decided, seen_at=seen_at)
    sums.count_up(new, seen_at=seen_at)
    left = _elements_of(old) if old is not None else []
    if old is not None:
        sums.count_down(old)
        old.delete()
    _drop_what_is_empty(study)
    rescore({*left, *_elements_of(new)})
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
    left = _elements_of(series)
    sums.count_down(series)
    series.delete()
    _drop_what_is_empty(study)
    rescore(left)
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


def listed(row: ElementRow) -> dict[str, int]:
    """Choose the values that get a row of their own, with the number of their instances.

    What differs from image to image by nature (UIDs, positions, times) is only counted, but for
    a few examples: the index grows with distinct values, not with images. Of bytes, those in
    which something looks like a name or a number come first.
    """
    if row.vr in TEXT_VRS or row.distinct <= LISTED_AT_MOST:
        return dict(row.values)
    telling = [text for text in sorted(row.values) if IN_BYTES in text][:LISTED_AT_MOST]
    chosen = dict.fromkeys([*telling, *sorted(row.values)[:EXAMPLES]])
    return {text: row.values[text] for text in chosen}


def _locked_index(study: ResearchStudy) -> ProjectIndex:
    ProjectIndex.objects.get_or_create(project_id=study.project_id)
    return ProjectIndex.objects.select_for_update().get(project_id=study.project_id)


def _elements_of(series: ResearchSeries) -> list[int]:
    rows = SeriesElement.objects.filter(series=series)
    return list(rows.values_list("element_id", flat=True))


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
    digest = _digest("\0".join(map(str, facts.values())))
    known, _ = Origin.objects.get_or_create(
        project_id=study.project_id, digest=digest, defaults=facts
    )
    return known


def _write_rows(
    project_id: int,
    series: ResearchSeries,
    rows: Sequence[ElementRow],
    *,
    decided: Mapping[str, Ruling],
    seen_at: datetime,
) -> None:
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
                first_seen_at=seen_at,
                changed_at=seen_at,
            )
            for row in rows
        },
    )
    shown = {_digest(row.path): listed(row) for row in rows}
    values = _numbers_of(
        Value,
        project_id,
        {
            _digest(text): Value(
                project_id=project_id,
                digest=_digest(text),
                text=_storable(text),
                looks=looks_of(text),
            )
            for texts in shown.values()
            for text in texts
        },
    )
    decisions = _decisions(
        series.plan_version_id,
        {elements[_digest(row.path)]: decided[row.path] for row in rows},
    )
    SeriesElement.objects.bulk_create(
        (
            SeriesElement(
                series=series,
                element_id=elements[_digest(row.path)],
                decision_id=decisions[elements[_digest(row.path)]],
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


def _decisions(plan_version_id: int, wanted: Mapping[int, Ruling]) -> dict[int, int]:
    """Return the row that stands for a decision by element, creating those not there yet."""
    rows = ElementDecision.objects.filter(element__in=wanted, plan_version=plan_version_id)
    known = {(row.element_id, row.action, row.row): row.pk for row in rows}
    new = [
        ElementDecision(
            element_id=element, plan_version_id=plan_version_id, action=one.action, row=one.row
        )
        for element, one in wanted.items()
        if (element, one.action, one.row) not in known
    ]
    for row in ElementDecision.objects.bulk_create(new):
        known[row.element_id, row.action, row.row] = row.pk
    return {element: known[element, one.action, one.row] for element, one in wanted.items()}


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
