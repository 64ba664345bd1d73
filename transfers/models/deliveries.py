"""One destination's part of a run, and the ledger of what each destination confirmed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from projects.leases import Leased
from transfers.models.destinations import Destination
from transfers.models.runs import Run
from transfers.states import DELIVERY_MOVING, DeliveryState


class Delivery(Leased):
    """Sending one run to one destination; its own state and retries."""

    MOVING: ClassVar[tuple[str, ...]] = DELIVERY_MOVING

    run = models.ForeignKey(Run, models.PROTECT, related_name="deliveries")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    confirmed_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "destination"], name="one_delivery_per_run_and_destination"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="delivery_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class LedgerEntry(models.Model):
    """A destination confirmed these bytes under this UID: they are not sent to it again.

    The row is written before the sending begins, so that after a crash the one instance whose
    answer was lost is asked for (C-FIND) instead of sent a second time.
    """

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="ledger")
    run = models.ForeignKey(Run, models.PROTECT, related_name="ledger")
    study_instance_uid = models.CharField(max_length=64, db_index=True)
    sop_instance_uid = models.CharField(max_length=64)
    sop_class_uid = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    begun_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "sop_instance_uid", "digest"],
                name="one_ledger_entry_per_destination_uid_and_bytes",
            )
        ]

    def __str__(self) -> str:
        return f"ledger entry {self.pk}"
