"""What needs a person and what is under way: what the home page asks of all rooms."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from exports.models import Package
from exports.states import MOVING as PACKAGE_MOVING
from exports.states import State as PackageState
from intake.models import Study
from projects.access_reviews.opening import reviews_waiting_for
from projects.models import AccessReview, AuditCheck, Participant, Project, User, within_sites
from projects.models.projects import WARN_BEFORE_DAYS
from projects.roles import Permission
from review.states import Standing
from transfers.models import Chore, Run, TransferRequest
from transfers.states import State

UNDER_WAY = (State.REQUESTED, State.DEIDENTIFIED, State.VERIFIED)
DOING = {
    State.REQUESTED: "De-identifying",
    State.DEIDENTIFIED: "Verifying",
    State.VERIFIED: "Delivering",
}
SHOWN = 5


@dataclass(frozen=True)
class Progress:
    """Something under way: how much of the present step is done."""

    key: str
    name: str
    address: str
    done: int
    total: int
    sentence: str


@dataclass(frozen=True)
class Waiting:
    """What waits for one person. Lists hold the first few; counts hold all."""

    studies: list[Study]
    study_count: int
    held: list[Run]
    held_count: int
    packages: list[Package]
    package_count: int
    failed: list[Run]
    failed_count: int
    ending: list[Project]
    chores: list[Chore]
    chore_count: int
    broken_audit: AuditCheck | None
    reviews: list[Project]
    access_reviews: list[AccessReview]

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (
            self.study_count
            or self.held_count
            or self.package_count
            or self.failed_count
            or self.ending
            or self.chore_count
            or self.broken_audit
            or self.reviews
            or self.access_reviews
        )


def current_runs() -> QuerySet[Run]:
    """Return the run that counts of every live transfer."""
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    runs: QuerySet[Run] = Run.objects.filter(~Exists(newer), transfer__ended_at=None)
    return runs


def waiting_for(user: User) -> Waiting:
    """Return what needs this person."""
    studies = _unassigned(user)
    runs = (
        current_runs()
        .select_related("transfer__project", "transfer__participant", "transfer__event")
        .order_by("pk")
    )
    held = runs.filter(
        state=State.HELD,
        transfer__in=TransferRequest.objects.permitting(user, Permission.RESOLVE_FINDINGS),
    ).annotate(held_images=Count("outcomes", Q(outcomes__state="held")))
    failed = runs.filter(
        state=State.FAILED,
        # also once the approval has ended: what failed is then still to be cancelled
        transfer__in=TransferRequest.objects.permitting(user, Permission.CANCEL_TRANSFER),
    )
    packages = _held_packages(user)
    soon = timezone.localdate() + timedelta(days=WARN_BEFORE_DAYS[0])
    ending = Project.objects.permitting(user, Permission.MANAGE_PROJECT).filter(
        approval_end__lte=soon
    )
    chores = Chore.objects.filter(done_at=None).select_related("destination", "project")
    if not user.may(Permission.MANAGE_DESTINATIONS):
        chores = chores.none()
    return Waiting(
        studies=list(studies.prefetch_related("series")[:SHOWN]),
        study_count=studies.count(),
        held=list(held[:SHOWN]),
        held_count=held.count(),
        packages=list(packages[:SHOWN]),
        package_count=packages.count(),
        failed=list(failed[:SHOWN]),
        failed_count=failed.count(),
        ending=list(ending.order_by("approval_end")[:SHOWN]),
        chores=list(chores[:SHOWN]),
        chore_count=chores.count(),
        broken_audit=_broken_audit(user),
        reviews=list(_with_new_values(user)[:SHOWN]),
        access_reviews=list(reviews_waiting_for(user)[:SHOWN]),
    )


def _held_packages(user: User) -> QuerySet[Package]:
    """Return the packages that the check at the door holds, and that this person decides about."""
    mine = Project.objects.permitting(user, Permission.RESOLVE_FINDINGS)
    held = Package.objects.filter(state=PackageState.HELD, project__in=mine)
    packages: QuerySet[Package] = held.select_related("project").order_by("pk")
    return packages


def _with_new_values(user: User) -> QuerySet[Project]:
    """Return the projects this person judges in which judged elements got new values.

    `new_count` says in how many; `new_since` is when the first of them was opened again.
    """
    is_new = Q(elements__standing=Standing.NEW)
    mine = Project.objects.permitting(user, Permission.JUDGE)
    counted = mine.filter(is_new).annotate(
        new_count=Count("elements"), new_since=Min("elements__reopened_at")
    )
    projects: QuerySet[Project] = counted.order_by("new_since", "acronym")
    return projects


def _broken_audit(user: User) -> AuditCheck | None:
    """Return the last verification of the audit, for those who watch over it, if it found fault."""
    if not user.may(Permission.VIEW_AUDIT):
        return None
    check = AuditCheck.objects.first()
    return check if check is not None and not check.is_intact else None


def _unassigned(user: User) -> QuerySet[Study]:
    """Return the studies that this person may assign and that nobody has, oldest first."""
    live = TransferRequest.objects.live().filter(study=OuterRef("pk"))
    return Study.objects.visible_to(user).filter(~Exists(live)).order_by("first_received_at")


def under_way(user: User) -> list[Progress]:
    """Return the transfers and packages that are being worked on, newest first."""
    runs = (
        current_runs()
        .filter(state__in=UNDER_WAY, transfer__in=TransferRequest.objects.visible_to(user))
        .select_related("transfer__participant", "transfer__event")
        .annotate(
            deidentified_count=Count("outcomes", ~Q(outcomes__state="waiting")),
            verified_count=Count("outcomes", Q(outcomes__is_verified=True)),
            delivered_count=Count("outcomes", Q(outcomes__state="delivered")),
        )
    )
    packages = (
        Package.objects.visible_to(user)
        .filter(state__in=PACKAGE_MOVING)
        .select_related("project")
        .order_by("-pk")
    )
    return [
        *(_of_run(run) for run in runs[:SHOWN]),
        *(_of_package(package) for package in packages[:SHOWN]),
    ]


def _of_run(run: Run) -> Progress:
    """Count what the run's present step has done."""
    counts = vars(run)
    done = {
        State.REQUESTED: counts["deidentified_count"],
        State.DEIDENTIFIED: counts["verified_count"],
        State.VERIFIED: counts["delivered_count"],
    }[State(run.state)]
    transfer = run.transfer
    is_away = run.not_before is not None and run.not_before > timezone.now()
    return Progress(
        key=f"run-{run.pk}",
        name=f"{transfer.participant.pseudonym}, {transfer.event.name}",
        address=f"/transfers/{transfer.pk}/",
        done=done,
        total=run.received_count,
        sentence=run.reason if is_away and run.reason else DOING[State(run.state)],
    )


