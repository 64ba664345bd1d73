"""People and what they are in projects."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models

from projects.roles import PERMITTED, HospitalRole, Permission, Role


class User(AbstractUser):
    """Somebody who signs in. Being superuser opens Django admin and nothing else."""

    hospital_role = models.CharField(
        max_length=16, choices=HospitalRole, blank=True, default=HospitalRole.NONE
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hospital_role__in=HospitalRole.values),
                name="hospital_role_is_known",
            )
        ]

    @cached_property
    def roles(self) -> dict[int, str]:
        """Role by project id."""
        return dict(self.memberships.values_list("project_id", "role"))

    def may(self, permission: Permission, project: models.Model | None = None) -> bool:
        """Tell whether this person has a right: everywhere, or in the given project."""
        if not self.is_active:
            return False
        held = PERMITTED[permission]
        if self.hospital_role and HospitalRole(self.hospital_role) in held:
            return True
        if project is None:
            return False
        role = self.roles.get(project.pk)
        return role is not None and Role(role) in held

    def may_anywhere(self, permission: Permission) -> bool:
        """Tell whether this person has a right in at least one project."""
        return self.may(permission) or any(
            self.is_active and Role(role) in PERMITTED[permission] for role in self.roles.values()
        )

    @property
    def initials(self) -> str:
        """One or two letters for the corner of the page."""
        letters = self.first_name[:1] + self.last_name[:1]
        return (letters or self.username[:2]).upper()

    @property
    def display_name(self) -> str:
        """The full name, or the user name where none is known."""
        return self.get_full_name() or self.username


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships as pages list them."""

    def in_order(self) -> "list[Membership]":
        """Return them with their people: owners first, then by name."""
        order = list(Role)
        return sorted(
            self.select_related("user"),
            key=lambda member: (order.index(Role(member.role)), member.user.display_name),
        )


class Membership(models.Model):
    """What one person is in one project."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "project"], name="one_membership_per_person_and_project"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of project {self.project_id}"
