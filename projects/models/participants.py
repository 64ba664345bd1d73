"""The person inside a project: a pseudonym, and the secret from which everything new is drawn."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from projects.keys.opening import open_by_project
from projects.models.people import User
from projects.models.projects import Project, Site
from projects.models.scope import within_sites
from projects.wrapped import WrappedKeyField, Wrapper


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Participants by who may know of them."""

    def visible_to(self, user: User) -> Self:
        """Those of the projects, and of the sites there, that a person may see."""
        return self.filter(within_sites(user, site="site"))


class Participant(models.Model):
    """One person in one project. Destroying the secret severs the coupling for good."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="participants")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True)
    pseudonym = models.CharField(max_length=64)
    wrapped_secret = WrappedKeyField(by=Wrapper.PROJECT, null=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["pseudonym"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "pseudonym"], name="one_participant_per_pseudonym"
            ),
            models.CheckConstraint(
                condition=Q(pseudonym__regex=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"),
                name="pseudonym_is_letters_digits_and_dashes",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    def clean(self) -> None:
        """Check the pseudonym against the project's pattern."""
        if not self.project.pattern.matches(self.pseudonym):
            raise ValidationError(
                {
                    "pseudonym": f"{self.project.acronym} expects identifiers such as "
                    f"{self.project.pattern.example}."
                }
            )

    @property
    def secret(self) -> bytes:
        """The participant's own secret. Raises KeyUnavailable once it is destroyed."""
        return open_by_project(self)