def _of_package(package: Package) -> Progress:
    return Progress(
        key=f"package-{package.pk}",
        name=f"Package for {package.project.acronym}",
        address=f"/exports/{package.project.acronym}/",
        done=package.done_count,
        total=package.total_count,
        sentence=f"Building a package, {package.get_format_display()}",
    )


def with_counts(projects: QuerySet[Project], user: User) -> QuerySet[Project]:
    """Add how many participants, studies, held, failed and moving ones a person sees of each."""
    theirs = within_sites(user, site="transfer__participant__site", project="transfer__project")
    runs = current_runs().filter(theirs, transfer__project=OuterRef("pk"))
    participants = Participant.objects.visible_to(user).filter(project=OuterRef("pk"))
    transfers = TransferRequest.objects.live().visible_to(user).filter(project=OuterRef("pk"))
    return projects.annotate(
        participant_count=_count(participants, "project"),
        study_count=_count(transfers, "project"),
        held_count=_count(runs.filter(state=State.HELD), "transfer__project"),
        failed_count=_count(runs.filter(state=State.FAILED), "transfer__project"),
        moving_count=_count(runs.filter(state__in=UNDER_WAY), "transfer__project"),
    )


def _count(rows: QuerySet, by: str) -> Coalesce:
    """Count rows of another table for each row of this one, without multiplying any."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def greeting_at(hour: int) -> str:
    """Say good morning, afternoon or evening."""
    if hour < 5 or hour >= 18:
        return "Good evening"
    return "Good morning" if hour < 12 else "Good afternoon"
