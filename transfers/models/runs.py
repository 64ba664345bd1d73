"""One execution of one plan, and what became of every instance in it."""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Count, Q

from intake.models import Instance, Series
from projects.encryption import EncryptedTextField
from projects.leases import Leased
from transfers.models.plans import PlanVersion
from transfers.states import RUN_MOVING, OutcomeState, Source, State

IN_HAND = Q(state__in=(State.VERIFIED, State.DELIVERED, State.HELD)) | Q(
    state=State.FAILED, verified_at__isnull=False
)
"""Runs whose verified images the project has, also where a destination did not take them all."""


class Run(Leased):
    """One execution of one plan version over one study; the row is the queue."""

    MOVING: ClassVar[tuple[str, ...]] = RUN_MOVING

    transfer = models.ForeignKey("transfers.TransferRequest", models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField(default=1)
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="runs")
    source = models.CharField(max_length=10, choices=Source, default=Source.QUARANTINE)
    # the run whose files this one is made of, and what its plan can no longer do to them
    over = models.ForeignKey("self", models.PROTECT, null=True, related_name="made_over")
    limits = models.JSONField(default=list)
    plan_digest = models.CharField(max_length=64, blank=True, default="")
    key_id = models.CharField(max_length=16, blank=True, default="")
    program_version = models.CharField(max_length=40, blank=True, default="")
    changes = models.JSONField(default=dict)  # letter of the engine -> number of elements
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED, db_index=True)
    received_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    deidentified_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    files_erased_at = models.DateTimeField(null=True)
    recorded_until = models.DateTimeField(null=True, editable=False, db_index=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "number"], name="one_run_per_number"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="run_state_is_known"),
            models.CheckConstraint(
                condition=Q(source=Source.QUARANTINE, over=None)
                | Q(source=Source.COPY, over__isnull=False),
                name="a_run_over_a_copy_says_over_which",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def folder(self) -> str:
        """Where this run's de-identified files lie in the storage."""
        return f"research/{self.transfer.project_id}/{self.pk}"

    def counts(self) -> dict[str, int]:
        """Return how many instances have each outcome; they add up to `received_count`."""
        rows = self.outcomes.values("state").annotate(n=Count("pk")).values_list("state", "n")
        return dict.fromkeys(OutcomeState.values, 0) | dict(rows)


class Outcome(models.Model):
    """The one outcome of one instance in a run, and its de-identified file."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="outcomes")
    instance = models.ForeignKey(Instance, models.SET_NULL, null=True, related_name="outcomes")
    series = models.ForeignKey(Series, models.SET_NULL, null=True, related_name="+")
    made_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=OutcomeState, default=OutcomeState.WAITING)
    reason = models.CharField(max_length=300, blank=True, default="")
    is_verified = models.BooleanField(default=False)
    key = models.CharField(max_length=200, blank=True, default="")
    sop_class_uid = models.CharField(max_length=64, blank=True, default="")
    transfer_syntax_uid = models.CharField(max_length=64, blank=True, default="")
    study_instance_uid = models.CharField(max_length=64, blank=True, default="")
    series_instance_uid = models.CharField(max_length=64, blank=True, default="")
    sop_instance_uid = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["run", "instance"], name="one_outcome_per_instance"),
            models.UniqueConstraint(
                fields=["run", "sop_instance_uid"],
                condition=~Q(sop_instance_uid=""),
                name="one_outcome_per_new_uid",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OutcomeState.values), name="outcome_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=OutcomeState.DELIVERED) | Q(is_verified=True),
                name="nothing_is_delivered_unverified",
            ),
        ]

    def __str__(self) -> str:
        return f"outcome {self.pk}"

    @classmethod
    def of_new(cls, run: Run, instances: Iterable[tuple[int, int]]) -> "list[Outcome]":
        """Make, without saving, the first outcome of instances given as (id, series id)."""
        left_behind = run.transfer.left_behind()
        waits = (OutcomeState.WAITING, "")
        outcomes = []
        for instance, series in instances:
            state, reason = left_behind.get(series, waits)
            outcomes.append(
                cls(run=run, instance_id=instance, series_id=series, state=state, reason=reason)
            )
        return outcomes


class SearchTermStore(models.Model):
    """The patient's search terms of a run, kept encrypted until the coupling is severed.

    After the quarantine is purged they still serve the verification of a later plan.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="search_terms")
    terms = EncryptedTextField()
    dropped = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"search terms of run {self.run_id}"
