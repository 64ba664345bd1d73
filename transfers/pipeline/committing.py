"""Asking a destination to commit to what it took: that it keeps it, not only that it got it.

The question goes out by N-ACTION. Some answer over the same association, some open one to our node
minutes or hours later; either way the answer is filed in the database, and the delivery goes on
from there.

Source: DICOM PS3.4 annex J (Storage Commitment Push Model).
"""

import time
from collections.abc import Callable
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from intake.commitments import file_report
from intake.models import StorageCommitment
from transfers.errors import Away, NotTaken, TransferError
from transfers.models import Delivery, LedgerEntry
from transfers.models.deliveries import LedgerQuerySet
from transfers.states import DeliveryState
from transfers.wire import COMMITMENT, Line, open_line

PUSH_MODEL_INSTANCE = "1.2.840.10008.1.20.1.1"
REQUEST_COMMITMENT = 1  # Action Type ID
QUESTION_SIZE = 500
HEAR_SECONDS = 3.0
LOOK_SECONDS = 0.1
WAIT_SECONDS = (15, 60, 300, 900)
ASK_ANEW_AFTER = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)


def is_committed(delivery: Delivery, check: Callable[[], None]) -> bool:
    """Ask for commitment to what was accepted; tell whether there is nothing more to wait for.

    What the destination will not keep counts as missing. Raises TransferError if it does not take
    the question at all.
    """
    read_answers(delivery)
    if unasked(delivery).exists():
        ask(delivery, check)
        read_answers(delivery)
    if not open_entries(delivery).exists():
        return True
    if Delivery.objects.filter(pk=delivery.pk, waiting_since__lt=Now() - GIVE_UP_AFTER).exists():
        return True
    wait = WAIT_SECONDS[min(delivery.asked_count, len(WAIT_SECONDS) - 1)]
    delivery.let_go(
        not_before=Now() + timedelta(seconds=wait),
        asked_count=delivery.asked_count + 1,
        attempt=0,
        reason=f"{delivery.destination.name} was asked to commit to what it has; "
        "its answer is awaited.",
    )
    return False


def open_entries(delivery: Delivery) -> LedgerQuerySet:
    """Return what was accepted and is not committed yet."""
    return delivery.entries.accepted().filter(committed_at=None)


def unasked(delivery: Delivery) -> LedgerQuerySet:
    """Return what is to be asked for: never asked, or asked long ago and not answered."""
    pending = StorageCommitment.objects.filter(
        pk=OuterRef("commitment"), answered_at=None, asked_at__gt=Now() - ASK_ANEW_AFTER
    )
    return open_entries(delivery).filter(~Exists(pending))


def ask(delivery: Delivery, check: Callable[[], None]) -> None:
    """Ask for everything that is open, in questions of some hundred instances."""
    reports: SimpleQueue[Any] = SimpleQueue()

    def hear(event: Any) -> tuple[int, None]:
        reports.put(event.event_information)
        return 0, None

    name = delivery.destination.name
    asked = []
    try:
        with open_line(delivery.destination, services=[COMMITMENT], hear=hear) as line:
            if not line.offers(COMMITMENT):
                raise NotTaken
            while entries := list(unasked(delivery)[:QUESTION_SIZE]):
                check()
                asked.append(put_question(delivery, line, entries))
                delivery.progressed()
            hear_out(asked, reports, check)
    except NotTaken as error:
        raise TransferError(
            f"{name} is declared to commit storage, and does not take the question."
        ) from error


def put_question(delivery: Delivery, line: Line, entries: list[LedgerEntry]) -> int:
    """Send one question; the row is there before the answer can be."""
    from pydicom.dataset import Dataset

    question = StorageCommitment.objects.create(
        transaction_uid=f"2.25.{uuid4().int}", ae_title=delivery.destination.ae_title
    )
    LedgerEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(commitment=question)
    information = Dataset()
    information.TransactionUID = question.transaction_uid
    information.ReferencedSOPSequence = []
    for entry in entries:
        item = Dataset()
        item.ReferencedSOPClassUID = entry.sop_class_uid
        item.ReferencedSOPInstanceUID = entry.sop_instance_uid
        information.ReferencedSOPSequence.append(item)
    try:
        status = line.act(information, REQUEST_COMMITMENT, COMMITMENT, PUSH_MODEL_INSTANCE)
    except Away:
        question.delete()  # or its answer would be waited for
        raise
    if status:
        question.delete()
        raise Away(
            f"{delivery.destination.name} answered status 0x{status:04X} when it was asked to "
            "commit to what it has."
        )
    return question.pk


def hear_out(asked: list[int], reports: "SimpleQueue[Any]", check: Callable[[], None]) -> None:
    """Leave the association open for a moment: some peers answer over it."""
    end = time.monotonic() + min(HEAR_SECONDS, settings.LEASE_SECONDS)
    unanswered = StorageCommitment.objects.filter(pk__in=asked, answered_at=None)
    while unanswered.exists() and time.monotonic() < end:
        check()
        try:
            file_report(reports.get(timeout=LOOK_SECONDS))
        except Empty:
            continue


def read_answers(delivery: Delivery) -> None:
    """Bring into the ledger what the destination has answered since."""
    answered = StorageCommitment.objects.filter(
        answered_at__isnull=False, pk__in=open_entries(delivery).values("commitment")
    )
    for answer in answered:
        entries = open_entries(delivery).filter(commitment=answer)
        pks = dict(entries.values_list("sop_instance_uid", "pk"))
        kept = [pks[uid] for uid in answer.committed if uid in pks]
        lost = [pks[uid] for uid in answer.failed if uid in pks]
        LedgerEntry.objects.filter(pk__in=kept).update(committed_at=answer.answered_at)
        LedgerEntry.objects.filter(pk__in=lost).update(
            missing_at=Now(), counted_at=None, confirmed_at=None
        )


def with_answers() -> QuerySet[Delivery]:
    """Return deliveries that wait for an answer which has come."""
    answered = LedgerEntry.objects.filter(
        destination=OuterRef("destination"),
        run=OuterRef("run"),
        committed_at=None,
        missing_at=None,
        withdrawn_at=None,
        commitment__answered_at__isnull=False,
    )
    return Delivery.objects.filter(
        Exists(answered), state=DeliveryState.COUNTING, not_before__gt=Now()
    )
