"""Where de-identified studies go: research PACS and others, and how each replaces."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from projects.models import Project
from projects.outgoing import may_be_named
from transfers.states import AskedBy, Replaces

NOT_NAMED = (
    "Operations have not allowed this host. They name it in RDMA_DESTINATION_HOSTS (see the "
    "administrator's manual)."
)


class WebDialect(models.TextChoices):
    """How a destination is asked to delete."""

    NONE = "", "It cannot be asked"
    ORTHANC = "orthanc", "Orthanc's REST"


class Destination(models.Model):
    """A remote Storage SCP."""

    name = models.CharField(max_length=80, unique=True)
    ae_title = models.CharField(max_length=16)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(65535)])
    replaces = models.CharField(max_length=12, choices=Replaces, default=Replaces.BY_HAND)
    web_dialect = models.CharField(
        max_length=12, choices=WebDialect, blank=True, default=WebDialect.NONE
    )
    web_url = models.URLField(
        blank=True, default="", help_text="Where it is asked to delete; no password in it."
    )
    web_credentials_file = models.CharField(
        max_length=255, blank=True, default="", help_text="A file that holds user:password."
    )
    asked_by = models.CharField(
        "asked by",
        max_length=8,
        choices=AskedBy,
        default=AskedBy.FIND,
        help_text="How it is asked afterwards which instances it has.",
    )
    qido_url = models.URLField(
        "QIDO-RS address",
        blank=True,
        default="",
        help_text="The root of its DICOMweb service, such as https://pacs/dicom-web.",
    )
    patience_seconds = models.PositiveIntegerField(
        default=120,
        help_text="How long it may take to index what it took, before that counts as missing.",
    )
    commits = models.BooleanField(
        "commits storage",
        default=False,
        help_text="It answers storage commitment, and knows this node's AE title and address.",
    )
    offers_find = models.BooleanField(null=True, editable=False)
    offers_commitment = models.BooleanField(null=True, editable=False)
    offers_seen_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(replaces__in=Replaces.values), name="replaces_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(replaces=Replaces.DELETES) | ~models.Q(web_url=""),
                name="a_destination_that_deletes_says_where",
            ),
            models.CheckConstraint(
                condition=models.Q(asked_by__in=AskedBy.values), name="asked_by_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(asked_by=AskedBy.QIDO) | ~models.Q(qido_url=""),
                name="a_destination_asked_by_qido_says_where",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Say in sentences what the constraints hold, and what a delivery would stumble over."""
        self._refuse_hosts()
        if self.replaces == Replaces.DELETES and not self.web_url:
            raise ValidationError({"web_url": "Say where it is asked to delete."})
        if self.asked_by == AskedBy.QIDO and not self.qido_url:
            raise ValidationError({"qido_url": "Say where its QIDO-RS is."})

    def _refuse_hosts(self) -> None:
        """Raise ValidationError for hosts that operations have not named, and files elsewhere."""
        allowed = settings.DESTINATION_HOSTS
        problems: dict[str, str] = {}
        if not may_be_named(self.host, self.port, allowed):
            problems["host"] = NOT_NAMED
        for name in ("web_url", "qido_url"):
            if not _may_be_asked(getattr(self, name), allowed):
                problems[name] = NOT_NAMED
        if file := self.web_credentials_file:
            folder = settings.CREDENTIALS_DIR.resolve()
            if not Path(file).resolve().is_relative_to(folder):
                problems["web_credentials_file"] = (
                    "The file must lie in the folder that operations keep for credentials "
                    "(RDMA_CREDENTIALS_DIR)."
                )
        if problems:
            raise ValidationError(problems)


def _may_be_asked(address: str, allowed: Sequence[str]) -> bool:
    """Tell whether an address of the web, if there is one, is at a host that may be named."""
    if not address:
        return True
    try:
        at = urlsplit(address)
        port = at.port or (443 if at.scheme == "https" else 80)
    except ValueError:
        return False
    is_plain = at.scheme in {"http", "https"} and at.username is None
    return is_plain and may_be_named(at.hostname or "", port, allowed)


class ProjectDestination(models.Model):
    """A destination that a project's studies go to."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="destinations")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="projects")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "destination"], name="one_row_per_project_and_destination"
            )
        ]

    def __str__(self) -> str:
        return f"project {self.project_id} to destination {self.destination_id}"


class Chore(models.Model):
    """Something that the administrator of a destination must do by hand."""

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="chores")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    study_instance_uid = models.CharField(max_length=64, help_text="The pseudonymous one.")
    instance_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("projects.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at=None, done_by=None)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="a_chore_is_done_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"chore {self.pk}"
