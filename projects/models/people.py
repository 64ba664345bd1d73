"""People and what they are in projects."""

from functools import cached_property
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.roles import (
    BY_PHASE,
    BY_SITE,
    PERMITTED,
    HospitalRole,
    Permission,
    Phase,
    Role,
    roles_with,
)
from projects.seats import EVERY_SITE, Governed, Row, Seat
from projects.tokens.scopes import SERVICE_COVERED, Bounds


class Kind(models.TextChoices):
    """Who an account stands for."""

    PERSON = "person", "Person"
    SERVICE = "service", "Service account"


class User(AbstractUser):
    """Somebody who signs in. Being superuser opens Django admin and nothing else.

    A service account is a program of one project: it has no password, never signs in, comes by
    token alone, and has no more rights than `SERVICE_COVERED` whatever its role.
    """

    hospital_role = models.CharField(
        max_length=16, choices=HospitalRole, blank=True, default=HospitalRole.NONE
    )
    kind = models.CharField(
        max_length=8, choices=Kind, default=Kind.PERSON, db_default=Kind.PERSON, editable=False
    )
    service_of = models.ForeignKey(
        "projects.Project",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="service_accounts",
    )
    # Set on the object, never in the database, for a request that came by a token.
    token_bounds: Bounds | None = None

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hospital_role__in=HospitalRole.values),
                name="hospital_role_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.PERSON, service_of=None)
                | Q(
                    kind=Kind.SERVICE,
                    service_of__isnull=False,
                    hospital_role=HospitalRole.NONE,
                    is_staff=False,
                    is_superuser=False,
                    password__startswith="!",  # noqa: S106 - an unusable one
                ),
                name="service_account_has_one_project_and_no_password",
            ),
        ]

    @cached_property
    def seats(self) -> dict[int, Seat]:
        """What this person is in which project today, by project id; read once per object."""
        seats: dict[int, Seat] = {}
        rows = self.memberships.current().values_list(
            "project_id", "role", "has_identified", "sites"
        )
        for project, role, sees, site in rows:  # one row per site, or one without any
            seat = seats.setdefault(project, Seat(Role(role), sees, None))
            if site is not None:
                seats[project] = seat._replace(sites=(seat.sites or frozenset()) | {site})
        return seats

    def may(
        self,
        permission: Permission,
        project: Governed | None = None,
        *,
        site: Row | int | None = None,
    ) -> bool:
        """Tell whether this person has a right: everywhere, or in the given project as it stands.

        Without a site the question is for the whole project, and somebody limited to sites is
        told no, except to whether they may see that the project is there. A participant's site,
        or its id, is to be given as it is: one without a site is nobody's who is limited.
        """
        if not self.is_active or not self.is_within(permission, project):
            return False
        held = PERMITTED[permission] if project is None else BY_PHASE[project.phase][permission]
        if self.hospital_role and HospitalRole(self.hospital_role) in held:
            return True
        seat = self.seats.get(project.pk) if project is not None else None
        if seat is None or not seat.carries(permission, held):
            return False
        return seat.reaches(site) or (site is None and permission == Permission.VIEW_PROJECT)

    def may_partly(self, permission: Permission, project: Governed) -> bool:
        """Tell whether this person has a right in a project, if only for some of its sites."""
        if self.may(permission, project):
            return True
        seat = self.seats.get(project.pk)
        return (
            self.is_active
            and self.is_within(permission, project)
            and seat is not None
            and permission in BY_SITE
            and seat.carries(permission, BY_PHASE[project.phase][permission])
        )

    def may_anywhere(self, permission: Permission) -> bool:
        """Tell whether this person's roles carry a right in at least one project, or part of it."""
        if not self.is_active:
            return False
        if self.hospital_role and HospitalRole(self.hospital_role) in PERMITTED[permission]:
            return all(permission in bound.permissions for bound in self.bounds)
        return any(
            all(bound.allow(permission, project) for bound in self.bounds)
            and seat.carries(permission, PERMITTED[permission])
            and (seat.sites is None or permission in BY_SITE)
            for project, seat in self.seats.items()
        )

    @property
    def bounds(self) -> list[Bounds]:
        """What narrows this person's rights: being a service account, coming by a token."""
        found = [] if self.token_bounds is None else [self.token_bounds]
        if self.kind == Kind.SERVICE:
            found.append(Bounds(SERVICE_COVERED, self.service_of_id))
        return found

    def is_within(self, permission: Permission, project: Governed | None) -> bool:
        """Tell whether a right lies within every bound; it still has to be held."""
        key = None if project is None else project.pk
        return all(bound.allow(permission, key) for bound in self.bounds)

    def sites_in(
        self, project: Governed, permission: Permission = Permission.VIEW_PROJECT
    ) -> frozenset[int] | None:
        """Return the ids of the sites that a right of this person is limited to; None for all.

        Somebody who has the right neither in the project nor for the hospital has it at no site.
        """
        if self.may(permission, project, site=EVERY_SITE):
            return None
        seat = self.seats.get(project.pk)
        if seat is None or not self.may_partly(permission, project):
            return frozenset()
        return seat.sites

    @property
    def accounts(self) -> "models.QuerySet[User]":
        """All accounts of this person, as far as one can tell: those with the same e-mail address.

        Where two people are demanded, nobody is both of them by having two accounts.
        """
        same = Q(email__iexact=self.email) if self.email else Q()
        return User.objects.filter(Q(pk=self.pk) | same)

    def is_also(self, account: int | None) -> bool:
        """Tell whether an account, by its id, is this person's too."""
        return account is not None and self.accounts.filter(pk=account).exists()

    @property
    def initials(self) -> str:
        """One or two letters for the corner of the page."""
        letters = self.first_name[:1] + self.last_name[:1]
        return (letters or self.username[:2]).upper()

    @property
    def display_name(self) -> str:
        """The full name, or the user name where none is known."""
        return self.get_full_name() or self.username


