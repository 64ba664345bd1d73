"""What scripts come in by, how often they came, and what they were answered."""

from datetime import timedelta
from functools import cached_property
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from projects.encryption import EncryptedTextField
from projects.models.people import User
from projects.models.projects import Project
from projects.tokens.scopes import Scope, every_choice, parsed

LONGEST = timedelta(days=365)
USUAL = timedelta(days=90)
ANSWERS_KEPT = timedelta(hours=24)


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by whether they still open anything, and for whom."""

    def live(self) -> Self:
        """Those that are neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def reaching(self, project: Project) -> Self:
        """Those that open, or opened, a project: its own, and its members' for all they are in."""
        members = project.memberships.current().values("user")
        return self.filter(Q(project=project) | Q(project=None, user__in=members))


class Token(models.Model):
    """A secret that lets a script do part of what its person may do; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60, help_text="What it is for, and where it is kept.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    scope = models.CharField(max_length=40)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_from = models.CharField(max_length=32, default="", blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=every_choice()), name="token_scope_is_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="token_expires_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                name="who_revoked_a_token_did_so_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"token {self.pk}"

    def clean(self) -> None:
        """Refuse one that would last longer than a year."""
        if self.expires_at > self.created_at + LONGEST:
            raise ValidationError({"expires_at": "A token lasts a year at most."})

    @cached_property
    def scopes(self) -> frozenset[Scope]:
        """What it may be used for."""
        return parsed(self.scope)

    @property
    def scope_words(self) -> str:
        """The scopes as a person reads them."""
        return self.scope.replace(" ", ", ")

    @property
    def is_live(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class RequestCount(models.Model):
    """How many requests somebody made in one minute; `who` is a token, a person or an address."""

    who = models.CharField(max_length=48)
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["who", "minute"], name="one_count_per_who_and_minute")
        ]

    def __str__(self) -> str:
        return f"{self.count} in minute {self.minute}"


class KeptAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered; without a status it is under way.

    `key` and `request` are keyed digests: neither a key nor a body can be read from the row. The
    body is encrypted, and empty where the answer held a secret that is told once.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    route = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    media_type = models.CharField(max_length=60, default="", blank=True)
    body = EncryptedTextField()
    is_secret = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "route", "key"], name="one_answer_per_person_route_and_key"
            )
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
