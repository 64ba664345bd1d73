"""Sending the audit to a log server after it was written, so that nobody waits for that server.

It goes by whole seals: every event is under exactly one, also one whose transaction ended late.
How far it went stands in a row, so that a server that was away gets what it missed. A message may
arrive twice, if the portal dies between sending and noting it; none is left out, but for what UDP
loses on the way. A new server gets what is sealed from now on.
"""

import logging
import socket
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects.auditing.syslog import LogServer, connected, message
from projects.auditing.writing import rows_of
from projects.models import AuditEvent, AuditRelay, AuditSeal

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
AT_ONCE = 20  # seals in one go; the clock comes again


def relay_audit() -> int:
    """Send what the log server has not got yet; returns how many events were sent."""
    server: LogServer | None = settings.AUDIT_SYSLOG
    if server is None:
        return 0
    relay = _claimed(server)
    if relay is None:
        return 0
    sent = 0
    try:
        with connected(server) as wire:
            host = socket.gethostname() or "-"
            for seal in _waiting(relay):
                for row in rows_of(_events(seal)):
                    wire.send(message(row, host=host))
                    sent += 1
                if not _note(relay, through_seal=seal.number, sent_at=timezone.now(), problem=""):
                    return sent
    except OSError as error:
        log.warning("the log server cannot be reached: %s", type(error).__name__)
        _note(relay, problem=f"The log server cannot be reached ({type(error).__name__}).")
    AuditRelay.objects.filter(pk=relay.pk, lease_until=relay.lease_until).update(lease_until=None)
    return sent


def _claimed(server: LogServer) -> AuditRelay | None:
    """Return the server's row, leased; None while another worker has it."""
    relays = AuditRelay.objects.filter(target=str(server))
    if not relays.exists():
        newest = AuditSeal.objects.light().newest()
        start = newest.number if newest else 0
        AuditRelay.objects.get_or_create(target=str(server), defaults={"through_seal": start})
    now = timezone.now()
    free = relays.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    return relays.get() if free.update(lease_until=now + LEASE) else None


def _waiting(relay: AuditRelay) -> list[AuditSeal]:
    seals = AuditSeal.objects.light().filter(number__gt=relay.through_seal)
    return list(seals.order_by("number")[:AT_ONCE])


def _events(seal: AuditSeal) -> QuerySet[AuditEvent]:
    wanted = Q()
    for first, end in seal.events.ranges:
        wanted |= Q(pk__range=(first, end))
    return AuditEvent.objects.filter(wanted).order_by("pk")


def _note(relay: AuditRelay, **facts: int | str | datetime) -> bool:
    """Write down how it stands, and keep the lease; False if somebody else has it by now."""
    until = timezone.now() + LEASE
    mine = AuditRelay.objects.filter(pk=relay.pk, lease_until=relay.lease_until)
    won = mine.update(lease_until=until, **facts)
    relay.lease_until = until
    return bool(won)
