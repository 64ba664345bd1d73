"""After sending: ask the destination what it has, and end the delivery when the counts agree.

An archive may take minutes to index what it took: it is asked again, less and less often, as long
as the count grows, and for its own patience after that. What it lacks then is sent again a few
times; after that a person must look.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, Q
from django.db.models.functions import Now

from transfers.asking import expects_an_answer, open_questions
from transfers.errors import Away, CannotTell
from transfers.models import Delivery, LedgerEntry
from transfers.models.deliveries import LedgerQuerySet
from transfers.pipeline.committing import is_committed
from transfers.pipeline.delivering import NOT_SUPPORTED
from transfers.states import DELIVERY_FELL_SHORT, DeliveryState, Proof

RESEND_CAP = 2
WAIT_SECONDS = (2, 5, 15, 30, 60)
AT_A_TIME = 500


def count_delivery(delivery: Delivery, check: Callable[[], None]) -> None:
    """Ask what the destination has of what it accepted, and then whether it commits to it.

    Raises Away if it is not there, or does not answer though it has answered before.
    """
    proof = Proof.COUNTED
    try:
        if not count(delivery, check):
            return
    except CannotTell as error:
        if expects_an_answer(delivery.destination):
            raise Away(
                f"{delivery.destination.name} has answered before when it was asked what it has, "
                f"and does not now. {error}"
            ) from error
        proof = Proof.ACCEPTED
    if delivery.destination.commits:
        if not is_committed(delivery, check):
            return
        proof = Proof.COMMITTED
    conclude(delivery, proof)


def count(delivery: Delivery, check: Callable[[], None]) -> bool:
    """Ask series by series; tell whether it is clear what is there and what is missing."""
    if not uncounted(delivery).exists():
        return True
    has_grown = False
    with open_questions(delivery.destination) as ask:
        for study, series, wanted in uncounted_series(delivery):
            check()
            found = ask(study, series, wanted)
            note_counted(delivery, sorted(found))
            has_grown = has_grown or bool(found)
    if not uncounted(delivery).exists():
        return True
    if has_grown:
        delivery.set_held(waiting_since=Now(), asked_count=0)
    if not is_patience_over(delivery):
        ask_again_later(delivery)
        return False
    uncounted(delivery).update(
        missing_at=Now(), counted_at=None, committed_at=None, commitment=None, confirmed_at=None
    )
    return True


def uncounted(delivery: Delivery) -> LedgerQuerySet:
    """Return what the destination accepted and was not found there in this count."""
    return delivery.entries.accepted().filter(_not_since(delivery))


def uncounted_series(delivery: Delivery) -> Iterator[tuple[str, str, list[str]]]:
    """Give each series of which something is to be found: study, series and SOP Instance UIDs."""
    accepted = LedgerEntry.objects.of_outcomes(delivery.destination_id).accepted()
    rows = delivery.outcomes.filter(Exists(accepted.filter(_not_since(delivery))))
    uids = rows.order_by("study_instance_uid", "series_instance_uid", "pk").values_list(
        "study_instance_uid", "series_instance_uid", "sop_instance_uid"
    )
    for (study, series), group in groupby(uids, lambda row: row[:2]):
        yield study, series, [row[2] for row in group]


def note_counted(delivery: Delivery, uids: list[str]) -> None:
    """Note what was found, and that the delivery goes on."""
    for start in range(0, len(uids), AT_A_TIME):
        LedgerEntry.objects.accepted().filter(
            destination=delivery.destination_id,
            sop_instance_uid__in=uids[start : start + AT_A_TIME],
            withdrawn_at=None,
        ).update(counted_at=Now())
    delivery.progressed()


def is_patience_over(delivery: Delivery) -> bool:
    """Tell whether the count has stood still for as long as the destination may take to index."""
    patience = timedelta(seconds=delivery.destination.patience_seconds)
    return Delivery.objects.filter(pk=delivery.pk, waiting_since__lte=Now() - patience).exists()


def ask_again_later(delivery: Delivery) -> None:
    """Give the delivery back until the destination has had time to index more."""
    wait = WAIT_SECONDS[min(delivery.asked_count, len(WAIT_SECONDS) - 1)]
    there = delivery.entries.accepted().exclude(_not_since(delivery)).count()
    delivery.let_go(
        not_before=Now() + timedelta(seconds=wait),
        asked_count=delivery.asked_count + 1,
        attempt=0,
        reason=f"{delivery.destination.name} shows {there} of {delivery.outcomes.count()} images "
        "so far; it is asked again.",
    )


def conclude(delivery: Delivery, proof: Proof) -> None:
    """End the delivery, or send again what is missing as long as that may help."""
    missing = delivery.entries.filter(missing_at__isnull=False).count()
    if missing and delivery.resent_count < RESEND_CAP:
        delivery.let_go(
            state=DeliveryState.WAITING,
            resent_count=delivery.resent_count + 1,
            attempt=0,
            not_before=None,
        )
        return
    with transaction.atomic():
        has = delivery.entries.accepted()
        if proof == Proof.COMMITTED:
            has = has.filter(committed_at__isnull=False)
        has.filter(confirmed_at=None).update(confirmed_at=Now())
        confirmed = delivery.entries.confirmed().count()
        state, reason = judge(delivery, missing, confirmed)
        delivery.let_go(
            state=state,
            reason=reason[:500],
            proof=Proof.NONE if state in DELIVERY_FELL_SHORT else proof,
            confirmed_count=confirmed,
            ended_at=Now(),
            attempt=0,
        )


def judge(delivery: Delivery, missing: int, confirmed: int) -> tuple[DeliveryState, str]:
    """Say how a delivery ends, and why if it falls short."""
    name = delivery.destination.name
    sentences = []
    refused = delivery.entries.filter(accepted_at=None, status__isnull=False)
    if refusals := Counter(refused.values_list("status", flat=True)):
        parts = [f"{count} {_refusal(status)}" for status, count in sorted(refusals.items())]
        sentences.append(f"The destination refused instances: {', '.join(parts)}.")
    if missing:
        total = delivery.outcomes.count()
        verb = "is" if missing == 1 else "are"
        sentences.append(f"{name} has {confirmed} of {total} images; {missing} {verb} missing.")
    silent = delivery.entries.accepted().filter(confirmed_at=None).count()
    if silent:
        sentences.append(f"{name} has not said in time whether it keeps {silent} of the images.")
    if refusals:
        return DeliveryState.FAILED, " ".join(sentences)
    return (DeliveryState.SHORT if sentences else DeliveryState.DELIVERED), " ".join(sentences)


def _not_since(delivery: Delivery) -> Q:
    return Q(counted_at=None) | Q(counted_at__lt=delivery.counted_from)


def _refusal(status: int | None) -> str:
    if status is None or status == NOT_SUPPORTED:
        return "of a SOP class or transfer syntax that it does not accept"
    return f"with status 0x{status:04X}"
