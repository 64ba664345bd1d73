"""Bells. A message carries an id; the row says what is to be done (docs/adr/0002)."""

import logging
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from celery import shared_task
from django.db import transaction

from projects.leases import LeasedQuerySet
from transfers.models import Delivery, Run
from transfers.pipeline.committing import with_answers
from transfers.pipeline.erasing import erasable, erase_files
from transfers.pipeline.latecomers import admit_latecomers, with_latecomers
from transfers.pipeline.recording import record_runs
from transfers.pipeline.steps import give_up, take_step

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def advance(run_id: int) -> None:
    """Take one run one step further. Calling it twice, or late, does no harm."""
    run = Run.objects.claim(run_id, owner=uuid4())
    if run is None:
        return  # finished, cancelled, not yet due, or in another worker's hands
    with run.heartbeat() as check:
        take_step(run, check)
    if Run.objects.due().filter(pk=run_id).exists():
        ring(advance, Run.objects.filter(pk=run_id))
    ring_deliveries(run_id)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def deliver(delivery_id: int) -> None:
    """Send, count or take back one run at one destination. Twice, or late, does no harm."""
    delivery = Delivery.objects.claim(delivery_id, owner=uuid4())
    if delivery is None:
        return
    with delivery.heartbeat() as check:
        take_step(delivery, check)
    if Delivery.objects.due().filter(pk=delivery_id).exists():
        ring(deliver, Delivery.objects.filter(pk=delivery_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def resume_transfers() -> None:
    """Ring again for rows whose bell or whose worker was lost; end what kills its workers."""
    for run in Run.objects.worn_out():
        give_up(run)
    for delivery in Delivery.objects.worn_out():
        give_up(delivery)
    for transfer in with_latecomers():
        admit_latecomers(transfer)
    with_answers().update(not_before=None)
    ring(advance, Run.objects.unheard())
    ring(deliver, Delivery.objects.unheard())
    for run in erasable()[:20]:
        erase_files(run)


@shared_task(ignore_result=True)
def keep_records() -> None:
    """Make the records of runs that ended, or of which something else is to be said now."""
    record_runs()


def ring_deliveries(run_id: int) -> None:
    """Ring for the deliveries of a run that wait to be taken."""
    ring(deliver, Delivery.objects.due().filter(run=run_id))


def ring(task: Callable[..., None], rows: LeasedQuerySet) -> None:
    """Ring for rows. A broker that is away loses the bell, not the row: the clock rings again."""
    ids = list(rows.values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=ids).rung()
    for pk in ids:
        try:
            task.delay(pk)  # type: ignore[attr-defined]
        except Exception as error:  # noqa: BLE001 - any broker may fail in any way of its own
            log.warning("the bell for %s %s was lost: %s", task, pk, type(error).__name__)
            return


def ring_on_commit(task: Callable[..., None], rows: LeasedQuerySet) -> None:
    """Ring once the transaction is saved."""
    transaction.on_commit(partial(ring, task, rows), robust=True)
