"""Reviews of access: twice a year somebody looks at each person's role and answers for it.

A review is of one project's members, or, without a project, of the hospital-wide roles. It asks
about those who have a role when it ends: each is kept, changed or removed, by somebody else than
themselves.
"""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from projects.models.people import User
from projects.models.projects import Project

EVERY = timedelta(days=182)
"""How long after the last review, or after a project was made, the next one opens."""
DAYS_TO_ANSWER = 30


class AccessReviewQuerySet(models.QuerySet["AccessReview"]):
    """Reviews by how far they are."""

    def open(self) -> Self:
        """Those that wait for answers."""
        return self.filter(closed_at=None)

    def overdue(self, day: date) -> Self:
        """Those that should have ended before a day."""
        return self.open().filter(due_on__lt=day)


class AccessReview(models.Model):
    """One look at who has a role; of the hospital-wide roles if it names no project."""

    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="access_reviews"
    )
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = AccessReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                Coalesce(F("project"), Value(0)),
                condition=Q(closed_at=None),
                name="one_open_access_review_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="an_access_review_ends_after_it_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"access review {self.pk}"

    @property
    def is_overdue(self) -> bool:
        """Tell whether it should have ended by now."""
        return self.closed_at is None and self.due_on < timezone.localdate()


class Answer(models.TextChoices):
    """What is said of one person's role."""

    KEEP = "keep", "Keep"
    CHANGE = "change", "Change"
    REMOVE = "remove", "Remove"


class AccessAnswer(models.Model):
    """What was said of one person's role, and by whom: never by themselves."""

    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=16)  # what it was
    answer = models.CharField(max_length=8, choices=Answer)
    new_role = models.CharField(max_length=16, blank=True, default="")
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "user"], name="one_answer_per_person_and_access_review"
            ),
            models.CheckConstraint(
                condition=~Q(user=F("answered_by")), name="nobody_confirms_their_own_access"
            ),
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values), name="access_answer_is_known"
            ),
            models.CheckConstraint(
                condition=(Q(answer=Answer.CHANGE) & ~Q(new_role=""))
                | (~Q(answer=Answer.CHANGE) & Q(new_role="")),
                name="a_changed_access_names_the_new_role",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk} of access review {self.review_id}"

    @property
    def leaves(self) -> str:
        """The role that somebody has after it; empty for none."""
        return self.role if self.answer == Answer.KEEP else self.new_role
