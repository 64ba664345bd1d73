"""What people judged, and what of it is in force.

`Verdict` is the history: its rows are never changed (a guard in the database sees to it) but for
the second person's name. `KnownElement` and `JudgedValue` say what is in force now. They are
keyed by digests, since the rows of the index come and go with the data; verdicts stay.
"""

from django.db import models
from django.db.models import F, Q

from projects.models import Project, User
from review.states import Covers, Judgement, Standing
from transfers.models import PlanVersion


class KnownElement(models.Model):
    """An element path that a project has had in its data, and the verdicts in force on it.

    `verdict` counts; `waiting` is one that waits for a second person. `settled_at` is when a
    person had last judged all of it: only then does something new reopen it.
    """

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="known_elements", db_index=False
    )
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the path.")
    path = models.TextField()
    keyword = models.CharField(max_length=80, blank=True, default="")
    judged = models.CharField(
        max_length=8, choices=Judgement, blank=True, default="", db_default=""
    )
    covers = models.CharField(max_length=8, choices=Covers, blank=True, default="", db_default="")
    verdict = models.ForeignKey("Verdict", models.PROTECT, null=True, related_name="+")
    waiting = models.ForeignKey("Verdict", models.PROTECT, null=True, related_name="+")
    is_begun = models.BooleanField(
        default=False, db_default=False, help_text="Whether anything of it was ever judged."
    )
    has_patterns = models.BooleanField(default=False, db_default=False)
    came_late = models.BooleanField(
        default=False, db_default=False, help_text="First seen after the review had begun."
    )
    standing = models.CharField(
        max_length=8, choices=Standing, default=Standing.UNJUDGED, db_default="unjudged"
    )
    settled_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "digest"], name="one_known_element_per_path_and_project"
            ),
            models.CheckConstraint(
                condition=Q(judged__in=["", *Judgement.values]), name="known_judgement_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"known element {self.pk}"


class Verdict(models.Model):
    """What one person said of an element, of one of its values, or of a pattern of values.

    A value is named by its digest alone: what a verdict called unsafe must be able to leave.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="verdicts", db_index=False)
    known = models.ForeignKey(KnownElement, models.PROTECT, related_name="verdicts")
    judged = models.CharField(max_length=8, choices=Judgement)
    covers = models.CharField(max_length=8, choices=Covers, blank=True, default="")
    value_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    pattern = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=250, blank=True, default="")
    value_count = models.PositiveBigIntegerField(
        default=0, help_text="How many values it judged when it was given."
    )
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, null=True, related_name="+")
    handling = models.CharField(
        max_length=64, blank=True, default="", help_text="Digest of what the plan did with it."
    )
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    needs_second = models.BooleanField(default=False)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["project", "-id"], name="verdicts_of_a_project")]
        constraints = [
            models.CheckConstraint(
                condition=Q(judged__in=Judgement.values), name="judgement_is_known"
            ),
            models.CheckConstraint(
                condition=Q(judged=Judgement.SAFE) | ~Q(reason=""),
                name="what_is_not_called_safe_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(value_digest="") | Q(pattern=""),
                name="a_verdict_is_on_a_value_or_on_a_pattern",
            ),
            models.CheckConstraint(
                condition=Q(covers__in=Covers.values, value_digest="", pattern="")
                | (Q(covers="") & (~Q(value_digest="") | ~Q(pattern=""))),
                name="a_verdict_on_an_element_says_what_it_covers",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False),
                name="a_verdict_is_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("given_by")),
                name="nobody_confirms_a_verdict_of_their_own",
            ),
        ]

    def __str__(self) -> str:
        return f"verdict {self.pk}"

    @property
    def counts(self) -> bool:
        """Whether it needs nobody else any more."""
        return not self.needs_second or self.second_by_id is not None


class JudgedValue(models.Model):
    """One value of one element that somebody judged, whether the data has it now or not."""

    known = models.ForeignKey(
        KnownElement, models.PROTECT, related_name="judged_values", db_index=False
    )
    value_digest = models.CharField(max_length=64, editable=False)
    judged = models.CharField(
        max_length=8, choices=Judgement, blank=True, default="", db_default=""
    )
    verdict = models.ForeignKey(Verdict, models.PROTECT, null=True, related_name="judged_values")
    waiting = models.ForeignKey(Verdict, models.PROTECT, null=True, related_name="waiting_values")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["known", "value_digest"], name="one_judgement_per_value_and_element"
            ),
        ]

    def __str__(self) -> str:
        return f"judged value {self.pk}"


class JudgedHandling(models.Model):
    """What the plan did with an element when it was judged; anything else reopens it."""

    known = models.ForeignKey(
        KnownElement, models.CASCADE, related_name="judged_handlings", db_index=False
    )
    action = models.CharField(max_length=1)
    row = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["known", "action", "row"], name="one_judged_handling_per_element"
            ),
        ]

    def __str__(self) -> str:
        return f"judged handling {self.pk}"
