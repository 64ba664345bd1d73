"""What may leave at all: verified images of live transfers.

A package never holds what a person has not let out: only instances of a transfer's latest run that
were verified and are delivered or on the way. Runs that wait as a whole for a decision stay out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from projects.models import Participant, Project
from projects.models.projects import HoldPolicy
from transfers.models import IN_HAND, Outcome, Run
from transfers.states import OutcomeState, State

OUT = (OutcomeState.MOVING, OutcomeState.DELIVERED)


def latest_runs(project: Project) -> QuerySet[Run]:
    """Return the run that counts now, of every live transfer."""
    newest = Run.objects.filter(transfer=OuterRef("transfer")).order_by("-number")
    return Run.objects.filter(
        transfer__project=project,
        transfer__ended_at=None,
        number=Subquery(newest.values("number")[:1]),
    )


def exportable(project: Project) -> QuerySet[Outcome]:
    """Return the images of a project that may be in a package."""
    runs = latest_runs(project).filter(IN_HAND)
    if project.hold_policy == HoldPolicy.SEND_WHOLE:
        held = Outcome.objects.filter(run=OuterRef("pk"), state=OutcomeState.HELD)
        runs = runs.exclude(Q(state=State.HELD) | Q(Exists(held), state=State.FAILED))
    return Outcome.objects.filter(
        run__in=runs.values("pk"), state__in=OUT, is_verified=True
    ).exclude(key="")


@dataclass(frozen=True)
class Choice:
    """A participant who can be chosen, with what there is."""

    participant: Participant
    studies: int
    images: int
    size: int

    @property
    def words(self) -> str:
        """How much there is, in words."""
        studies = f"{self.studies:,} {'study' if self.studies == 1 else 'studies'}"
        return f"{studies}, {self.images:,} {'image' if self.images == 1 else 'images'}"


def choices(project: Project) -> list[Choice]:
    """Return the participants that have images which may leave, in order."""
    sums = {
        row["run__transfer__participant"]: row
        for row in exportable(project)
        .order_by()
        .values("run__transfer__participant")
        .annotate(studies=Count("run", distinct=True), images=Count("pk"), bytes=Sum("size"))
    }
    return [
        Choice(one, row["studies"], row["images"], row["bytes"])
        for one in project.participants.filter(pk__in=sums)
        for row in [sums[one.pk]]
    ]


def runs_of(project: Project, participants: Collection[int]) -> QuerySet[Run]:
    """Return the latest runs of some participants (ids), in the order of a package."""
    return (
        latest_runs(project)
        .filter(transfer__participant__in=participants)
        .select_related("transfer__participant__site", "transfer__event", "plan_version")
        .order_by("transfer__participant__pseudonym", "transfer__event__position", "transfer")
    )


def still_there(project: Project, outcomes: Iterable[int]) -> bool:
    """Tell whether all of these images may still leave; some may have been taken back."""
    wanted = set(outcomes)
    return exportable(project).filter(pk__in=wanted).count() == len(wanted)
