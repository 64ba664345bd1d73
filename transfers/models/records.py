"""What is kept of a run for good: what was done to what, by whom, and what left. No values.

A record is text, so that anybody can compute its digest; an audit event carries that digest, and
the audit's seal covers the event. A trigger keeps records as they are: what changes later makes a
new one.
"""

import json
import zlib
from typing import Any

from django.db import models
from django.utils import timezone

from transfers.models.runs import Run


class OutputList(models.Model):
    """The checksums of everything that a run made, as `sha256sum` writes them, by UID."""

    digest = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"output list {self.pk}"

    @classmethod
    def pack(cls, text: str) -> bytes:
        """Return a list's bytes as they are kept."""
        return zlib.compress(text.encode(), level=6)

    @property
    def text(self) -> str:
        """The list: a line for each file. Raises zlib.error if its bytes were changed."""
        return zlib.decompress(bytes(self.packed)).decode()


class TransferRecord(models.Model):
    """One edition of what is to be said of a run; the newest counts."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="records")
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    outputs = models.ForeignKey(OutputList, models.PROTECT, related_name="records")
    event_id = models.BigIntegerField(unique=True)  # no key: the audit may drop what is old
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_record_per_number")
        ]

    def __str__(self) -> str:
        return f"record {self.number} of run {self.run_id}"

    @property
    def said(self) -> dict[str, Any]:
        """What the text says."""
        said: dict[str, Any] = json.loads(self.text)
        return said
