"""A project: approved by an ethics committee, for a limited time, under two names."""

import re
from datetime import date
from functools import reduce
from operator import or_
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from projects import keyring
from projects.models.people import User
from projects.patterns import Pattern, parse
from projects.roles import BY_PHASE, HospitalRole, Permission, Phase, Role, everywhere_with
from projects.wrapped import WrappedKeyField, Wrapper

WARN_BEFORE_DAYS = (182, 91, 30)
EVENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
ACRONYM = re.compile(r"[A-Z][A-Z0-9]{2,15}")


class ProjectYear(models.Model):
    """How many numbers a year has given out; the row is the lock that makes them unique."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__lte=99), name="at_most_99_projects_a_year")
        ]

    def __str__(self) -> str:
        return str(self.year)


def _in_phase(phase: Phase) -> Q:
    """The condition that a project's approval stands like this today."""
    today = timezone.localdate()
    if phase == Phase.BEFORE:
        return Q(approval_start__gt=today)
    if phase == Phase.ENDED:
        return Q(approval_end__lt=today)
    return Q(approval_start__lte=today, approval_end__gte=today)


def _alike(permission: Permission) -> list[tuple[Phase, Q]]:
    """Part the phases by who has a right in them: one of each kind, and the projects meant."""
    kinds: dict[frozenset[Role | HospitalRole], list[Phase]] = {}
    for phase in Phase:
        kinds.setdefault(BY_PHASE[phase][permission], []).append(phase)
    if len(kinds) == 1:
        return [(Phase.APPROVED, Q())]
    return [
        (phases[0], reduce(or_, (_in_phase(phase) for phase in phases)))
        for held, phases in kinds.items()
        if held
    ]


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects by who may do what in them."""

    def in_phase(self, phase: Phase) -> Self:
        """Those whose approval stands like this today."""
        return self.filter(_in_phase(phase))

    def permitting(self, user: User, permission: Permission, *, partly: bool = False) -> Self:
        """Those in which a person has a right today.

        Somebody who is limited to sites has it, beyond seeing that a project is there, only where
        `partly` is asked for; what belongs to other sites is then left out by `of_sites`.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        found: list[Q] = []
        for phase, alike in _alike(permission):
            if user.hospital_role in everywhere_with(permission, phase):
                found.append(alike)
                continue
            mine = user.memberships.all()
            held = mine.carrying_partly if partly else mine.carrying
            found.append(alike & Q(pk__in=held(permission, phase).values("project")))
        allowed = self.filter(reduce(or_, found)) if found else self.none()
        for bound in user.bounds:
            if permission not in bound.permissions:
                return self.none()
            if bound.project is not None:
                allowed = allowed.filter(pk=bound.project)
        return allowed

    def visible_to(self, user: User) -> Self:
        """Those that a person may see at all."""
        return self.permitting(user, Permission.VIEW_PROJECT)

    def named(self, name: str) -> Self:
        """The one with this acronym or this number."""
        return self.filter(Q(acronym=name) | Q(number=name))


class EndAction(models.TextChoices):
    """What happens to the data when a project ends."""

    DELETE = "delete", "Delete the data"
    ANONYMISE = "anonymise", "Keep images, destroy the coupling"


class HoldPolicy(models.TextChoices):
    """What happens to the rest of a study when some of its instances are held."""

    SEND_REST = "rest", "Send the rest, hold those images"
    SEND_WHOLE = "whole", "Send nothing until all may leave"


