"""Where an element comes from: which scanner, of which site and time point, and which plan row."""

from django.db import models

from projects.models import Event, Project, Site
from review.models.elements import Element, Value
from transfers.models import PlanVersion


class Origin(models.Model):
    """One combination of where series come from; filters that combine ask for one that fits all.

    Scanners are named as the de-identified headers name them; a plan that removes them leaves
    these columns empty.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="origins", db_index=False)
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of all below.")
    modality = models.CharField(max_length=16, blank=True, default="")
    manufacturer = models.CharField(max_length=64, blank=True, default="")
    manufacturer_model_name = models.CharField(max_length=64, blank=True, default="")
    device_serial_number = models.CharField(max_length=64, blank=True, default="")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    series_count = models.PositiveIntegerField(default=0)
    instance_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["modality", "manufacturer", "manufacturer_model_name", "device_serial_number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="one_origin_per_project"),
        ]

    def __str__(self) -> str:
        return f"origin {self.pk}"


class ElementUse(models.Model):
    """In how many series and images of one origin an element has one VR."""

    pk = models.CompositePrimaryKey("element_id", "origin_id", "vr")
    element = models.ForeignKey(Element, models.PROTECT, related_name="uses", db_index=False)
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="uses")
    vr = models.CharField(max_length=2)
    instance_count = models.PositiveBigIntegerField()
    series_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"element {self.element_id} in origin {self.origin_id}"


class OriginValue(models.Model):
    """One value of one element in the series of one origin: what two scanners are compared by."""

    pk = models.CompositePrimaryKey("origin_id", "element_id", "value_id")
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="+", db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, related_name="+", db_index=False)
    value = models.ForeignKey(Value, models.PROTECT, related_name="+", db_index=False)
    instance_count = models.PositiveBigIntegerField()
    series_count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["value", "element"], name="origin_values_by_value")]

    def __str__(self) -> str:
        return f"value {self.value_id} in origin {self.origin_id}"


class ElementDecision(models.Model):
    """What which plan did with an element, and the row that decided, in how many series.

    `action` is a letter of deidentify.decisions.ACTIONS; `row` is as the engine explains it.
    """

    element = models.ForeignKey(Element, models.PROTECT, related_name="decisions", db_index=False)
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=1)
    row = models.CharField(max_length=500)
    series_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["element", "plan_version", "action", "row"],
                name="one_decision_per_element_plan_and_row",
            ),
        ]

    def __str__(self) -> str:
        return f"decision about element {self.element_id}"


class ElementLook(models.Model):
    """How many of an element's listed values look alike: the score of its risk reads these."""

    pk = models.CompositePrimaryKey("element_id", "looks")
    element = models.ForeignKey(Element, models.PROTECT, related_name="value_looks", db_index=False)
    looks = models.CharField(max_length=16)
    value_count = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"looks of element {self.element_id}"
