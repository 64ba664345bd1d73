"""Taking back what was sent: when a participant was assigned wrongly, or a transfer cancelled."""

from collections.abc import Callable
from pathlib import Path

from django.db.models.functions import Now

from projects.storage import scratch, storage
from transfers.errors import TransferError
from transfers.models import Delivery, LedgerEntry, Outcome
from transfers.pipeline.blanking import write_blank
from transfers.pipeline.delivering import BATCH, ask_for_deletion
from transfers.pipeline.removing import remove_instances
from transfers.states import DeliveryState, Replaces
from transfers.wire import Line, open_line

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


def recall_study(delivery: Delivery, check: Callable[[], None]) -> None:
    """Take back what a destination got of a run, the way it declares, and read back that it did.

    One that deletes is asked to; one that overwrites gets blank instances under the same UIDs; at
    any other its administrator gets a chore.
    """
    entries = LedgerEntry.objects.filter(
        destination=delivery.destination, run=delivery.run, withdrawn_at=None
    ).order_by("pk")
    way = delivery.destination.replaces
    if way == Replaces.BY_HAND and entries.exists():
        ask_for_deletion(delivery, list(entries))
        delivery.let_go(
            state=DeliveryState.BY_HAND,
            reason="The destination's administrator must delete the study by hand.",
        )
        return
    while batch := list(entries[:BATCH]):
        check()
        if way == Replaces.DELETES:
            remove_instances(delivery.destination, batch)
        else:
            overwrite_with_blanks(delivery, batch)
        delivery.progressed()
    delivery.let_go(state=DeliveryState.RECALLED, ended_at=Now(), attempt=0, reason="")


def overwrite_with_blanks(delivery: Delivery, entries: list[LedgerEntry]) -> None:
    """Send an empty instance under each UID, so that nothing of the picture is left there."""
    outcomes = {
        outcome.sop_instance_uid: outcome
        for outcome in delivery.run.outcomes.filter(
            sop_instance_uid__in=[entry.sop_instance_uid for entry in entries]
        )
    }
    kinds = {(entry.sop_class_uid, EXPLICIT_LITTLE) for entry in entries}
    with scratch() as folder, open_line(delivery.destination, sorted(kinds), find=True) as line:
        for entry in entries:
            outcome = outcomes[entry.sop_instance_uid]
            if entry.confirmed_at is None and never_arrived(line, outcome):
                LedgerEntry.objects.filter(pk=entry.pk).update(withdrawn_at=Now())
                continue
            blank = Path(folder) / f"{entry.pk}.dcm"
            with storage().fetch(outcome.key) as delivered:
                write_blank(delivered, blank)
            status = line.store(blank)
            if status:
                raise TransferError(
                    f"{delivery.destination.name} did not take a blank instead "
                    f"of an instance (status 0x{status:04X})."
                )
            blank.unlink()
            LedgerEntry.objects.filter(pk=entry.pk).update(withdrawn_at=Now())


def never_arrived(line: Line, outcome: Outcome) -> bool:
    """Tell whether the destination says that it does not have an instance."""
    found = line.has_instance(
        outcome.study_instance_uid, outcome.series_instance_uid, outcome.sop_instance_uid
    )
    return found is False
