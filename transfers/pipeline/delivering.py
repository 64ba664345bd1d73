"""Sending what was verified to one destination, and noting what it answered to each C-STORE.

That an instance was accepted does not mean that it is there: counting comes next.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from projects.errors import LeaseLost
from projects.models import HoldPolicy
from projects.storage import storage
from transfers.errors import Away, NotTaken, TransferError
from transfers.models import Chore, Delivery, LedgerEntry, Outcome, Run
from transfers.pipeline.removing import remove_instances
from transfers.states import DeliveryState, OutcomeState, Replaces
from transfers.wire import COMMITMENT, STUDY_ROOT_FIND, Line, open_line

BATCH = 50
NOT_SUPPORTED = (
    0x0122  # Refused: SOP Class not supported (PS3.7 C.5.6), also where none answered so
)
WARNINGS = range(0xB000, 0xC000)  # stored, with a remark (PS3.4 Table B.2-1)


def deliver_study(delivery: Delivery, check: Callable[[], None]) -> None:
    """Send every verified instance that the destination has not accepted yet, or was found to lack.

    What it refuses is noted, and said once the rest is counted. Raises Away if it cannot be
    reached.
    """
    delivery.set_held(reason="")
    if not make_room(delivery):
        delivery.let_go(
            state=DeliveryState.BY_HAND,
            reason="An older copy must be deleted by hand at the destination first.",
        )
        return
    last = 0
    while batch := next_batch(delivery, after=last):
        last = batch[-1].pk
        kinds = {(outcome.sop_class_uid, outcome.transfer_syntax_uid) for outcome in batch}
        pairs = begin(delivery, batch)
        try:
            with open_line(
                delivery.destination, sorted(kinds), services=[STUDY_ROOT_FIND, COMMITMENT]
            ) as line:
                for outcome, is_lost in pairs:
                    check()
                    if is_lost and was_received(line, delivery, outcome):
                        accept(delivery, outcome, status=None)
                    else:
                        send(line, delivery, outcome)
        except NotTaken:  # nothing of this batch; another may hold other kinds
            for outcome, _ in pairs:
                refuse(delivery, outcome, NOT_SUPPORTED)
        delivery.progressed()
    if Run.objects.filter(pk=delivery.run_id, verified_at=None).exists():
        raise Away("Images that arrived late are verified before anything more is sent.")
    finish_sending(delivery)


def send(line: Line, delivery: Delivery, outcome: Outcome) -> None:
    """Send one instance and note what the destination answered.

    Raises TransferError if its file is another one than was verified: days may lie between.
    """
    try:
        with storage().fetch(outcome.key) as path:
            if digest_of(path) != outcome.digest:
                raise TransferError(
                    "A de-identified file was changed after it was written; nothing of it was sent."
                    " Run the transfer anew."
                )
            status = line.store(path)
    except NotTaken:
        status = NOT_SUPPORTED
    if status and status not in WARNINGS:
        refuse(delivery, outcome, status)
    else:
        accept(delivery, outcome, status=status)


def digest_of(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unsent(delivery: Delivery) -> QuerySet[Outcome]:
    """Return what may leave and was not accepted yet, or was accepted and is missing.

    Nothing may while late images are verified: whether they agree with the others is known at the
    end. Where a project sends whole, nothing more may while one of them is held.
    """
    accepted = LedgerEntry.objects.of_outcomes(delivery.destination_id).accepted()
    held = Outcome.objects.filter(run=OuterRef("run"), state=OutcomeState.HELD)
    is_kept_whole = Q(run__transfer__project__hold_policy=HoldPolicy.SEND_WHOLE) & Exists(held)
    may_leave = delivery.outcomes.filter(~is_kept_whole, run__verified_at__isnull=False)
    return may_leave.filter(~Exists(accepted))


def next_batch(delivery: Delivery, *, after: int) -> list[Outcome]:
    """Return the next instances to send; each is tried once in an attempt."""
    return list(unsent(delivery).filter(pk__gt=after).order_by("pk")[:BATCH])


def begin(delivery: Delivery, batch: list[Outcome]) -> list[tuple[Outcome, bool]]:
    """Write a ledger row for each instance before it is sent.

    Each is given back with whether its row was begun before and no answer noted: it was lost.
    """
    pairs = []
    with transaction.atomic():
        for outcome in batch:
            entry, is_new = LedgerEntry.objects.get_or_create(
                destination=delivery.destination,
                sop_instance_uid=outcome.sop_instance_uid,
                digest=outcome.digest,
                defaults={
                    "run": delivery.run,
                    "study_instance_uid": outcome.study_instance_uid,
                    "sop_class_uid": outcome.sop_class_uid,
                },
            )
            answered = entry.status is not None or entry.accepted_at or entry.withdrawn_at
            pairs.append((outcome, not is_new and not answered))
            if entry.status is not None:
                LedgerEntry.objects.filter(pk=entry.pk).update(status=None)
    return pairs


def was_received(line: Line, delivery: Delivery, outcome: Outcome) -> bool:
    """Tell whether an instance whose answer was lost did arrive.

    A destination that holds an older copy under the same UID cannot tell which one it has, and
    one that does not answer C-FIND cannot tell at all: then it is sent again, which is harmless.
    """
    if older_copies(delivery).filter(sop_instance_uid=outcome.sop_instance_uid).exists():
        return False
    found = line.has_instance(
        outcome.study_instance_uid, outcome.series_instance_uid, outcome.sop_instance_uid
    )
    return found is True


def accept(delivery: Delivery, outcome: Outcome, *, status: int | None) -> None:
    """Note that the destination took these bytes, and no longer has those it had before.

    `status` is what it answered; None where the answer was lost and it was found to have them. That
    is noted also when somebody cancelled while they were on the wire: then they are taken back, and
    LeaseLost is raised.
    """
    rows = LedgerEntry.objects.filter(
        destination=delivery.destination, sop_instance_uid=outcome.sop_instance_uid
    )
    with transaction.atomic():
        # the lock lets a recall that is about to end see this row, or this see that it has ended
        now = Delivery.objects.select_for_update().get(pk=delivery.pk)
        rows.filter(digest=outcome.digest).update(
            run=delivery.run,
            status=status,
            accepted_at=Now(),
            counted_at=None,
            committed_at=None,
            commitment=None,
            missing_at=None,
            confirmed_at=None,
            withdrawn_at=None,
        )
        rows.exclude(digest=outcome.digest).filter(withdrawn_at=None).update(withdrawn_at=Now())
        is_ours = now.owner is not None and now.owner == delivery.owner
        if not is_ours:
            take_back_too(now)
    if not is_ours:
        raise LeaseLost


def refuse(delivery: Delivery, outcome: Outcome, status: int) -> None:
    """Note why the destination did not take an instance."""
    LedgerEntry.objects.filter(
        destination=delivery.destination,
        sop_instance_uid=outcome.sop_instance_uid,
        digest=outcome.digest,
    ).update(status=status)


def take_back_too(delivery: Delivery) -> None:
    """Begin the recall of an ended transfer's delivery once more, for what arrived after it."""
    ended = Delivery.objects.filter(
        pk=delivery.pk,
        state__in=(DeliveryState.RECALLED, DeliveryState.CANCELLED),
        run__transfer__ended_at__isnull=False,
    )
    ended.update(state=DeliveryState.RECALLING, attempt=0, not_before=None, ended_at=None)


