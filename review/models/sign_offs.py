"""A project's state as somebody signed it: a record, its digest, and who stands for it."""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q

from projects.models import Project, User
from transfers.models import PlanVersion


class SignOff(models.Model):
    """One signed record; the newest of a project is the one that can be current.

    `text` is canonical JSON and `digest` its SHA-256. What was signed is never changed; whether
    it still says how things are is worked out anew each time (review/currency.py).
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="sign_offs")
    number = models.PositiveIntegerField()
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    text = models.TextField()
    digest = models.CharField(max_length=64)
    last_verdict = models.BigIntegerField(
        default=0, help_text="Id of the newest verdict that it knows."
    )
    exceptions = models.JSONField(
        default=list, help_text="Digests of the paths that were left open, by name and reason."
    )
    note = models.CharField(max_length=500, blank=True, default="")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    needs_second = models.BooleanField(default=False)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    event_id = models.BigIntegerField(null=True)  # no key: the audit may drop what is old

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_sign_off_per_number"),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False),
                name="a_sign_off_is_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("signed_by")),
                name="nobody_confirms_a_sign_off_of_their_own",
            ),
        ]

    def __str__(self) -> str:
        return f"sign-off {self.pk}"

    @property
    def counts(self) -> bool:
        """Whether it needs nobody else any more."""
        return not self.needs_second or self.second_by_id is not None

    @property
    def said(self) -> dict[str, Any]:
        """What the text says."""
        said: dict[str, Any] = json.loads(self.text)
        return said
