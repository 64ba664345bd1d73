"""What is in quarantine: patients, studies, series and instances.

Whatever a sender wrote is identified data: it lies in encrypted columns and is found through blind
indexes. What the pipeline and the lists need in the clear is of a closed kind (modality, counts,
AE titles, times).
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from projects.encryption import BlindIndexField, EncryptedTextField
from projects.models import Project, User
from projects.roles import Permission

if TYPE_CHECKING:
    from datetime import datetime


class Door(models.TextChoices):
    """How something came in."""

    DICOM = "dicom", "DICOM node"
    UPLOAD = "upload", "Upload in the browser"
    FOLDER = "folder", "Folder"


class Patient(models.Model):
    """A real person: a PatientID together with who gave it out. Identified data only.

    The same PatientID from two hospitals is two patients: `issuer` is Issuer of Patient ID
    (0010,0021), or the sending site where the header names none.
    """

    issuer = EncryptedTextField()
    patient_id = EncryptedTextField()
    patient_id_index = BlindIndexField(of="patient_id", db_index=True)
    identity = BlindIndexField(of="issuer_and_id", kind="patient", unique=True)

    def __str__(self) -> str:
        return f"patient {self.pk}"

    @property
    def issuer_and_id(self) -> str:
        """What tells patients apart; a missing PatientID is nobody's in particular."""
        return f"{self.issuer}|{self.patient_id}"


class StudyQuerySet(models.QuerySet["Study"]):
    """Studies by who may see them and what may be done with them."""

    def visible_to(self, user: User) -> Self:
        """Those that a person may see: brought by them or their projects, or looked up exactly.

        A study that came several times was brought by each who sent it. The data office sees all.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.may(Permission.SEE_QUARANTINE):
            return self
        if not Project.objects.permitting(user, Permission.REQUEST_TRANSFER, partly=True).exists():
            return self.none()
        # nobody can tell yet of which site a study is that was sent to the project
        projects = Project.objects.permitting(user, Permission.REQUEST_TRANSFER)
        ae_titles = projects.exclude(ae_title="").values("ae_title")
        again = Q(arrivals__brought_by=user) | Q(arrivals__called_ae_title__in=ae_titles)
        return self.filter(
            Q(brought_by=user)
            | Q(called_ae_title__in=ae_titles)
            | Q(pk__in=Study.objects.order_by().filter(again).values("pk"))
            | Q(pk__in=Lookup.objects.filter(user=user).values("study"))
        )

    def complete(self) -> Self:
        """Those to which nothing was added for the configured silence."""
        silence = timedelta(seconds=settings.STUDY_SILENCE_SECONDS)
        return self.filter(last_received_at__lt=Now() - silence)


class Study(models.Model):
    """One DICOM study in quarantine, under the patient's own names."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="studies")
    study_instance_uid = EncryptedTextField()
    study_uid_index = BlindIndexField(of="study_instance_uid", unique=True)
    accession_number = EncryptedTextField()
    accession_index = BlindIndexField(of="accession_number", db_index=True)
    patient_name = EncryptedTextField()
    patient_birth_date = EncryptedTextField()
    patient_sex = EncryptedTextField()
    study_date = EncryptedTextField()
    study_time = EncryptedTextField()
    study_description = EncryptedTextField()
    institution_name = EncryptedTextField()
    station_name = EncryptedTextField()

    door = models.CharField(max_length=8, choices=Door)
    calling_ae_title = models.CharField(max_length=16, blank=True, default="")
    called_ae_title = models.CharField(max_length=16, blank=True, default="", db_index=True)
    peer_address = models.GenericIPAddressField(null=True)
    brought_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    first_received_at = models.DateTimeField()
    last_received_at = models.DateTimeField(db_index=True)
    series_count = models.PositiveIntegerField(default=0)
    instance_count = models.PositiveIntegerField(default=0)
    byte_count = models.PositiveBigIntegerField(default=0)
    has_conflicts = models.BooleanField(default=False)

    objects = StudyQuerySet.as_manager()

    class Meta:
        ordering = ["-last_received_at"]
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return f"study {self.pk}"

    @property
    def is_complete(self) -> bool:
        """Whether nothing was added for the configured silence."""
        return self.complete_at <= timezone.now()

    @property
    def complete_at(self) -> "datetime":
        """When the silence after the last instance ends."""
        return self.last_received_at + timedelta(seconds=settings.STUDY_SILENCE_SECONDS)

    @property
    def modalities(self) -> list[str]:
        """The modalities of its series, each once."""
        return sorted({series.modality for series in self.series.all() if series.modality})


class Series(models.Model):
    """One series: what FIONA's series JSON holds, identified text encrypted."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="series")
    series_instance_uid = EncryptedTextField()
    series_uid_index = BlindIndexField(of="series_instance_uid")
    series_description = EncryptedTextField()
    protocol_name = EncryptedTextField()
    series_number = models.IntegerField(null=True)
    modality = models.CharField(max_length=16, blank=True, default="")
    # people write names even where a scanner's model belongs
    manufacturer = EncryptedTextField()
    manufacturer_model_name = EncryptedTextField()
    body_part_examined = EncryptedTextField()
    image_type = EncryptedTextField()
    sop_class_uid = models.CharField(max_length=64, blank=True, default="")
    calling_ae_title = models.CharField(max_length=16, blank=True, default="")
    called_ae_title = models.CharField(max_length=16, blank=True, default="")
    peer_address = models.GenericIPAddressField(null=True)
    instance_count = models.PositiveIntegerField(default=0)
    byte_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["series_number", "pk"]
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                fields=["study", "series_uid_index"], name="one_series_per_uid_and_study"
            )
        ]

    def __str__(self) -> str:
        return f"series {self.pk}"


class Instance(models.Model):
    """One file in quarantine. The same SOP Instance UID with other content is another row."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="instances")
    sop_instance_uid = EncryptedTextField()
    sop_uid_index = BlindIndexField(of="sop_instance_uid")
    sop_class_uid = models.CharField(max_length=64)
    transfer_syntax_uid = models.CharField(max_length=64)
    instance_number = models.IntegerField(null=True)
    key = models.CharField(max_length=200, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the data set as received.")
    size = models.PositiveBigIntegerField()
    is_conflicting = models.BooleanField(
        default=False, help_text="Another instance has the same UID and other content."
    )
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["instance_number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sop_uid_index", "digest"], name="one_instance_per_uid_and_content"
            ),
        ]

    def __str__(self) -> str:
        return f"instance {self.pk}"


class Lookup(models.Model):
    """Somebody typed a study's exact accession number or patient identifier, and may see it now."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    study = models.ForeignKey(Study, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "study"], name="one_lookup_per_study")
        ]

    def __str__(self) -> str:
        return f"lookup {self.pk}"
