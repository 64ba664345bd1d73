"""What a project's index holds in all; the row is the lock under which sums change."""

from django.db import models

from projects.models import Project


class ProjectIndex(models.Model):
    """The totals of one project's research copy.

    Whoever merges a series into the sums, or takes one out, locks this row first: two workers
    never change the same project's sums at once.
    """

    project = models.OneToOneField(Project, models.PROTECT, related_name="tag_index")
    study_count = models.PositiveIntegerField(default=0)
    series_count = models.PositiveIntegerField(default=0)
    instance_count = models.PositiveBigIntegerField(default=0)
    participant_count = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "project indexes"

    def __str__(self) -> str:
        return f"index of project {self.project_id}"
