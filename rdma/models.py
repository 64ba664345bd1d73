"""What the house knows of itself: the results of its self tests."""

from django.db import models
from django.db.models import F, Q

from rdma.selftest.program import program_digest


class SelfTest(models.Model):
    """One self test from beginning to end, and what it found (`rdma.selftest.report.Report`)."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    seed = models.PositiveIntegerField()
    subjects = models.PositiveIntegerField()
    program_version = models.CharField(max_length=40)
    program_digest = models.CharField(max_length=16)
    is_held = models.BooleanField(help_text="Every bar was held.")
    report = models.JSONField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="a_self_test_ends_after_it_began"
            )
        ]

    def __str__(self) -> str:
        return f"self test {self.pk}"

    @property
    def is_current(self) -> bool:
        """Whether the program that was tested is the one that runs."""
        return self.program_digest == program_digest()
