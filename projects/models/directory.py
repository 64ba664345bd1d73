"""What is known of the hospital's directory (LDAP): its groups, what they give, its people.

One table says what a group gives: a role in one project, or a role for the whole hospital. Each
person of the directory has a row here beside their User; a User without one is a local account,
and the directory never touches it.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.models.people import User
from projects.models.projects import Project
from projects.roles import HospitalRole, Role


class DirectoryGroup(models.Model):
    """A group of the directory, by its distinguished name (RFC 4514)."""

    key = models.CharField(max_length=500, unique=True, help_text="Its name in normal form.")
    dn = models.CharField("distinguished name", max_length=500)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.dn


class GroupRole(models.Model):
    """What everybody in a group of the directory is: in one project, or for the hospital."""

    group = models.ForeignKey(DirectoryGroup, models.PROTECT, related_name="gives")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="group_roles"
    )
    role = models.CharField(max_length=16, choices=Role, blank=True)
    hospital_role = models.CharField(max_length=16, choices=HospitalRole, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=False, role__in=Role.values, hospital_role="")
                | Q(
                    project__isnull=True,
                    role="",
                    hospital_role__in=[one for one in HospitalRole.values if one],
                ),
                name="a_group_gives_one_role",
            ),
            models.UniqueConstraint(
                fields=["group", "project"], name="one_role_per_group_and_project"
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(project__isnull=True),
                name="one_hospital_role_per_group",
            ),
        ]

    def __str__(self) -> str:
        return f"group role {self.pk}"


class DirectoryPerson(models.Model):
    """What the directory last said of somebody who signed in with its password.

    `entry_id` names the entry, so that somebody new who is given an old user name is not taken for
    the one who had it. `hospital_role` is what a group gave: the directory takes back no other.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="directory_person")
    entry_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    dn = models.CharField("distinguished name", max_length=500)
    groups = models.ManyToManyField(DirectoryGroup, related_name="people", blank=True)
    hospital_role = models.CharField(max_length=16, choices=HospitalRole, blank=True)
    is_gone = models.BooleanField(
        default=False, help_text="The directory closed the account; it may open it again."
    )
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hospital_role__in=HospitalRole.values),
                name="directory_hospital_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"directory person {self.pk}"


class Renewal(models.TextChoices):
    """How a look at the whole directory ended."""

    DONE = "done", "Everything was compared"
    AWAY = "away", "The directory did not answer"
    UNCLEAR = "unclear", "Its answer cannot be relied on"


class DirectoryRenewal(models.Model):
    """One look at the whole directory, by the clock or by hand, and what followed from it."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    outcome = models.CharField(max_length=8, choices=Renewal)
    people_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    closed_count = models.PositiveIntegerField(default=0)
    sentences = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Renewal.values), name="renewal_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"directory renewal {self.pk}"
