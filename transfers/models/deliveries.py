"""One destination's part of a run, and the ledger of what each destination took and has."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery

from intake.models import StorageCommitment
from projects.leases import Leased
from transfers.models.destinations import Destination
from transfers.models.runs import Outcome, Run
from transfers.states import DELIVERY_MOVING, DeliveryState, OutcomeState, Proof

LEAVING = (OutcomeState.MOVING, OutcomeState.DELIVERED)


class Delivery(Leased):
    """Sending one run to one destination; its own state and retries."""

    MOVING: ClassVar[tuple[str, ...]] = DELIVERY_MOVING

    run = models.ForeignKey(Run, models.PROTECT, related_name="deliveries")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    confirmed_count = models.PositiveIntegerField(default=0)
    proof = models.CharField(max_length=10, choices=Proof, blank=True, default=Proof.NONE)
    counted_from = models.DateTimeField(null=True, editable=False)
    waiting_since = models.DateTimeField(null=True, editable=False)
    asked_count = models.PositiveSmallIntegerField(default=0, editable=False)
    resent_count = models.PositiveSmallIntegerField(default=0, editable=False)
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
            models.CheckConstraint(
                condition=Q(proof__in=Proof.values), name="delivery_proof_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def outcomes(self) -> QuerySet[Outcome]:
        """What of the run may leave, or has left: what is to be at the destination."""
        return self.run.outcomes.filter(state__in=LEAVING, is_verified=True)

    @property
    def entries(self) -> "LedgerQuerySet":
        """The ledger's rows of those very bytes at the destination.

        They are looked up outcome by outcome: asking each row whether it has an outcome would go
        through the whole run every time.
        """
        rows = LedgerEntry.objects.of_outcomes(self.destination_id).values("pk")[:1]
        return LedgerEntry.objects.filter(
            pk__in=self.outcomes.annotate(entry=Subquery(rows)).order_by().values("entry")
        )


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Rows of the ledger by what the destination said of them."""

    def of_outcomes(self, destination_id: int) -> Self:
        """Those of an outer Outcome's very bytes at a destination, for a subquery."""
        return self.filter(
            destination=destination_id,
            sop_instance_uid=OuterRef("sop_instance_uid"),
            digest=OuterRef("digest"),
            withdrawn_at=None,
        )

    def accepted(self) -> Self:
        """Those that it took, and was not found to lack afterwards."""
        return self.filter(accepted_at__isnull=False, missing_at=None)

    def confirmed(self) -> Self:
        """Those that it has, by the strongest means by which it can be asked."""
        return self.filter(confirmed_at__isnull=False)


class LedgerEntry(models.Model):
    """These bytes under this UID at one destination: begun, accepted, counted, confirmed.

    The row is written before the sending begins, so that after a crash the one instance whose
    answer was lost is asked for (C-FIND) instead of sent a second time. `status` is the answer to
    the last C-STORE (PS3.4 Table B.2-1). `accepted_at` stays when an instance turns out to be
    missing, so that a recall knows that it may be there after all.
    """

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="ledger")
    run = models.ForeignKey(Run, models.PROTECT, related_name="ledger")
    study_instance_uid = models.CharField(max_length=64, db_index=True)
    sop_instance_uid = models.CharField(max_length=64)
    sop_class_uid = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    begun_at = models.DateTimeField(auto_now_add=True)
    status = models.PositiveIntegerField(null=True)
    accepted_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    missing_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    commitment = models.ForeignKey(
        StorageCommitment, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "sop_instance_uid", "digest"],
                name="one_ledger_entry_per_destination_uid_and_bytes",
            ),
            models.CheckConstraint(
                condition=Q(missing_at=None) | Q(confirmed_at=None),
                name="what_is_missing_is_not_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"ledger entry {self.pk}"
