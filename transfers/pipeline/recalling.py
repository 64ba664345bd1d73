"""Taking back what was sent: when a participant was assigned wrongly, or a transfer cancelled."""

from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from projects.storage import scratch, storage
from transfers.errors import TransferError
from transfers.models import Delivery, LedgerEntry, Outcome, Run
from transfers.pipeline.blanking import write_blank
from transfers.pipeline.delivering import BATCH, WARNINGS, ask_for_deletion
from transfers.pipeline.removing import remove_instances
from transfers.states import DELIVERY_MOVING, DeliveryState, OutcomeState, Replaces
from transfers.wire import STUDY_ROOT_FIND, Line, open_line

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
WANTED = (
    OutcomeState.WAITING,
    OutcomeState.MOVING,
    OutcomeState.HELD,
    OutcomeState.DELIVERED,
)


def recall_study(delivery: Delivery, check: Callable[[], None]) -> None:
    """Take back what a destination got of a run, the way it declares, and read back that it did.

    One that deletes is asked to; one that overwrites gets blank instances under the same UIDs; at
    any other its administrator gets a chore.
    """
    way = delivery.destination.replaces
    refused = still_there(delivery).filter(accepted_at=None, status__isnull=False)
    refused.order_by().update(withdrawn_at=Now())
    if way == Replaces.BY_HAND and still_there(delivery).exists():
        leave_to_a_person(delivery, "")
        return
    while not finish(delivery):
        while batch := list(still_there(delivery)[:BATCH]):
            check()
            if way == Replaces.DELETES:
                remove_instances(delivery.destination, batch)
            else:
                overwrite_with_blanks(delivery, batch)
            delivery.progressed()


def still_there(delivery: Delivery) -> QuerySet[LedgerEntry]:
    """Return what the destination got of the run and did not give back yet.

    What a later run of the same transfer still wants is that run's to replace.
    """
    wanted = Outcome.objects.filter(
        run__transfer=delivery.run.transfer_id,
        run__number__gt=delivery.run.number,
        sop_instance_uid=OuterRef("sop_instance_uid"),
        state__in=WANTED,
    )
    return LedgerEntry.objects.filter(
        ~Exists(wanted), destination=delivery.destination, run=delivery.run, withdrawn_at=None
    ).order_by("pk")


def take_back_rejected(run: Run) -> list[int]:
    """Begin to take back what earlier runs delivered of instances that this run has rejected.

    Returns the deliveries concerned. One whose administrator replaces by hand is left alone: it
    would be asked to delete the whole study.
    """
    rejected = run.outcomes.filter(state=OutcomeState.REJECTED)
    originals = rejected.exclude(instance=None).values("instance")
    uids = Outcome.objects.filter(
        Q(instance__in=originals) | Q(pk__in=rejected.values("pk")), run__transfer=run.transfer_id
    ).exclude(sop_instance_uid="")
    held_there = LedgerEntry.objects.filter(
        destination=OuterRef("destination"),
        run=OuterRef("run"),
        withdrawn_at=None,
        sop_instance_uid__in=uids.values("sop_instance_uid"),
    )
    earlier = Delivery.objects.filter(
        Exists(held_there), run__transfer=run.transfer_id, run__number__lt=run.number
    ).exclude(destination__replaces=Replaces.BY_HAND)
    pks = list(earlier.exclude(state__in=DELIVERY_MOVING).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=pks).update(
        state=DeliveryState.RECALLING, attempt=0, not_before=None, ended_at=None
    )
    return pks


@transaction.atomic
def finish(delivery: Delivery) -> bool:
    """End the recall unless something arrived meanwhile that is still to be taken back."""
    Delivery.objects.select_for_update().get(pk=delivery.pk)
    if still_there(delivery).exists():
        return False
    delivery.let_go(state=DeliveryState.RECALLED, ended_at=Now(), attempt=0, reason="")
    return True


@transaction.atomic
def leave_to_a_person(delivery: Delivery, why: str) -> None:
    """Ask the destination's administrator to delete what the program could not take back."""
    delivery.let_go(
        state=DeliveryState.BY_HAND,
        attempt=0,
        reason=f"{why} The destination's administrator must delete the study by hand.".strip(),
    )
    ask_for_deletion(delivery, list(still_there(delivery)))


def overwrite_with_blanks(delivery: Delivery, entries: list[LedgerEntry]) -> None:
    """Send an empty instance under each UID, so that nothing of the picture is left there."""
    outcomes = outcomes_with_files(delivery, entries)
    kinds = {(entry.sop_class_uid, EXPLICIT_LITTLE) for entry in entries}
    with (
        scratch() as folder,
        open_line(delivery.destination, sorted(kinds), services=[STUDY_ROOT_FIND]) as line,
    ):
        for entry in entries:
            outcome = outcomes.get(entry.sop_instance_uid)
            if outcome is None:
                raise TransferError("The file of an instance that was sent is erased already.")
            if entry.accepted_at is None and never_arrived(line, outcome):
                LedgerEntry.objects.filter(pk=entry.pk).update(withdrawn_at=Now())
                continue
            blank = Path(folder) / f"{entry.pk}.dcm"
            with storage().fetch(outcome.key) as delivered:
                write_blank(delivered, blank)
            status = line.store(blank)
            if status and status not in WARNINGS:
                raise TransferError(
                    f"{delivery.destination.name} did not take a blank instead "
                    f"of an instance (status 0x{status:04X})."
                )
            blank.unlink()
            LedgerEntry.objects.filter(pk=entry.pk).update(withdrawn_at=Now())


def outcomes_with_files(delivery: Delivery, entries: list[LedgerEntry]) -> dict[str, Outcome]:
    """Return, by new SOP Instance UID, outcomes whose files the blanks can be made of.

    A later run of the same transfer gives the same UIDs: where it has replaced this run, the files
    are its own.
    """
    uids = [entry.sop_instance_uid for entry in entries]
    outcomes = Outcome.objects.filter(
        run__transfer=delivery.run.transfer_id, sop_instance_uid__in=uids
    ).exclude(key="")
    return {outcome.sop_instance_uid: outcome for outcome in outcomes.order_by("run__number")}


def never_arrived(line: Line, outcome: Outcome) -> bool:
    """Tell whether the destination says that it does not have an instance."""
    found = line.has_instance(
        outcome.study_instance_uid, outcome.series_instance_uid, outcome.sop_instance_uid
    )
    return found is False
