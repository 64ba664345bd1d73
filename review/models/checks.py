"""Checks of data that never went through here: one row each, and what was found.

Nothing in these rooms belongs to a project, and nobody but the person who sent it sees it. What
files hold is somebody's identified data, so every word of it lies in encrypted columns; numbers
alone are readable. Results go with their check, and a check goes after a day.
"""

from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.encryption import EncryptedTextField
from projects.leases import Leased, LeasedQuerySet
from projects.models import User

KEPT = timedelta(hours=24)
"""How long results stay after a check has ended, and how long one may be half sent."""


class CheckState(models.TextChoices):
    """Where a check stands."""

    OPEN = "open", "Being sent"
    WAITING = "waiting", "Waiting for its turn"
    DONE = "done", "Done"
    FAILED = "failed", "Could not be checked"


class CheckQuerySet(LeasedQuerySet):
    """Checks by whose they are and by whether their time has passed."""

    def of(self, user: User) -> Self:
        """Those that one person began: for everybody else they are not there."""
        return self.filter(user=user)

    def past(self) -> Self:
        """Those whose results go now, and those whose browser never came back."""
        begun_before = timezone.now() - KEPT
        return self.filter(
            Q(expires_at__lt=timezone.now()) | Q(state=CheckState.OPEN, started_at__lt=begun_before)
        )


class Check(Leased):
    """One heap of files that somebody wants to have looked at; the row is the queue.

    The files lie in a folder that is named after `token`, which also stands in the address of
    the page: it cannot be guessed. `read_count` counts the files that the present worker has read.
    """

    MOVING: ClassVar[tuple[str, ...]] = (CheckState.WAITING,)

    token = models.UUIDField(unique=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="checks")
    profile = models.CharField(max_length=16, default="basic")
    state = models.CharField(max_length=8, choices=CheckState, default=CheckState.OPEN)
    started_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
    sent_count = models.PositiveIntegerField(default=0, help_text="Files that were sent.")
    byte_count = models.PositiveBigIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0, help_text="With those in archives.")
    read_count = models.PositiveIntegerField(default=0)
    dicom_count = models.PositiveIntegerField(default=0)
    beside_count = models.PositiveIntegerField(default=0, help_text="Files that are no DICOM.")
    unread_count = models.PositiveIntegerField(default=0)
    study_count = models.PositiveIntegerField(default=0)
    patient_count = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CheckState.values), name="check_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=(CheckState.OPEN, CheckState.WAITING))
                | Q(ended_at__isnull=False, expires_at__isnull=False),
                name="a_check_that_stands_still_has_ended_and_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"check {self.pk}"

    @property
    def is_moving(self) -> bool:
        """Whether a worker has it, or will have it."""
        return self.state == CheckState.WAITING


class CheckElement(models.Model):
    """One element path of a check: of DICOM headers, or of what lies beside them.

    `facts` is JSON: path, names and the values with their counts. See checking_results.py.
    """

    check_of = models.ForeignKey(Check, models.CASCADE, related_name="elements")
    kind = models.CharField(max_length=12)
    risk = models.PositiveSmallIntegerField(default=0)
    risk_score = models.PositiveIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    value_count = models.PositiveIntegerField(default=0)
    is_acted_on = models.BooleanField(
        default=False, help_text="Whether the chosen profile would still do something with it."
    )
    facts = EncryptedTextField()

    class Meta:
        ordering = ["-risk_score", "pk"]
        indexes = [models.Index(fields=["check_of", "-risk_score"])]

    def __str__(self) -> str:
        return f"element {self.pk} of check {self.check_of_id}"


class CheckFinding(models.Model):
    """One thing that somebody should look at; `facts` is JSON: where it is, and the values."""

    check_of = models.ForeignKey(Check, models.CASCADE, related_name="findings")
    code = models.CharField(max_length=20)
    weight = models.PositiveSmallIntegerField(help_text="3: certainly, 2: probably, 1: perhaps.")
    count = models.PositiveIntegerField(default=0, help_text="Files, or values, it is in.")
    facts = EncryptedTextField()

    class Meta:
        ordering = ["-weight", "-count", "pk"]

    def __str__(self) -> str:
        return f"finding {self.pk} of check {self.check_of_id}"
