"""The last step: send what was verified to one destination, and note each confirmation."""

from collections import Counter
from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from projects.errors import LeaseLost
from projects.storage import storage
from transfers.errors import NotTaken, TransferError
from transfers.models import Chore, Delivery, LedgerEntry, Outcome
from transfers.pipeline.removing import remove_instances
from transfers.pipeline.settling import confirmed_entries
from transfers.states import DeliveryState, OutcomeState, Replaces
from transfers.wire import Line, open_line

BATCH = 50
NOT_ACCEPTED = "of a SOP class or transfer syntax that it does not accept"
WARNINGS = range(0xB000, 0xC000)  # stored, with a remark (PS3.4 Table B.2-1)


def deliver_study(delivery: Delivery, check: Callable[[], None]) -> None:
    """Send every verified instance that the destination has not confirmed yet.

    Raises Away if it cannot be reached, and TransferError if it refuses instances.
    """
    delivery.set_held(reason="")
    if not make_room(delivery):
        delivery.let_go(
            state=DeliveryState.BY_HAND,
            reason="An older copy must be deleted by hand at the destination first.",
        )
        return
    refused: Counter[str] = Counter()
    attempted: set[int] = set()
    while batch := next_batch(delivery, attempted):
        attempted.update(outcome.pk for outcome in batch)
        kinds = {(outcome.sop_class_uid, outcome.transfer_syntax_uid) for outcome in batch}
        try:
            with open_line(delivery.destination, sorted(kinds), find=True) as line:
                for outcome, entry in begin(delivery, batch):
                    check()
                    refusal = ""
                    if entry is None or not was_received(line, delivery, outcome):
                        refusal = send(line, outcome)
                    if refusal:
                        refused[refusal] += 1
                    else:
                        confirm(delivery, outcome)
        except NotTaken:  # nothing of this batch; another may hold other kinds
            refused[NOT_ACCEPTED] += len(batch)
        delivery.progressed()
    if refused:
        raise TransferError(_refusals(refused))
    finish(delivery)


def send(line: Line, outcome: Outcome) -> str:
    """Send one instance; return why the destination refused it, "" if it is stored there."""
    try:
        with storage().fetch(outcome.key) as path:
            status = line.store(path)
    except NotTaken:
        return NOT_ACCEPTED
    return f"with status 0x{status:04X}" if status and status not in WARNINGS else ""


def unsent(delivery: Delivery) -> QuerySet[Outcome]:
    """Return what may leave and has no confirmed ledger row at the destination."""
    outcomes = delivery.run.outcomes.filter(
        state__in=(OutcomeState.MOVING, OutcomeState.DELIVERED), is_verified=True
    )
    return outcomes.filter(~Exists(confirmed_entries(delivery.destination_id)))


def next_batch(delivery: Delivery, attempted: set[int]) -> list[Outcome]:
    """Return the next instances to send that were not tried in this attempt."""
    rows = unsent(delivery).order_by("pk").iterator(chunk_size=BATCH)
    batch: list[Outcome] = []
    for outcome in rows:
        if outcome.pk not in attempted:
            batch.append(outcome)
        if len(batch) == BATCH:
            break
    return batch


def begin(delivery: Delivery, batch: list[Outcome]) -> list[tuple[Outcome, LedgerEntry | None]]:
    """Write a ledger row for each instance before it is sent.

    A row that was there already, begun and not confirmed, is given back: its answer was lost.
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
            is_lost = not is_new and entry.withdrawn_at is None
            pairs.append((outcome, entry if is_lost else None))
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


def confirm(delivery: Delivery, outcome: Outcome) -> None:
    """Note that the destination has these bytes, and no longer those it had before.

    That is so also when somebody cancelled while they were on the wire: then they are taken back,
    and LeaseLost is raised.
    """
    rows = LedgerEntry.objects.filter(
        destination=delivery.destination, sop_instance_uid=outcome.sop_instance_uid
    )
    with transaction.atomic():
        # the lock lets a recall that is about to end see this row, or this see that it has ended
        now = Delivery.objects.select_for_update().get(pk=delivery.pk)
        rows.filter(digest=outcome.digest).update(
            run=delivery.run, confirmed_at=Now(), withdrawn_at=None
        )
        rows.exclude(digest=outcome.digest).filter(withdrawn_at=None).update(withdrawn_at=Now())
        is_ours = now.owner is not None and now.owner == delivery.owner
        if not is_ours:
            take_back_too(now)
    if not is_ours:
        raise LeaseLost


def take_back_too(delivery: Delivery) -> None:
    """Begin the recall of an ended transfer's delivery once more, for what arrived after it."""
    ended = Delivery.objects.filter(
        pk=delivery.pk,
        state__in=(DeliveryState.RECALLED, DeliveryState.CANCELLED),
        run__transfer__ended_at__isnull=False,
    )
    ended.update(state=DeliveryState.RECALLING, attempt=0, not_before=None, ended_at=None)


def finish(delivery: Delivery) -> None:
    """End a delivery whose instances are all confirmed."""
    confirmed = delivery.run.outcomes.filter(Exists(confirmed_entries(delivery.destination_id)))
    delivery.let_go(
        state=DeliveryState.DELIVERED,
        confirmed_count=confirmed.count(),
        ended_at=Now(),
        attempt=0,
        reason="",
    )


def older_copies(delivery: Delivery) -> QuerySet[LedgerEntry]:
    """Return what the destination holds under the same UIDs with other bytes."""
    same_bytes = delivery.run.outcomes.filter(
        sop_instance_uid=OuterRef("sop_instance_uid"), digest=OuterRef("digest")
    )
    return LedgerEntry.objects.filter(
        ~Exists(same_bytes),
        destination=delivery.destination,
        sop_instance_uid__in=delivery.run.outcomes.exclude(sop_instance_uid="").values(
            "sop_instance_uid"
        ),
        confirmed_at__isnull=False,
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


def _refusals(refused: Counter[str]) -> str:
    parts = [f"{count} {refusal}" for refusal, count in sorted(refused.items())]
    return f"The destination refused instances: {', '.join(parts)}."