def finish_sending(delivery: Delivery) -> None:
    """Hand a delivery over to be counted; what was sent again joins the count under way."""
    fresh = {} if delivery.resent_count else {"counted_from": Now()}
    delivery.let_go(
        state=DeliveryState.COUNTING, attempt=0, asked_count=0, waiting_since=Now(), **fresh
    )


def older_copies(delivery: Delivery) -> QuerySet[LedgerEntry]:
    """Return what the destination holds under the same UIDs with other bytes."""
    sent = delivery.run.outcomes.exclude(sop_instance_uid="")  # so that the index is used
    same_bytes = sent.filter(
        sop_instance_uid=OuterRef("sop_instance_uid"), digest=OuterRef("digest")
    )
    return LedgerEntry.objects.filter(
        ~Exists(same_bytes),
        destination=delivery.destination,
        sop_instance_uid__in=sent.values("sop_instance_uid"),
        accepted_at__isnull=False,
        withdrawn_at=None,
    )


def make_room(delivery: Delivery) -> bool:
    """Make way for new bytes under UIDs that are there already, the way the destination declares.

    False if its administrator must delete the older copy by hand first.
    """
    older = list(older_copies(delivery))
    if not older or delivery.destination.replaces == Replaces.OVERWRITES:
        return True
    if delivery.destination.replaces == Replaces.DELETES:
        remove_instances(delivery.destination, older)
        return True
    ask_for_deletion(delivery, older)
    return False


def ask_for_deletion(delivery: Delivery, entries: list[LedgerEntry]) -> None:
    """Leave a chore for the destination's administrator, one for each study."""
    counts = Counter(entry.study_instance_uid for entry in entries)
    for study_instance_uid, count in counts.items():
        Chore.objects.get_or_create(
            destination=delivery.destination,
            project=delivery.run.transfer.project,
            study_instance_uid=study_instance_uid,
            done_at=None,
            defaults={"instance_count": count},
        )
