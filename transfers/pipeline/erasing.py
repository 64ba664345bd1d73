"""Letting go of the research copy's files that no longer count."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from projects.storage import storage
from transfers.models import Delivery, Outcome, Run
from transfers.states import RUN_MOVING, DeliveryState, OutcomeState, State

# Longer than a lease: a worker that lost its run notices before its last file could be missed.
GRACE = timedelta(seconds=120)
SETTLED = (State.DELIVERED, State.HELD)


def erasable() -> QuerySet[Run]:
    """Return the runs whose files may go: cancelled, moved away, or replaced by a later run."""
    later = Run.objects.filter(
        transfer=OuterRef("transfer"), number__gt=OuterRef("number"), state__in=SETTLED
    )
    # a later run is compared with the one before it while it is de-identified
    comparing = Run.objects.filter(
        transfer=OuterRef("transfer"), number__gt=OuterRef("number"), state=State.REQUESTED
    )
    # a run over another's files reads them until it is verified, and when it is tried again
    newest = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    unread = Outcome.objects.filter(run=OuterRef("pk"), state=OutcomeState.HELD, key="")
    reading = Run.objects.filter(
        Q(state__in=RUN_MOVING) | (~Exists(newest) & (Q(state=State.FAILED) | Exists(unread))),
        over=OuterRef("pk"),
    )
    # blanks are made of the files, of whichever run of the transfer still has them
    recalling = Delivery.objects.filter(
        run__transfer=OuterRef("transfer"), state=DeliveryState.RECALLING
    )
    ended = Q(ended_at__lt=Now() - GRACE)
    return Run.objects.filter(
        ~Exists(recalling),
        Q(transfer__ended_at__lt=Now() - GRACE)
        | (
            ~Exists(comparing)
            & ~Exists(reading)
            & ended
            & (Q(state=State.CANCELLED) | Exists(later))
        ),
        files_erased_at=None,
    )


def erase_files(run: Run) -> int:
    """Delete a run's de-identified files and say so in its outcomes; returns how many went."""
    keys = list(storage().list(run.folder))
    for key in keys:
        storage().delete(key)
    with_file = run.outcomes.exclude(key="")
    with_file.filter(state__in=(OutcomeState.DELIVERED, OutcomeState.MOVING)).update(
        state=OutcomeState.ERASED, reason="Replaced by a later run or taken back."
    )
    Outcome.objects.filter(run=run).exclude(key="").update(key="")
    Run.objects.filter(pk=run.pk).update(files_erased_at=Now())
    return len(keys)
