"""What was found in an instance, and what people decided about it; never the value itself."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from intake.models import Series
from projects.models import User
from transfers.models.requests import TransferRequest
from transfers.models.runs import Outcome, Run
from transfers.states import UNDECIDED, CarriesTo, FindingVerdict, OutcomeState


class FindingQuerySet(models.QuerySet["Finding"]):
    """Findings by whether they still hold their instances."""

    def undecided(self) -> Self:
        """Those that nobody has decided, or that wait for a second person."""
        return self.filter(verdict__in=UNDECIDED)

    def holding(self) -> Self:
        """Those that hold an instance now; what a later run has replaced holds nothing."""
        return self.undecided().filter(
            outcome__state=OutcomeState.HELD, run__transfer__ended_at=None
        )


class Finding(models.Model):
    """One finding in one instance of one run. Identical ones share a fingerprint, keyed.

    Triggers refuse a release by one person where the project demands two, or demanded them when
    the first one released.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings")
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=24)
    path = models.CharField(max_length=400)
    start = models.PositiveBigIntegerField(default=0)
    end = models.PositiveBigIntegerField(default=0)
    sure = models.CharField(max_length=10)
    source_path = models.CharField(max_length=400, blank=True, default="")
    sentence = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64, db_index=True)
    verdict = models.CharField(max_length=10, choices=FindingVerdict, default=FindingVerdict.OPEN)
    verdict_reason = models.CharField(max_length=300, blank=True, default="")
    verdict_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    carries_to = models.CharField(max_length=10, choices=CarriesTo, default=CarriesTo.ALIKE)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["run", "verdict"]),
            models.Index(fields=["outcome", "verdict"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=FindingVerdict.OPEN, verdict_by=None, verdict_at=None)
                | (
                    ~Q(verdict=FindingVerdict.OPEN)
                    & Q(verdict_by__isnull=False, verdict_at__isnull=False)
                ),
                name="a_verdict_is_given_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | (
                    Q(second_by__isnull=False, second_at__isnull=False)
                    & Q(verdict=FindingVerdict.RELEASED)
                    & ~Q(second_by=F("verdict_by"))
                ),
                name="a_second_person_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"finding {self.pk}"


class RejectedSeries(models.Model):
    """A series that somebody rejected whole: all later runs of the project leave it behind."""

    transfer = models.ForeignKey(TransferRequest, models.PROTECT, related_name="rejected_series")
    series = models.ForeignKey(Series, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    rejected_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    rejected_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "series"], name="a_series_is_rejected_once_per_transfer"
            )
        ]

    def __str__(self) -> str:
        return f"series {self.series_id} of transfer {self.transfer_id}"
