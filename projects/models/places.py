"""What the audit's events only point at, because it may have to go before they do (adr/0045).

An event never changes and is under a seal. It holds a keyed digest of the address it came from,
and of the reason that a person typed; the address and the reason themselves stand here, encrypted.
An address is dropped after a set time, a reason when it must be, and the seals still verify.
"""

import hashlib
import hmac
from collections.abc import Iterable

from django.db import models
from django.utils import timezone

from projects.encryption import BlindIndexField, Digest, EncryptedTextField, blind_index
from projects.keyring import purpose_key

ADDRESS = "audit address"
DIGEST_DIGITS = 32


def address_digest(address: str) -> str:
    """Return what stands for an address in an event: equal addresses have equal digests."""
    return blind_index(address, ADDRESS)


def reason_digest(reason: str) -> str:
    """Return what stands for a reason in an event; nobody without the key can try guesses."""
    mac = hmac.new(purpose_key("audit reasons"), reason.encode(), hashlib.sha256)
    return mac.hexdigest()[:DIGEST_DIGITS]


class AuditPlaceManager(models.Manager["AuditPlace"]):
    """Addresses, once each."""

    def with_digests(self, digests: Iterable[str]) -> models.QuerySet["AuditPlace"]:
        """Return those that events point at and that are still kept."""
        return self.filter(address_index__in=[Digest(one) for one in digests])

    def note(self, address: str) -> None:
        """Keep an address beside its events; one write a day for each."""
        today = timezone.localdate()
        if not self.filter(address_index=address, last_seen=today).exists():
            facts = {"address": address, "last_seen": today}
            self.update_or_create(address_index=address, defaults=facts)


class AuditPlace(models.Model):
    """An address that events came from, for as long as addresses are kept."""

    address = EncryptedTextField()
    address_index = BlindIndexField(of="address", kind=ADDRESS, unique=True)
    last_seen = models.DateField(db_index=True)

    objects = AuditPlaceManager()

    class Meta:
        ordering = ["-last_seen", "-pk"]

    def __str__(self) -> str:
        return f"place {self.pk}"


class AuditReason(models.Model):
    """The reason that a person typed for what one event tells of. It may name somebody."""

    # a number and no key: events are dropped by the ten thousand, and their reasons with them
    event_id = models.BigIntegerField(unique=True)
    text = EncryptedTextField()

    class Meta:
        ordering = ["-event_id"]

    def __str__(self) -> str:
        return f"reason of event {self.event_id}"


class AuditRelay(models.Model):
    """How far the audit was sent to a log server: whole seals, so that no event is left out."""

    target = models.CharField(max_length=200, unique=True)
    through_seal = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        ordering = ["target"]

    def __str__(self) -> str:
        return f"relay {self.pk} through seal {self.through_seal}"
