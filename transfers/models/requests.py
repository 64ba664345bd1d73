"""The wish: this study, into this project, as this participant, at this event."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from intake.models import Series, Study
from projects.models import Event, Participant, Project, User, within_sites
from projects.roles import Permission
from transfers.models.runs import Run
from transfers.states import OutcomeState


class TransferRequestQuerySet(models.QuerySet["TransferRequest"]):
    """Transfer requests by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of the projects, and of the sites there, that a person may see."""
        return self.filter(within_sites(user, site="participant__site"))

    def permitting(self, user: User, permission: Permission) -> Self:
        """Those over which a person has a right."""
        return self.filter(within_sites(user, permission, site="participant__site"))

    def live(self) -> Self:
        """Those that were neither cancelled nor replaced by another."""
        return self.filter(ended_at=None)

    def runnable(self) -> Self:
        """Those of which something is left to run again: originals, or a verified copy's files."""
        copies = Run.objects.filter(
            transfer=OuterRef("pk"), files_erased_at=None, verified_at__isnull=False
        )
        return self.filter(Q(study__isnull=False) | Exists(copies))


class TransferRequest(models.Model):
    """A wish of a person. It stays when the quarantine has let go of the study.

    A trigger refuses it outside the project's approval dates, and a participant or an event of
    another project.
    """

    study = models.ForeignKey(
        Study, models.SET_NULL, null=True, blank=True, related_name="transfers"
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="transfers")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="transfers")
    event = models.ForeignKey(Event, models.PROTECT, related_name="transfers")
    left_out = models.ManyToManyField(Series, blank=True, related_name="+")
    requested_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    requested_on = models.DateField(default=timezone.localdate, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="replaces"
    )

    objects = TransferRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "project"],
                condition=Q(ended_at=None),
                name="one_live_transfer_per_study_and_project",
            ),
        ]

    def __str__(self) -> str:
        return f"transfer {self.pk}"

    def allows(self, user: User, permission: Permission) -> bool:
        """Tell whether a person has a right over it: in its project, at its participant's site."""
        return user.may(permission, self.project, site=self.participant.site_id)

    def clean(self) -> None:
        """Check the rules that constraints and triggers also hold, and say them in sentences."""
        if not self.project.is_approved:
            raise ValidationError(
                f"The approval of {self.project.acronym} runs from {self.project.approval_start} "
                f"to {self.project.approval_end}; nothing can be transferred outside of it."
            )
        if self.participant.project_id != self.project.pk:
            raise ValidationError("The participant belongs to another project.")
        if self.event.project_id != self.project.pk:
            raise ValidationError("The event belongs to another project.")
        live = TransferRequest.objects.live().filter(study=self.study, project=self.project)
        if self.study_id and live.exclude(pk=self.pk).exists():
            raise ValidationError(f"This study is in {self.project.acronym} already.")

    def left_behind(self) -> dict[int, tuple[OutcomeState, str]]:
        """Return the series that its runs leave behind: what their instances become, and why.

        A series that was rejected stays so in the whole project: neither moving the study to
        another participant nor asking for it once more is a way around.
        """
        left_out = dict.fromkeys(
            self.left_out.values_list("pk", flat=True),
            (OutcomeState.LEFT_OUT, "Left out by the person who asked."),
        )
        if self.study_id is None:  # of a study that is gone, no series can be told apart
            return left_out
        given = TransferRequest.objects.filter(
            project=self.project_id, rejected_series__series__study=self.study_id
        )
        rejected = {
            series: (OutcomeState.REJECTED, f"Series rejected: {reason}"[:300])
            for series, reason in given.values_list(
                "rejected_series__series", "rejected_series__reason"
            )
        }
        return left_out | rejected

    @property
    def is_live(self) -> bool:
        """Whether it was neither cancelled nor replaced by another."""
        return self.ended_at is None

    @property
    def latest_run(self) -> Run | None:
        """The run that counts now."""
        runs = list(self.runs.all())
        return max(runs, key=lambda run: run.number) if runs else None
