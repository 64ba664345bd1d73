"""The research copy: what of a transfer is de-identified, verified and in the project's hands."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from projects.leases import Leased, LeasedQuerySet
from projects.models import Event, Participant, Project, User, within_sites
from review.models.origins import Origin
from transfers.models import PlanVersion, Run, TransferRequest


class IndexState(models.TextChoices):
    """Whether the tag index says what the research copy holds."""

    WAITING = "waiting", "Waiting to be indexed"
    INDEXED = "indexed", "Indexed"
    FAILED = "failed", "Could not be indexed"


class ResearchStudyQuerySet(LeasedQuerySet):
    """Research studies by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of the projects, and of the sites there, that a person may see."""
        return self.filter(within_sites(user, site="participant__site"))


class ResearchStudy(Leased):
    """One study of a project, under its participant's pseudonym; the row is the index's queue.

    `run` is the run whose output is indexed. Descriptions and dates are those of the de-identified
    headers; the patient's own are nowhere in this room.
    """

    MOVING: ClassVar[tuple[str, ...]] = (IndexState.WAITING,)

    transfer = models.OneToOneField(TransferRequest, models.PROTECT, related_name="research_study")
    run = models.ForeignKey(Run, models.PROTECT, related_name="research_studies")
    project = models.ForeignKey(Project, models.PROTECT, related_name="research_studies")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="research_studies")
    event = models.ForeignKey(Event, models.PROTECT, related_name="research_studies")
    study_instance_uid = models.CharField(max_length=64, blank=True, default="", db_index=True)
    study_date = models.DateField(null=True)
    study_description = models.CharField(max_length=64, blank=True, default="")
    series_count = models.PositiveIntegerField(default=0)
    instance_count = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=8, choices=IndexState, default=IndexState.WAITING, db_index=True
    )
    run_state = models.CharField(
        max_length=12, blank=True, default="", help_text="The run's state when it was indexed."
    )
    indexed_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(
        null=True,
        help_text="While the index is built anew: when what this study holds was first seen.",
    )
    checked_at = models.DateTimeField(null=True, db_index=True)

    objects: ClassVar[Any] = ResearchStudyQuerySet.as_manager()

    class Meta:
        ordering = ["participant__pseudonym", "event__position", "pk"]
        verbose_name_plural = "research studies"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=IndexState.values), name="index_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"research study {self.pk}"

    @property
    def modalities(self) -> list[str]:
        """The modalities of its series, each once."""
        return sorted({series.modality for series in self.series.all() if series.modality})


class ResearchSeries(models.Model):
    """One series of the research copy, as it was when it was indexed.

    `content` is a digest over its instances' UIDs and bytes: while it is the same, there is
    nothing to index anew. Its rows in the index protect it from being deleted past the sums.
    """

    study = models.ForeignKey(ResearchStudy, models.PROTECT, related_name="series")
    series_instance_uid = models.CharField(max_length=64)
    origin = models.ForeignKey(Origin, models.PROTECT, related_name="series")
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+", db_index=False)
    modality = models.CharField(max_length=16, blank=True, default="")
    manufacturer = models.CharField(max_length=64, blank=True, default="")
    manufacturer_model_name = models.CharField(max_length=64, blank=True, default="")
    series_number = models.IntegerField(null=True)
    series_description = models.CharField(max_length=64, blank=True, default="")
    sop_class_uid = models.CharField(max_length=64, blank=True, default="")
    instance_count = models.PositiveIntegerField(default=0)
    unread_count = models.PositiveIntegerField(
        default=0, help_text="Instances that the index could not read."
    )
    byte_count = models.PositiveBigIntegerField(default=0)
    content = models.CharField(max_length=64, editable=False)
    indexed_at = models.DateTimeField()

    class Meta:
        ordering = ["series_number", "pk"]
        verbose_name_plural = "research series"
        constraints = [
            models.UniqueConstraint(
                fields=["study", "series_instance_uid"],
                name="one_research_series_per_uid_and_study",
            ),
        ]
        indexes = [models.Index(fields=["series_instance_uid"])]

    def __str__(self) -> str:
        return f"research series {self.pk}"
