"""What seals the audit: a chain of digests over its events (docs/adr/0020).

A seal names the events that it covers one by one, so that writers never wait for it: an event
whose transaction ends late, with a smaller number than others, goes into the next seal.
"""

from typing import Self

from django.db import models
from django.utils import timezone

from projects.id_ranges import IdRanges

LEAF_BYTES = 32


class AuditSealQuerySet(models.QuerySet["AuditSeal"]):
    """Seals by what they cover."""

    def newest(self) -> "AuditSeal | None":
        """Return the last link of the chain."""
        return self.order_by("-number").first()

    def light(self) -> Self:
        """Leave the long column in the database."""
        return self.defer("leaves")

    def covering(self, event: int) -> "AuditSeal | None":
        """Return the seal that covers an event; None while it waits to be sealed."""
        around = self.light().filter(first_event__lte=event, last_covered__gte=event)
        # nearly always the first of these: read no more of them than are needed
        seals = around.order_by("last_covered").iterator(chunk_size=10)
        return next((seal for seal in seals if event in seal.events), None)


class AuditSeal(models.Model):
    """One link: which events, what each was, and the link before. A trigger keeps it as it is."""

    number = models.PositiveBigIntegerField(unique=True)
    covers = models.JSONField()  # [[first, last], …] of event ids
    waits = models.JSONField()  # [[first, last, since, horizon], …]: ids that may still arrive
    first_event = models.BigIntegerField()  # of those it covers
    last_covered = models.BigIntegerField()
    last_event = models.BigIntegerField()  # the highest that this seal or one before it covers
    event_count = models.PositiveIntegerField()
    leaves = models.BinaryField()  # SHA-256 of each covered event, by id
    digests = models.JSONField()  # [[event, object type, digest], …] that events carry
    sealed_at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    mac = models.CharField(max_length=64)

    objects = AuditSealQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["last_covered", "first_event"], name="seal_by_last_event")]

    def __str__(self) -> str:
        return f"seal {self.number}"

    @property
    def events(self) -> IdRanges:
        """The ids of the events that it covers."""
        return IdRanges(self.covers)

    def carries(self, digest: str) -> bool:
        """Tell whether an event that it covers carries a digest, such as that of a record."""
        return any(carried == digest for _, _, carried in self.digests)


class AuditPruning(models.Model):
    """Events of old seals were dropped because nobody needs them any longer; the seals stay."""

    through_seal = models.PositiveBigIntegerField(unique=True)
    last_event = models.BigIntegerField()
    before = models.DateTimeField()
    event_count = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["-through_seal"]

    def __str__(self) -> str:
        return f"pruning through seal {self.through_seal}"


class AuditCheck(models.Model):
    """What a verification of the chain found, in sentences: for people to see, not a proof."""

    at = models.DateTimeField(default=timezone.now)
    is_intact = models.BooleanField()
    seal = models.PositiveBigIntegerField(null=True)
    event_count = models.PositiveBigIntegerField(default=0)
    sentences = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"check {self.pk}"
