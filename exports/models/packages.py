"""A package: who asked for which participants in which format, how far it is, where it lies."""

from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from exports.models.specifications import SpecificationVersion
from exports.specification import Specification, read_specification
from exports.states import MOVING, WHOLE, Format, State
from projects.leases import Leased, LeasedQuerySet
from projects.models import Participant, Project, User
from projects.roles import Permission
from projects.wrapped import WrappedKeyField, Wrapper

KEPT = timedelta(days=14)


class PackageQuerySet(LeasedQuerySet):
    """Packages by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of the projects that a person may see as a whole: a package holds many people."""
        return self.filter(project__in=Project.objects.permitting(user, Permission.VIEW_WHOLE))


class Package(Leased):
    """One package; the row is the queue. The file goes when `expires_at` has passed.

    `specification` is what was asked for, frozen. Progress is counted in images and in bytes that
    went in; `started_count` and `started_bytes` are how many were done when the present worker
    took over, so that the time left is told from its own speed. `contents` is what the manifest
    says in sum, for the page. `wrapped_secret` is drawn for an encrypted package: its password and
    its salts come from it, and it goes with the file.
    """

    MOVING: ClassVar[tuple[str, ...]] = MOVING

    project = models.ForeignKey(Project, models.PROTECT, related_name="packages")
    format = models.CharField(max_length=8, choices=Format)
    specification = models.JSONField(default=dict, editable=False)
    specification_version = models.ForeignKey(
        SpecificationVersion, models.PROTECT, null=True, editable=False, related_name="packages"
    )
    participants = models.ManyToManyField(Participant, related_name="packages")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(default=0)
    done_bytes = models.PositiveBigIntegerField(default=0)
    left_out_count = models.PositiveIntegerField(default=0, help_text="Series, listed with reasons")
    started_at = models.DateTimeField(null=True, blank=True)
    started_count = models.PositiveIntegerField(default=0)
    started_bytes = models.PositiveBigIntegerField(default=0)
    key = models.CharField(max_length=200, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    contents = models.JSONField(default=dict, editable=False)
    wrapped_secret = WrappedKeyField(by=Wrapper.PROJECT, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = PackageQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "expires_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="package_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(format__in=Format.values), name="package_format_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=WHOLE)
                | (~Q(key="") & ~Q(sha256="") & Q(expires_at__isnull=False)),
                name="a_whole_package_has_a_file_a_sum_and_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=MOVING) | Q(ended_at__isnull=False),
                name="a_package_that_stands_still_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(done_count__lte=F("total_count")), name="no_more_done_than_there_is"
            ),
        ]

    def __str__(self) -> str:
        return f"package {self.pk}"

    @cached_property
    def spec(self) -> Specification:
        """What was asked for. Packages from before there were specifications name a format."""
        return read_specification(
            self.specification or {"format": Format(self.format).name.lower()}
        )

    @property
    def is_untied(self) -> bool:
        """Whether nothing in it leads back: then one worker builds it in one go."""
        return self.spec.ties != "kept"

    @property
    def kept(self) -> timedelta:
        """How long its file is kept once somebody may take it."""
        return timedelta(days=self.spec.keep_days)

    @property
    def is_moving(self) -> bool:
        """Whether it is still to be built."""
        return self.state in MOVING

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded."""
        return self.state == State.READY

    @property
    def file_name(self) -> str:
        """What the downloaded file is called: project, format and number, nothing else."""
        kind = Format(self.format).name.lower()
        return f"{self.project.acronym}_{kind}_{self.pk:04}.zip"
