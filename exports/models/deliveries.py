"""Where packages may be sent, and the sending of one package to one of these places."""

import re
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from exports.models.packages import Package
from exports.states import (
    DELIVERY_MOVING,
    DeliveryProof,
    DeliveryState,
    DestinationKind,
)
from projects.encryption import EncryptedTextField
from projects.leases import Leased
from projects.models import Project, User

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]{2,45}\]?")
AE_TITLE = re.compile(r"[ !-\[\]-~]{1,16}")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*/?")
FOLDER = re.compile(r"/?[^\\\x00-\x1f]*")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# What each kind is told, and what its `place` is called on the page.
NEEDS: dict[str, tuple[str, ...]] = {
    DestinationKind.SFTP: ("port", "account", "secret", "host_key"),
    DestinationKind.S3: ("account", "secret", "place"),
    DestinationKind.NODE: ("port", "place"),
    DestinationKind.UPLOAD: ("secret",),
}
SHAPES: dict[str, re.Pattern[str]] = {
    DestinationKind.NODE: AE_TITLE,
    DestinationKind.S3: BUCKET,
}
PLACES: dict[str, str] = {
    DestinationKind.SFTP: "Folder",
    DestinationKind.S3: "Bucket, and a prefix after a slash",
    DestinationKind.NODE: "AE title",
    DestinationKind.UPLOAD: "Path of the uploads",
}


class PackageDestinationQuerySet(models.QuerySet["PackageDestination"]):
    """Destinations by who may send there."""

    def open_to(self, project: Project) -> Self:
        """Those that are switched on, and allowed for a project."""
        return self.filter(is_active=True, projects=project)


class PackageDestination(models.Model):
    """A place outside that packages are sent to: named by the data office, allowed per project.

    `secret` is a password, a private key, an S3 secret key or a token; it is sealed in the
    database and shown on no page. `place` is a folder, a bucket with a prefix, an AE title or a
    path, by the kind.
    """

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=DestinationKind)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    is_plain = models.BooleanField(
        "without TLS", default=False, help_text="Only for an address of this very machine."
    )
    account = models.CharField(max_length=128, blank=True, default="")
    secret = EncryptedTextField()
    place = models.CharField(max_length=255, blank=True, default="")
    region = models.CharField(max_length=40, blank=True, default="")
    host_key = models.CharField(
        max_length=1000,
        blank=True,
        default="",
        help_text="The server's public key, such as ssh-ed25519 AAAA…; ssh-keyscan prints it.",
    )
    reads_back = models.BooleanField(
        "read back",
        default=True,
        help_text="Fetch what was written and compare its sum; without, the size is compared.",
    )
    dummy_birth_date = models.BooleanField(
        "dummy birth date",
        default=False,
        help_text="Write 1 January 1900 where an image has no birth date: some clinical "
        "receivers refuse images without one.",
    )
    projects = models.ManyToManyField(Project, related_name="package_destinations", blank=True)
    is_active = models.BooleanField("in use", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PackageDestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DestinationKind.values), name="package_destination_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind=DestinationKind.SFTP) | ~Q(host_key=""),
                name="an_sftp_server_is_known_by_its_key",
            ),
            models.CheckConstraint(
                condition=Q(is_plain=False) | Q(host__in=LOOPBACK),
                name="only_this_machine_is_reached_without_tls",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Say in sentences what a kind needs."""
        problems: dict[str, str] = {}
        if not HOST.fullmatch(self.host):
            problems["host"] = "Give a name or an address alone, without https:// and without path."
        needed = NEEDS.get(self.kind, ())
        for name in needed:
            if not getattr(self, name):
                problems.setdefault(name, f"{DestinationKind(self.kind).label} needs this.")
        if self.is_plain and self.host not in LOOPBACK:
            problems["is_plain"] = "Only this very machine may be reached without TLS."
        shape = SHAPES.get(self.kind, FOLDER)
        if self.place and (not shape.fullmatch(self.place) or ".." in self.place.split("/")):
            problems["place"] = "This is no such name."
        if problems:
            raise ValidationError(problems)

    @property
    def address(self) -> str:
        """The web address of an S3 endpoint or an upload service, without a path."""
        port = f":{self.port}" if self.port else ""
        return f"{'http' if self.is_plain else 'https'}://{self.host}{port}"

    @property
    def host_and_port(self) -> str:
        """How operations name it in RDMA_DELIVERY_HOSTS."""
        return f"{self.host}:{self.port}" if self.port else self.host


class Delivery(Leased):
    """One package on its way to one destination. Done only once the destination confirmed.

    `remote_id` is what the destination calls an upload that is not finished (an S3 upload, the
    address of a resumable upload), so that it goes on where it stopped. `done_bytes` counts what
    the destination holds, of `Package.size`; to a DICOM node `done_images` are counted.
    """

    MOVING: ClassVar[tuple[str, ...]] = DELIVERY_MOVING

    package = models.ForeignKey(Package, models.PROTECT, related_name="deliveries")
    destination = models.ForeignKey(PackageDestination, models.PROTECT, related_name="deliveries")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    remote_id = models.CharField(max_length=1000, blank=True, default="", editable=False)
    done_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    done_images = models.PositiveIntegerField(default=0, editable=False)
    proof = models.CharField(
        max_length=10, choices=DeliveryProof, blank=True, default=DeliveryProof.NONE
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["package", "destination"],
                condition=Q(state__in=(*DELIVERY_MOVING, DeliveryState.DELIVERED)),
                name="a_package_goes_once_to_a_destination",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="package_delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DELIVERY_MOVING) | Q(ended_at__isnull=False),
                name="a_delivery_that_stands_still_has_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.DELIVERED) | ~Q(proof=""),
                name="what_is_delivered_was_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"delivery of package {self.package_id}"

    @property
    def project(self) -> Project:
        """The package's project; the audit asks for it."""
        return self.package.project

    @property
    def is_moving(self) -> bool:
        """Whether it is still on its way."""
        return self.state in DELIVERY_MOVING
