"""What a run changed in comparison with the one before it: counts by element, no values."""

from django.db import models

from transfers.models.runs import Run


class Difference(models.Model):
    """One run's outputs against those of the run whose place it took.

    `elements` is a list of [path, keyword, what became of it, number of instances], where what
    became of it is removed, emptied, changed or added.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="difference")
    earlier = models.ForeignKey(Run, models.CASCADE, related_name="+")
    compared_count = models.PositiveIntegerField()
    changed_count = models.PositiveIntegerField()
    elements = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(changed_count__lte=models.F("compared_count")),
                name="no_more_changed_than_compared",
            )
        ]

    def __str__(self) -> str:
        return f"difference of run {self.run_id}"
