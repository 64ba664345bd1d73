"""How long the audit stays: events for years, the addresses they came from for less."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from projects.chain.pruning import prune_audit
from projects.models import AuditEvent, AuditPlace


def keep_audit() -> tuple[int, int]:
    """Drop what is older than it may be; returns how many events, and how many addresses.

    Events go by whole seals, and only if everything verifies. Raises NotIntact.
    """
    addresses = forget_addresses()
    if not settings.AUDIT_YEARS:
        return 0, addresses
    now = timezone.now()
    try:
        before = now.replace(year=now.year - settings.AUDIT_YEARS)
    except ValueError:  # 29 February
        before = now.replace(year=now.year - settings.AUDIT_YEARS, day=28)
    return prune_audit(before), addresses


def forget_addresses() -> int:
    """Drop the addresses that nobody came from for so long; events keep their digests."""
    last = timezone.localdate() - timedelta(days=settings.AUDIT_ADDRESS_DAYS)
    dropped, _ = AuditPlace.objects.filter(last_seen__lt=last).delete()
    if dropped:
        AuditEvent.record(None, "forgot_addresses", AuditPlace(), addresses=dropped)
    return dropped