class Project(models.Model):
    """The top unit of control: who, what, for how long, under which pattern of identifiers."""

    acronym = models.CharField(
        max_length=16, unique=True, help_text="More than two capitals and digits, such as BICAM."
    )
    number = models.CharField(max_length=6, unique=True, editable=False)
    title = models.CharField(max_length=200, blank=True, default="")
    approval_number = models.CharField(
        max_length=32, help_text="The ethics committee's, such as 2019/1234 or 123456."
    )
    approval_start = models.DateField()
    approval_end = models.DateField()
    participant_pattern = models.CharField(
        max_length=120, help_text="Such as BICAM_{n:04}, BICAM_{site:02}_{n:04} or a regex."
    )
    participant_regex = models.CharField(max_length=400, editable=False)
    ae_title = models.CharField(
        max_length=16,
        blank=True,
        default="",
        help_text="Studies sent to this called AE title are offered to the project.",
    )
    end_action = models.CharField(max_length=10, choices=EndAction, default=EndAction.DELETE)
    hold_policy = models.CharField(max_length=8, choices=HoldPolicy, default=HoldPolicy.SEND_REST)
    two_person_release = models.BooleanField(
        default=False,
        db_default=False,
        help_text="What is held leaves only when a second person confirms the release.",
    )
    two_person_review = models.BooleanField(
        default=False,
        db_default=False,
        help_text="That an element is safe, and a sign-off, count when a second person confirms.",
    )
    sign_off_for_exports = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Packages are built and downloaded only while a sign-off of the review is "
        "current.",
    )
    wrapped_key = WrappedKeyField(by=Wrapper.MASTER)
    wrapped_root = WrappedKeyField(by=Wrapper.MASTER, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["acronym"]
        constraints = [
            models.CheckConstraint(
                condition=Q(acronym__regex=r"^[A-Z][A-Z0-9]{2,15}$"),
                name="acronym_is_three_or_more_capitals_and_digits",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^P[0-9]{2}_(0[1-9]|[1-9][0-9])$"),
                name="number_is_p_year_and_two_digits",
            ),
            models.CheckConstraint(
                condition=Q(approval_end__gte=F("approval_start")),
                name="approval_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(participant_regex__startswith="^") & Q(participant_regex__endswith="$"),
                name="participant_regex_is_anchored",
            ),
            models.UniqueConstraint(
                "ae_title", condition=~Q(ae_title=""), name="one_project_per_ae_title"
            ),
        ]

    def __str__(self) -> str:
        return self.acronym

    def clean(self) -> None:
        """Check what the constraints cannot say in a sentence."""
        problems: dict[str, list[str]] = {}
        if not ACRONYM.fullmatch(self.acronym):
            problems["acronym"] = [
                "An acronym is a capital followed by 2 to 15 capitals and digits, such as BICAM."
            ]
        if self.approval_start and self.approval_end and self.approval_end < self.approval_start:
            problems["approval_end"] = ["The approval ends before it starts."]
        others = Project.objects.exclude(pk=self.pk).exclude(ae_title="")
        if others.filter(ae_title=self.ae_title).exists():
            problems["ae_title"] = ["Another project has this AE title."]
        try:
            self.participant_regex = parse(self.participant_pattern).regex
        except ValidationError as error:
            problems["participant_pattern"] = error.messages
            self.participant_regex = "^$"  # fits nobody, and keeps a second sentence away
        if problems:
            raise ValidationError(problems)

    @property
    def pattern(self) -> Pattern:
        """The checked pattern of participant identifiers."""
        return Pattern(self.participant_pattern, self.participant_regex)

    @property
    def key(self) -> bytes:
        """The key that wraps the participants' secrets, and may rotate. Raises KeyUnavailable."""
        return keyring.unwrap_by_master(self.wrapped_key)

    @property
    def root(self) -> bytes:
        """What is derived from the project comes from this, for good. Raises KeyUnavailable.

        It is the project's first key, kept under a name of its own from the day that key is
        replaced (projects/keys/rotating.py).
        """
        return keyring.unwrap_by_master(self.wrapped_root) if self.wrapped_root else self.key

    def is_approved_on(self, day: date) -> bool:
        """Tell whether the ethics approval covers a day."""
        return self.approval_start <= day <= self.approval_end

    @property
    def is_approved(self) -> bool:
        """Tell whether the ethics approval covers today."""
        return self.is_approved_on(timezone.localdate())

    @property
    def phase(self) -> Phase:
        """How the project stands to its approval today."""
        if self.is_approved:
            return Phase.APPROVED
        return Phase.BEFORE if timezone.localdate() < self.approval_start else Phase.ENDED

    @property
    def days_left(self) -> int:
        """Days until the approval's last day; negative once it has ended."""
        return (self.approval_end - timezone.localdate()).days

    @property
    def ends_soon(self) -> bool:
        """Tell whether less than half a year of the approval is left."""
        return 0 <= self.days_left <= WARN_BEFORE_DAYS[0]


class Site(models.Model):
    """A place where participants are included; its number can be part of their identifiers."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="sites")
    code = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="one_site_per_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code:02} {self.name}"

    def clean(self) -> None:
        """Say in a sentence what the constraint also holds."""
        if Site.objects.exclude(pk=self.pk).filter(project=self.project, code=self.code).exists():
            raise ValidationError({"code": "Another site of this project has this number."})


class Event(models.Model):
    """A time point of the project, such as baseline or 6month."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="events")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="one_event_per_name"),
            models.CheckConstraint(
                condition=Q(name__regex=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"),
                name="event_name_is_letters_digits_and_dashes",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Say in sentences what the constraints also hold."""
        if not EVENT_NAME.fullmatch(self.name):
            sentence = "An event is named by up to 40 letters, digits, _ and -, such as 6month."
            raise ValidationError({"name": sentence})
        if Event.objects.exclude(pk=self.pk).filter(project=self.project, name=self.name).exists():
            raise ValidationError({"name": f"The project has {self.name} already."})
