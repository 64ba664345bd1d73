"""What a project's data goes through: numbered versions, never changed once used."""

from django.db import models

from projects.models import Project, User


class PlanVersion(models.Model):
    """A profile, its options and the project's own rules, as data."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="plan_versions")
    number = models.PositiveIntegerField()
    profile = models.CharField(max_length=40, default="research")
    options = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_plan_per_number")
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class StoredPlan(models.Model):
    """A compiled plan as it was when a run went by it: every decision, by its digest.

    It holds no identity and no secret, and is the same for all participants it was compiled
    for. A later program decides otherwise under another digest, and this row stays.
    """

    digest = models.CharField(max_length=64, unique=True)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"plan {self.digest[:12]}"
