"""Bells of this room: go on with batches that nobody holds."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from intake.archives import unpack_archives
from intake.arrivals import Batch, batches
from intake.catalogue import arrival_of, finish
from intake.models import Arrival, Door
from projects.leases import ATTEMPT_CAP

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def settle_arrival(arrival_id: int) -> None:
    """Unpack and catalogue one upload. Calling it twice, or late, does no harm."""
    arrival = Arrival.objects.filter(pk=arrival_id, ended_at=None).first()
    if arrival is None:
        return
    try:
        batch = Batch.at(arrival.token)
    except FileNotFoundError:
        return  # another machine's folder, or just finished
    _go_on_with(batch)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def recover_arrivals() -> int:
    """Go on with every batch whose process is gone; return how many were finished.

    An upload that is still being sent is left alone. The DICOM node holds its batches as long as
    it lives. The sweep calls this.
    """
    abandoned_uploads()
    return sum(_go_on_with(batch) for batch in batches())


def _go_on_with(batch: Batch) -> bool:
    if not batch.hold():
        return False
    try:
        if not _may_be_tried(batch):
            return False
        unpack_archives(batch)
        finish(batch)
    except Exception:  # the others go on; this one is tried again, a limited number of times
        log.exception("A batch of arrivals could not be settled; it stays where it is.")
        return False
    finally:
        batch.let_go()
    return True


def _may_be_tried(batch: Batch) -> bool:
    """Count the attempt first, so that a batch that kills its worker is not tried for ever.

    Every slice that is settled sets the count back to 0.
    """
    with transaction.atomic():
        arrival = arrival_of(batch)
        if arrival.door == Door.UPLOAD and arrival.closed_at is None:
            return False
        rows = Arrival.objects.filter(pk=arrival.pk, attempt__lt=ATTEMPT_CAP)
        return bool(rows.update(attempt=F("attempt") + 1))


def abandoned_uploads(hours: int = 24) -> int:
    """Close uploads whose browser went away, so that what did arrive is catalogued."""
    since = timezone.now() - timedelta(hours=hours)
    rows = Arrival.objects.filter(door=Door.UPLOAD, closed_at=None, started_at__lt=since)
    return rows.update(closed_at=timezone.now())
