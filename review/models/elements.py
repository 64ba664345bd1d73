"""Every element left in a project's data, with its sums: the summary page reads these alone."""

from typing import Self

from django.db import models
from django.db.models import Case, CharField, F, Q, When
from django.db.models import Value as Literal

from projects.models import Project
from review.states import Standing, ValueStanding


class Across(models.TextChoices):
    """How the values of an element compare from participant to participant."""

    ONE = "one", "only one"
    SAME = "same", "same"
    SAME_SET = "same_set", "same set"
    DIFFER = "differ", "differ"


class Within(models.TextChoices):
    """How the values of an element compare inside one participant."""

    SAME = "same", "same"
    DIFFER = "differ", "differ"


class ElementQuerySet(models.QuerySet["Element"]):
    """Elements with what follows from their sums."""

    def compared(self) -> Self:
        """Add `across` and `within`, and `distinct_count` with whether it is exact.

        Every participant that has the element has at most all of its values. So all have the
        same set exactly if the pairs of participant and value are as many as participants times
        values; and each has one value exactly if the pairs are no more than the participants.
        """
        everything_listed = Q(unlisted_count=0)
        one_each = everything_listed & Q(participant_value_count__lte=F("participant_count"))
        same_set = everything_listed & Q(
            participant_value_count=F("participant_count") * F("value_count")
        )
        return self.annotate(
            distinct_count=F("value_count") + F("unlisted_count"),
            across=Case(
                When(participant_count__lte=1, then=Literal(Across.ONE.value)),
                When(one_each & Q(value_count__lte=1), then=Literal(Across.SAME.value)),
                When(same_set, then=Literal(Across.SAME_SET.value)),
                default=Literal(Across.DIFFER.value),
                output_field=CharField(),
            ),
            within=Case(
                When(one_each, then=Literal(Within.SAME.value)),
                default=Literal(Within.DIFFER.value),
                output_field=CharField(),
            ),
        )


class Element(models.Model):
    """One element path of one project: where it is, and in how much of the data.

    `value_count` counts the distinct values that are listed. Series in which the values differ
    from image to image by nature only add how many they are to `unlisted_count`; what the page
    then shows is an upper bound.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="elements", db_index=False)
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the path.")
    path = models.TextField()
    tag = models.CharField(max_length=9)
    keyword = models.CharField(max_length=80, blank=True, default="")
    vr = models.CharField(max_length=8, help_text="Such as LO, or SS or US where series differ.")
    creator = models.CharField(max_length=80, blank=True, default="")
    is_private = models.BooleanField(default=False)
    is_nested = models.BooleanField(default=False, help_text="Whether it lies in a sequence.")
    instance_count = models.PositiveBigIntegerField(default=0)
    series_count = models.PositiveIntegerField(default=0)
    study_count = models.PositiveIntegerField(default=0)
    participant_count = models.PositiveIntegerField(default=0)
    value_count = models.PositiveBigIntegerField(default=0)
    unlisted_count = models.PositiveBigIntegerField(default=0)
    participant_value_count = models.PositiveBigIntegerField(default=0)
    lone_value_count = models.PositiveBigIntegerField(
        default=0, help_text="Listed values that only one participant has."
    )
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When a listed value was last new.")
    risk = models.PositiveSmallIntegerField(default=0, help_text="0 to 4; see review/risk.py.")
    risk_score = models.PositiveIntegerField(default=0)
    risk_reasons = models.JSONField(default=list, help_text="Pairs of a reason's code and number.")
    standing = models.CharField(
        max_length=8, choices=Standing, default=Standing.UNJUDGED, db_default="unjudged"
    )
    open_value_count = models.PositiveBigIntegerField(default=0, db_default=0)
    reopened_at = models.DateTimeField(null=True)

    # what ElementQuerySet.compared adds
    distinct_count: int
    across: str
    within: str

    objects = ElementQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "digest"], name="one_element_per_path_and_project"
            ),
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values), name="standing_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"element {self.pk}"


class Value(models.Model):
    """A value as it is shown, stored once per project whatever number of elements have it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    digest = models.CharField(max_length=64, editable=False)
    text = models.TextField(blank=True)
    looks = models.CharField(
        max_length=16, blank=True, default="", help_text="What it looks like: letters of LOOKS."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="one_value_per_project"),
        ]

    def __str__(self) -> str:
        return f"value {self.pk}"


class ElementValue(models.Model):
    """One value of one element of a project, and in how much of the data."""

    pk = models.CompositePrimaryKey("element_id", "value_id")
    element = models.ForeignKey(
        Element, models.PROTECT, related_name="element_values", db_index=False
    )
    value = models.ForeignKey(Value, models.PROTECT, related_name="+")
    instance_count = models.PositiveBigIntegerField()
    series_count = models.PositiveIntegerField()
    participant_count = models.PositiveIntegerField()
    first_seen_at = models.DateTimeField()
    judged = models.CharField(
        max_length=6,
        choices=ValueStanding,
        blank=True,
        default=ValueStanding.UNSEEN,
        db_default="",
    )

    class Meta:
        indexes = [
            models.Index(fields=["element", "-instance_count", "value"]),
            models.Index(
                fields=["element", "judged"],
                condition=Q(judged__in=("open", "unsafe", "unsure")),
                name="values_that_keep_it_open",
            ),
        ]

    def __str__(self) -> str:
        return f"value {self.value_id} of element {self.element_id}"
