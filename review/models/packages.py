"""What packages for export contain beyond DICOM headers: NIfTI headers, sidecars, names, comments.

A package is known here by its number alone: the room of the exports lies above this one, hands a
finished package over and takes it back when its file goes (review/packages.py).
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from projects.leases import Leased, LeasedQuerySet
from projects.models import Project


class InventoryState(models.TextChoices):
    """Whether what a package contains is listed."""

    WAITING = "waiting", "Waiting to be read"
    READ = "read", "Read"
    FAILED = "failed", "Could not be read"


class PackageInventory(Leased):
    """The inventory of one package; the row is the queue.

    `position` is the number of members that are counted in: whoever goes on after a kill begins
    there. What is counted and the position are saved together.
    """

    MOVING: ClassVar[tuple[str, ...]] = (InventoryState.WAITING,)

    project = models.ForeignKey(Project, models.PROTECT, related_name="package_inventories")
    number = models.PositiveBigIntegerField(unique=True, help_text="The package's own number.")
    key = models.CharField(max_length=200, help_text="Where the package lies in the storage.")
    file_name = models.CharField(max_length=200)
    state = models.CharField(
        max_length=8, choices=InventoryState, default=InventoryState.WAITING, db_index=True
    )
    member_count = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    dicom_count = models.PositiveIntegerField(default=0)
    unread_count = models.PositiveIntegerField(default=0)
    indexed_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = LeasedQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "package inventories"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=InventoryState.values), name="inventory_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"inventory of package {self.number}"


class PackageElement(models.Model):
    """One path of one package, such as `nifti:descrip` or `json:InstitutionName`.

    `value_count` counts the distinct values that are listed; what goes past the cap is only
    counted, in `unlisted_count`. `digest` is the SHA-256 of the path, as of every element.
    """

    inventory = models.ForeignKey(PackageInventory, models.CASCADE, related_name="elements")
    digest = models.CharField(max_length=64, editable=False)
    kind = models.CharField(max_length=12)
    path = models.TextField()
    file_count = models.PositiveIntegerField(default=0)
    value_count = models.PositiveIntegerField(default=0)
    unlisted_count = models.PositiveIntegerField(default=0)
    risk = models.PositiveSmallIntegerField(default=0)
    risk_score = models.PositiveIntegerField(default=0)
    risk_reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["-risk_score", "path"]
        constraints = [
            models.UniqueConstraint(
                fields=["inventory", "digest"], name="one_element_per_path_and_package"
            ),
        ]
        indexes = [models.Index(fields=["digest"])]

    def __str__(self) -> str:
        return f"element {self.pk} of package inventory {self.inventory_id}"


class PackageValue(models.Model):
    """One value of one path of one package, and a member that it is in."""

    element = models.ForeignKey(PackageElement, models.CASCADE, related_name="values")
    digest = models.CharField(max_length=64, editable=False)
    text = models.TextField(blank=True)
    file_count = models.PositiveIntegerField(default=0)
    looks = models.CharField(max_length=16, blank=True, default="")
    example = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-file_count", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["element", "digest"], name="one_value_per_package_element"
            ),
        ]

    def __str__(self) -> str:
        return f"value {self.pk} of package element {self.element_id}"


class PackageRemark(models.Model):
    """What of a package could not be read, in a sentence."""

    inventory = models.ForeignKey(PackageInventory, models.CASCADE, related_name="remarks")
    place = models.TextField()
    sentence = models.CharField(max_length=300)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"remark {self.pk} on package inventory {self.inventory_id}"
