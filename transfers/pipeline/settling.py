"""Where a run stands once its instances are verified, sent, released or rejected."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Now

from projects.models import HoldPolicy
from transfers.models import Delivery, LedgerEntry, Outcome, Run
from transfers.states import (
    DELIVERY_FELL_SHORT,
    DELIVERY_MOVING,
    DeliveryState,
    OutcomeState,
    State,
)

UNDER_WAY = (*DELIVERY_MOVING, DeliveryState.BY_HAND)
SEND_AGAIN: dict[str, Any] = {
    "state": DeliveryState.WAITING,
    "attempt": 0,
    "resent_count": 0,
    "not_before": None,
    "ended_at": None,
}
SENT_ONCE = (DeliveryState.DELIVERED, DeliveryState.SHORT)


def ready_to_leave(run: Run) -> bool:
    """Tell whether something verified may leave now, by the project's way of holding."""
    outcomes = run.outcomes
    if not outcomes.filter(state=OutcomeState.MOVING, is_verified=True).exists():
        return False
    is_whole = run.transfer.project.hold_policy == HoldPolicy.SEND_WHOLE
    return not (is_whole and outcomes.filter(state=OutcomeState.HELD).exists())


@transaction.atomic
def hand_over(run: Run) -> None:
    """End the verification of a claimed run: start its deliveries, or say why there are none."""
    run.let_go(state=State.VERIFIED, verified_at=Now(), attempt=0, reason="")
    run.deliveries.filter(state=DeliveryState.WAITING).update(not_before=None)
    start_deliveries(run)


def start_deliveries(run: Run) -> None:
    """Make one delivery for each of the project's destinations, and settle what is left.

    Instances that a person released later go out in the same deliveries, which wait again.
    """
    if ready_to_leave(run):
        rows = run.transfer.project.destinations.filter(destination__is_active=True)
        for row in rows.select_related("destination"):
            delivery, is_new = Delivery.objects.get_or_create(run=run, destination=row.destination)
            if not is_new and delivery.state in SENT_ONCE:
                Delivery.objects.filter(pk=delivery.pk, state__in=SENT_ONCE).update(**SEND_AGAIN)
    settle(run)


@transaction.atomic
def settle(run: Run) -> None:
    """Move a verified run to where its deliveries and its held instances have brought it."""
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("transfer__project")
        .get(pk=run.pk)
    )
    if run.state not in {State.VERIFIED, State.HELD}:
        return
    deliveries = list(run.deliveries.all())
    if any(delivery.state in UNDER_WAY for delivery in deliveries):
        _set(run, State.VERIFIED)
        return
    if deliveries:
        no_longer_confirmed(run, deliveries).update(state=OutcomeState.MOVING)
        confirmed_everywhere(run, deliveries).update(state=OutcomeState.DELIVERED, reason="")
    if fell_short := [d for d in deliveries if d.state in DELIVERY_FELL_SHORT]:
        sentences = " ".join(delivery.reason for delivery in fell_short)
        _set(run, State.FAILED, reason=f"A delivery failed: {sentences}"[:500], ended=True)
        return
    if ready_to_leave(run) and deliveries:  # released while the deliveries were under way
        run.deliveries.filter(state=DeliveryState.DELIVERED).update(**SEND_AGAIN)
        _set(run, State.VERIFIED)
        return
    if ready_to_leave(run):  # no destination: the research copy is where it ends
        confirmed_everywhere(run, []).update(state=OutcomeState.DELIVERED, reason="")
    counts = run.counts()
    if held := counts[OutcomeState.HELD]:
        waits = "1 image waits" if held == 1 else f"{held} images wait"
        _set(run, State.HELD, reason=f"{waits} for a decision.")
    elif counts[OutcomeState.DELIVERED]:
        Run.objects.filter(pk=run.pk).update(delivered_at=Now())
        _set(run, State.DELIVERED, ended=True)
    else:
        sentence = "None of its images may leave: all were rejected, left out or expired."
        _set(run, State.CANCELLED, reason=sentence, ended=True)


def confirmed_everywhere(run: Run, deliveries: list[Delivery]) -> QuerySet[Outcome]:
    """Return the outcomes on their way that every destination of the run has confirmed."""
    outcomes = run.outcomes.filter(state=OutcomeState.MOVING, is_verified=True)
    for delivery in deliveries:
        outcomes = outcomes.filter(Exists(confirmed_entries(delivery.destination_id)))
    return outcomes


def no_longer_confirmed(run: Run, deliveries: list[Delivery]) -> QuerySet[Outcome]:
    """Return the delivered outcomes that a later count did not find any more."""
    missing = Q()
    for delivery in deliveries:
        entries = LedgerEntry.objects.of_outcomes(delivery.destination_id)
        missing |= Q(Exists(entries.filter(missing_at__isnull=False)))
    return run.outcomes.filter(missing, state=OutcomeState.DELIVERED)


def confirmed_entries(destination_id: int) -> QuerySet[LedgerEntry]:
    """Return the ledger rows that show an outcome's very bytes to be at a destination."""
    return LedgerEntry.objects.of_outcomes(destination_id).confirmed()


def _set(run: Run, state: State, *, reason: str = "", ended: bool = False) -> None:
    Run.objects.filter(pk=run.pk).update(
        state=state, reason=reason, ended_at=Now() if ended else None
    )
