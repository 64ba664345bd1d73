"""The specifications that a project keeps: a sheet with a name, and numbered versions of it."""

from typing import Self

from django.db import models

from exports.specification.errors import SpecificationError
from exports.specification.parts import Specification
from exports.specification.reading import read_specification
from projects.models import Project, User
from projects.roles import Permission


class SpecificationSheetQuerySet(models.QuerySet["SpecificationSheet"]):
    """Sheets by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of the projects that a person may see."""
        return self.filter(project__in=Project.objects.permitting(user, Permission.VIEW_WHOLE))


class SpecificationSheet(models.Model):
    """A specification by its name; what it says is in its versions, of which it has at least one.

    `taken_from` is another project's version that the first one is a copy of.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="specification_sheets")
    name = models.CharField(max_length=80)
    taken_from = models.ForeignKey(
        "exports.SpecificationVersion", models.PROTECT, null=True, blank=True, related_name="copies"
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpecificationSheetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="one_specification_per_name_and_project",
                violation_error_message="The project has a specification of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return f"specification {self.pk}"

    @property
    def newest(self) -> "SpecificationVersion":
        """The version that counts now."""
        version = self.versions.select_related("by").order_by("-number").first()
        if version is None:
            raise SpecificationVersion.DoesNotExist
        return version


class SpecificationVersionQuerySet(models.QuerySet["SpecificationVersion"]):
    """Versions by who may use them."""

    def offered_beside(self, project: Project) -> Self:
        """Those that other projects of the hospital offer."""
        found = self.filter(offer__isnull=False).exclude(sheet__project=project)
        return found.select_related("sheet__project").order_by("sheet__name", "pk")


class SpecificationVersion(models.Model):
    """One version, as data. A trigger refuses changes and deletions."""

    sheet = models.ForeignKey(SpecificationSheet, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="As exports.specification reads it.")
    digest = models.CharField(max_length=64)
    why = models.CharField(max_length=250, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpecificationVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "number"], name="one_version_per_number_and_specification"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number} of specification {self.sheet_id}"

    @property
    def project(self) -> Project:
        """The project it belongs to."""
        return self.sheet.project

    @property
    def specification(self) -> Specification:
        """What it says, read and checked. Raises SpecificationError."""
        return read_specification(self.content)

    @property
    def words(self) -> str:
        """What it makes, in one short sentence."""
        try:
            return self.specification.words
        except SpecificationError:
            return "It was made by another version of this program and is to be looked at."

    @property
    def is_offered(self) -> bool:
        """Whether other projects may take a copy."""
        return hasattr(self, "offer")


class SpecificationOffer(models.Model):
    """A version is offered to the other projects of the hospital; withdrawn, the row goes."""

    version = models.OneToOneField(SpecificationVersion, models.CASCADE, related_name="offer")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"offer {self.pk}"
