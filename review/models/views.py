"""Saved views: a way of looking at the inventory that somebody gave a name.

A view holds choices from closed lists only (review/narrowing.py); words that somebody searched
for are never part of it.
"""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from projects.models import Project, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views by who may use them."""

    def usable_by(self, user: User) -> Self:
        """One's own, and those that others share with the project."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedView(models.Model):
    """Named choices of filters and order in one project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False)
    choices = models.JSONField(default=dict, help_text="Choice by the name of its closed list.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "owner", "name"],
                name="one_saved_view_per_name_person_and_project",
                violation_error_message="You have a view of this name here. Choose another.",
            ),
        ]

    def __str__(self) -> str:
        return f"saved view {self.pk}"

    def clean(self) -> None:
        """Require a name that says something."""
        self.name = " ".join(self.name.split())
        if not self.name:
            raise ValidationError({"name": "Give the view a name."})
