"""What came through a door: a batch of files, each of which is settled in one of three ways."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from intake.models.catalogue import Door, Study
from projects.encryption import EncryptedTextField
from projects.models import User


class Arrival(models.Model):
    """One batch: an association, an upload, an imported folder.

    Its files lie in a folder of `incoming/` that is named after `token`, until every one is
    settled: catalogued, dropped as a duplicate, or kept aside.
    """

    token = models.UUIDField(unique=True, default=uuid4, editable=False)
    door = models.CharField(max_length=8, choices=Door)
    calling_ae_title = models.CharField(max_length=16, blank=True, default="")
    called_ae_title = models.CharField(max_length=16, blank=True, default="", db_index=True)
    peer_address = models.GenericIPAddressField(null=True)
    brought_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="arrivals")
    started_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, help_text="Nothing is added any more.")
    ended_at = models.DateTimeField(null=True, help_text="Every file is settled.")
    attempt = models.PositiveSmallIntegerField(default=0)
    received_count = models.PositiveIntegerField(default=0)
    catalogued_count = models.PositiveIntegerField(default=0)
    duplicate_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    dropped = models.JSONField(
        default=list, help_text="Duplicates counted last, whose files may still be there."
    )
    unpacked = models.JSONField(
        default=dict, help_text="How many members of each archive are unpacked."
    )
    studies = models.ManyToManyField(Study, related_name="arrivals")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(
                    received_count=F("catalogued_count")
                    + F("duplicate_count")
                    + F("rejected_count")
                ),
                name="an_arrival_ends_when_every_file_is_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"arrival {self.pk}"

    @property
    def settled_count(self) -> int:
        """How many files were catalogued, dropped as duplicates or kept aside."""
        return self.catalogued_count + self.duplicate_count + self.rejected_count


class RejectionCode(models.TextChoices):
    """Why something was kept aside instead of catalogued."""

    NOT_DICOM = "not_dicom", "It is not a DICOM file."
    TRUNCATED = "truncated", "It ends in the middle of an element."
    UNREADABLE = "unreadable", "Its data set cannot be read."
    META_DISAGREES = "meta_disagrees", "Its data set and its file meta information disagree."
    UID_MISSING = "uid_missing", "A Study, Series, SOP Class or SOP Instance UID is missing."
    UID_INVALID = "uid_invalid", "A UID is not made of digits and dots, or is over 64 characters."
    PATIENT_ID = "patient_id", "Its Patient ID is a path or holds signs that none may hold."
    DICOMDIR = "dicomdir", "It is a directory of a medium (DICOMDIR), not an instance."
    DISAGREES_WITH_STUDY = "disagrees", "Its study is here already under another patient."
    ZIP_BOMB = "zip_bomb", "It unpacks to far more than it should."
    PATH_TRAVERSAL = "path_traversal", "Its name leads out of the archive."
    SYMLINK = "symlink", "It is a link, not a file."
    ENCRYPTED = "encrypted", "It is protected by a password."
    NESTED_ARCHIVE = "nested_archive", "It is an archive inside an archive: unpack it first."
    BAD_ARCHIVE = "bad_archive", "The archive is damaged or of a kind that cannot be unpacked."
    TOO_LARGE = "too_large", "It is larger than what may be uploaded."


class Rejection(models.Model):
    """Something that was turned away: kept aside under a key of its own, with a reason.

    `key` is empty where there is nothing to keep, as of a member that was never unpacked.
    """

    arrival = models.ForeignKey(Arrival, models.PROTECT, null=True, related_name="rejections")
    code = models.CharField(max_length=16, choices=RejectionCode)
    name = EncryptedTextField(help_text="The file's or member's name as it was sent.")
    key = models.CharField(max_length=200, blank=True, default="", db_index=True)
    size = models.PositiveBigIntegerField(default=0)
    door = models.CharField(max_length=8, choices=Door)
    calling_ae_title = models.CharField(max_length=16, blank=True, default="")
    called_ae_title = models.CharField(max_length=16, blank=True, default="")
    peer_address = models.GenericIPAddressField(null=True)
    brought_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"
