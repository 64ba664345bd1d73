"""Which kinds of series a project has, by the index of its research copy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Sum

from exports.bids.kinds import Kind
from projects.models import Project
from review.models import Element, ResearchSeries, SeriesValue

IMAGE_TYPE = "(0008,0008)"
DESCRIPTION = "(0008,103E)"
MOST = 2000


@dataclass
class Found:
    """A kind of series with how much there is of it, and an example of where.

    Counts are of series, images and participants; a series of two kinds of images counts in both.
    """

    kind: Kind
    series: int = 0
    images: int = 0
    participants: int = 0
    participant: str = ""
    event: str = ""


def kinds_in(project: Project) -> list[Found]:
    """Return the kinds of series in a project, in order; at most so many as a mapping can hold."""
    found: dict[Kind, Found] = {}
    for row in _rows(project):
        kind = Kind.of(row["modality"], row["description"], row["image_type"].split("\\"))
        one = found.setdefault(kind, Found(kind))
        one.series += row["its_series"]
        one.images += row["its_images"]
        # of several image types of one nature: nobody is counted twice for sure
        one.participants = max(one.participants, row["its_participants"])
        if not one.participant:
            one.participant, one.event = row["its_participant"], row["its_event"]
    return [found[kind] for kind in sorted(found)][:MOST]


def _rows(project: Project) -> Iterator[dict[str, Any]]:
    types = SeriesValue.objects.filter(
        series__study__project=project, element__project=project, element__path=IMAGE_TYPE
    )
    grouped = types.values("series__modality", "series__series_description", "value__text")
    for row in _counted(grouped, "series__"):
        yield row | {
            "modality": row["series__modality"],
            "description": row["series__series_description"],
            "image_type": row["value__text"],
        }
    without = ResearchSeries.objects.filter(study__project=project).exclude(
        pk__in=types.values("series")
    )
    for row in _counted(without.values("modality", "series_description"), ""):
        yield row | {"description": row["series_description"], "image_type": ""}


def _counted(grouped: Any, prefix: str) -> Iterable[dict[str, Any]]:
    """Count series, images and participants of groups, with the first participant of each."""
    counts = grouped.order_by().annotate(
        its_series=Count(f"{prefix}pk", distinct=True),
        its_images=Sum(f"{prefix}instance_count"),
        its_participants=Count(f"{prefix}study__participant", distinct=True),
        its_participant=Min(f"{prefix}study__participant__pseudonym"),
        its_event=Min(f"{prefix}study__event__name"),
    )
    rows: Iterable[dict[str, Any]] = counts
    return rows


def described_by(project: Project) -> Element | None:
    """Return the element that holds the descriptions; None if no series has one."""
    return Element.objects.filter(project=project, path=DESCRIPTION).first()
