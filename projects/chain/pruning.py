"""Dropping old events, whole seals at a time; the seals stay, and the rest still verifies."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from projects.chain.links import sign_pruning
from projects.chain.verifying import verify_audit
from projects.errors import NotIntact
from projects.models import AuditEvent, AuditPruning, AuditReason, AuditSeal

AT_ONCE = 10_000


def prune_audit(before: datetime) -> int:
    """Drop the events of every seal made before a time; returns how many.

    The newest seal's events stay. Raises NotIntact if the chain does not verify.
    """
    seals = AuditSeal.objects.light().order_by("-number")
    last = seals.filter(sealed_at__lt=before).first()
    if last is not None and last == seals.first():
        last = seals.filter(number=last.number - 1).first()
    if last is None or AuditPruning.objects.filter(through_seal__gte=last.number).exists():
        return 0
    if not verify_audit().is_intact:
        raise NotIntact("The audit does not verify; nothing was dropped.")
    return _drop(last, before)


@transaction.atomic
def _drop(last: AuditSeal, before: datetime) -> int:
    done = AuditPruning.objects.order_by("-through_seal").first()
    seals = AuditSeal.objects.light().filter(
        number__gt=done.through_seal if done else 0, number__lte=last.number
    )
    ranges = [one for seal in seals.order_by("number") for one in seal.covers]
    pruning = AuditPruning(
        through_seal=last.number,
        last_event=last.last_event,
        before=before,
        event_count=sum(seal.event_count for seal in seals),
        at=timezone.now(),
    )
    pruning.mac = sign_pruning(pruning)
    pruning.save(force_insert=True)
    for first, end in ranges:
        AuditEvent.objects.filter(pk__range=(first, end)).delete()
        AuditReason.objects.filter(event_id__range=(first, end)).delete()
    AuditEvent.record(None, "pruned", pruning, seal=last.number, events=pruning.event_count)
    return pruning.event_count
