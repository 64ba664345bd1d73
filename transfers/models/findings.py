"""An identifier found where none may be: where, of what kind, how sure; never the value."""

from django.db import models
from django.db.models import Q

from projects.models import User
from transfers.models.runs import Outcome, Run
from transfers.states import FindingVerdict


class Finding(models.Model):
    """One finding in one instance of one run. Identical ones share a fingerprint."""

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

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "verdict"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=FindingVerdict.OPEN, verdict_by=None, verdict_at=None)
                | (
                    ~Q(verdict=FindingVerdict.OPEN)
                    & Q(verdict_by__isnull=False, verdict_at__isnull=False)
                ),
                name="a_verdict_is_given_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"finding {self.pk}"
