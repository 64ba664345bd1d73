"""Which transfers a new plan version makes run again: the row is the queue, and nobody has to
remember the rest."""

from typing import Self

from django.db import models
from django.db.models import Q

from transfers.models.plans import PlanVersion
from transfers.models.requests import TransferRequest
from transfers.models.runs import Run
from transfers.states import RenewalState


class RenewalQuerySet(models.QuerySet["Renewal"]):
    """Renewals by whether they have begun."""

    def waiting(self) -> Self:
        """Those that are still to be started."""
        return self.filter(state=RenewalState.WAITING)


class Renewal(models.Model):
    """One transfer that is to run again because of one plan version.

    `run` is what was started for it; `reason` says why none could be.
    """

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="renewals")
    transfer = models.ForeignKey(TransferRequest, models.CASCADE, related_name="renewals")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="renewals")
    state = models.CharField(
        max_length=8, choices=RenewalState, default=RenewalState.WAITING, db_index=True
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    asked_at = models.DateTimeField(auto_now_add=True)

    objects = RenewalQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "transfer"], name="one_renewal_per_version_and_transfer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RenewalState.values), name="renewal_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"renewal {self.pk}"
