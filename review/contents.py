"""What the research copy should hold: the verified instances of the run that counts."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet

from transfers.models import IN_HAND, Outcome, Run, TransferRequest
from transfers.states import OutcomeState

SHOWN = (OutcomeState.MOVING, OutcomeState.DELIVERED)


@dataclass
class SeriesContent:
    """The files of one series of the research copy."""

    series_instance_uid: str
    study_instance_uid: str
    keys: list[str] = field(default_factory=list)
    sop_classes: Counter[str] = field(default_factory=Counter)
    byte_count: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(
        self, *, key: str, sop_class_uid: str, sop_instance_uid: str, digest: str, size: int
    ) -> None:
        """Count one file; they come in the order of their UIDs."""
        self.keys.append(key)
        self.sop_classes[sop_class_uid] += 1
        self.byte_count += size
        self._digest.update(f"{sop_instance_uid} {digest} {key}\n".encode())

    @property
    def digest(self) -> str:
        """A digest over all instances' UIDs, bytes and places."""
        return self._digest.hexdigest()


def shown_outcomes() -> QuerySet[Outcome]:
    """Return the instances that are verified and delivered, or on their way."""
    return Outcome.objects.filter(state__in=SHOWN, is_verified=True)


def counting_runs() -> QuerySet[Run]:
    """Return the runs of live transfers that have something to show, later ones not considered."""
    return Run.objects.filter(
        IN_HAND, Exists(shown_outcomes().filter(run=OuterRef("pk"))), transfer__ended_at=None
    )


def run_that_counts(transfer: TransferRequest) -> Run | None:
    """Return the latest run of a live transfer that has something to show."""
    return counting_runs().filter(transfer=transfer).order_by("-number").first()


def contents(run: Run) -> dict[str, SeriesContent]:
    """Return what the research copy holds of a run, by Series Instance UID."""
    found: dict[str, SeriesContent] = {}
    rows = shown_outcomes().filter(run=run).exclude(key="")
    for row in rows.order_by("series_instance_uid", "sop_instance_uid").iterator():
        series = found.setdefault(
            row.series_instance_uid,
            SeriesContent(row.series_instance_uid, row.study_instance_uid),
        )
        series.add(
            key=row.key,
            sop_class_uid=row.sop_class_uid,
            sop_instance_uid=row.sop_instance_uid,
            digest=row.digest,
            size=row.size,
        )
    return found