class Source(models.TextChoices):
    """Who gave a membership, and so may take it away without asking."""

    LOCAL = "local", "Named by a person"
    DIRECTORY = "directory", "From the hospital's directory"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships as pages list them."""

    def current(self) -> Self:
        """Those that have not run out."""
        return self.filter(Q(until=None) | Q(until__gte=timezone.localdate()))

    def carrying(self, permission: Permission, phase: Phase = Phase.APPROVED) -> Self:
        """Current ones that carry a right for the whole project in this phase.

        Those limited to sites carry only the right to see that the project is there.
        """
        found = self.carrying_partly(permission, phase)
        return found if permission == Permission.VIEW_PROJECT else found.filter(sites=None)

    def carrying_partly(self, permission: Permission, phase: Phase = Phase.APPROVED) -> Self:
        """Current ones that carry a right, if only for some sites."""
        found = self.current().filter(role__in=roles_with(permission, phase))
        if permission == Permission.SEE_IDENTIFIED:
            found = found.filter(has_identified=True)
        return found if permission in BY_SITE else found.filter(sites=None)

    def in_order(self) -> "list[Membership]":
        """Return them with their people: owners first, then by name."""
        order = list(Role)
        return sorted(
            self.select_related("user").prefetch_related("sites"),
            key=lambda member: (order.index(Role(member.role)), member.user.display_name),
        )


class Membership(models.Model):
    """What one person is in one project, for which sites of it, and until when.

    Without sites it is for all of them. `has_identified` takes the right to see identified data
    from a role that carries it, and gives it to none that does not.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    sites = models.ManyToManyField("projects.Site", related_name="memberships", blank=True)
    has_identified = models.BooleanField(default=True, db_default=True)
    until = models.DateField(null=True, blank=True)
    source = models.CharField(
        max_length=10, choices=Source, default=Source.LOCAL, db_default=Source.LOCAL
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "project"], name="one_membership_per_person_and_project"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=Source.values), name="membership_source_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of project {self.project_id}"

    @property
    def can_have_identified(self) -> bool:
        """Whether the role is one of those that can have the right to see identified data."""
        return self.role in PERMITTED[Permission.SEE_IDENTIFIED]

    @property
    def has_ended(self) -> bool:
        """Whether it has run out."""
        return self.until is not None and self.until < timezone.localdate()
