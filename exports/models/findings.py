"""What the leak check at the door found in a finished package, and what people decided about it.

Neither row holds a value. The names of members may tell as much as their contents (a folder is
often called what a series description says), so they are encrypted with the place inside them.
"""

from typing import Self

from django.db import models
from django.db.models import F, Q

from exports.models.packages import Package
from projects.encryption import EncryptedTextField
from projects.models import User
from transfers.states import UNDECIDED, FindingVerdict


class PackageFindingQuerySet(models.QuerySet["PackageFinding"]):
    """Findings by whether they hold their package."""

    def holding(self) -> Self:
        """Those that hold and that nobody has released, or that wait for a second person."""
        return self.filter(is_holding=True, verdict__in=UNDECIDED)


class PackageFinding(models.Model):
    """One kind of thing found at one kind of place, in however many members.

    `place` says in words where, from a closed list. `detail` is encrypted: where exactly, and some
    of the members. `is_holding` is false for what is only said, such as that the search terms of a
    participant are gone.
    """

    package = models.ForeignKey(Package, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=24)
    place = models.CharField(max_length=200)
    sure = models.CharField(max_length=10)
    sentence = models.CharField(max_length=300)
    detail = EncryptedTextField()
    fingerprint = models.CharField(max_length=64)
    member_count = models.PositiveIntegerField(default=0)
    is_holding = models.BooleanField(default=True)
    verdict = models.CharField(max_length=10, choices=FindingVerdict, default=FindingVerdict.OPEN)
    verdict_reason = models.CharField(max_length=300, blank=True, default="")
    verdict_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    objects = PackageFindingQuerySet.as_manager()

    class Meta:
        ordering = ["-is_holding", "-member_count", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "fingerprint"], name="a_finding_is_said_once_per_package"
            ),
            models.CheckConstraint(
                condition=Q(verdict=FindingVerdict.OPEN, verdict_by=None, verdict_at=None)
                | (
                    ~Q(verdict=FindingVerdict.OPEN)
                    & Q(verdict_by__isnull=False, verdict_at__isnull=False)
                ),
                name="a_verdict_on_a_package_is_given_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | (
                    Q(second_by__isnull=False, second_at__isnull=False)
                    & Q(verdict=FindingVerdict.RELEASED)
                    & ~Q(second_by=F("verdict_by"))
                ),
                name="the_second_person_at_the_door_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"finding {self.pk} in package {self.package_id}"


class Examination(models.Model):
    """How far the check at the door is with a package's file.

    `directory_digest` tells one file from the next: it is the SHA-256 of the zip's directory.
    `position` counts members, and is saved together with what was found in them. `known_count` are
    images that are, byte for byte, what the pipeline proved; `searched_count` is all else.
    """

    package = models.OneToOneField(Package, models.CASCADE, related_name="examination")
    directory_digest = models.CharField(max_length=64)
    member_count = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    searched_count = models.PositiveIntegerField(default=0)
    unknown_people = models.PositiveIntegerField(default=0, help_text="Without search terms")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(position__lte=F("member_count")),
                name="no_more_members_examined_than_there_are",
            ),
        ]

    def __str__(self) -> str:
        return f"examination of package {self.package_id}"
