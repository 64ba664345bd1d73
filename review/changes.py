"""How a project's plan came to be what it is, and what each change did to the data.

Versions are read with who, when, why and what differs; how far the transfers are that a version
makes run again; and, summed over them, which elements came out differently.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet

from projects.models import Project
from review.models import Element, IndexState, ResearchStudy
from transfers.models import Difference, PlanVersion, Renewal, Run
from transfers.places import place
from transfers.rule_words import differences_said
from transfers.screening import screen_for_project
from transfers.states import RUN_MOVING, RenewalState, State


@dataclass
class Progress:
    """How far the transfers are that a version makes run again."""

    waiting: int = 0
    running: int = 0
    held: int = 0
    failed: int = 0
    done: int = 0
    refused: int = 0
    indexing: int = 0

    @property
    def total(self) -> int:
        """All that were asked for."""
        return self.waiting + self.running + self.held + self.failed + self.done + self.refused

    @property
    def settled(self) -> int:
        """Those of which nothing more is to be expected without a person."""
        return self.total - self.waiting - self.running

    @property
    def is_moving(self) -> bool:
        """Whether the page should look again soon."""
        return bool(self.waiting or self.running or self.indexing)

    @property
    def percent(self) -> int:
        """How much is behind, for a bar."""
        return round(100 * self.settled / self.total) if self.total else 100


@dataclass(frozen=True)
class Change:
    """One version of the plan: what differs from the one before, and how the data stands to it.

    Attributes:
        reason: as it was typed, or that it is withheld.
        by_it: transfers whose latest run went by it.
    """

    version: PlanVersion
    reason: str
    differs: list[str]
    progress: Progress
    by_it: int
    is_present: bool


@dataclass(frozen=True)
class ChangedElement:
    """One element that came out differently: its path, in words, how, in how many images."""

    path: str
    words: str
    what: str
    instance_count: int
    element: int | None


@dataclass
class Comparison:
    """What the runs of one version changed, against the runs before."""

    run_count: int = 0
    compared_count: int = 0
    changed_count: int = 0
    elements: list[ChangedElement] = field(default_factory=list)


def changes_of(project: Project) -> list[Change]:
    """Return all versions of a project's plan, the newest first."""
    versions = list(project.plan_versions.select_related("created_by", "rolled_back_to"))
    by_number = {version.number: version for version in versions}
    screen = screen_for_project(project)
    progress = _progress(Renewal.objects.filter(version__project=project))
    by_it = dict(
        latest_runs(project).order_by().values_list("plan_version").annotate(n=Count("pk"))
    )
    return [
        Change(
            version=version,
            reason=screen(version.reason),
            differs=differences_said(by_number.get(version.number - 1), version),
            progress=progress.get(version.pk, Progress()),
            by_it=by_it.get(version.pk, 0),
            is_present=place_ == 0,
        )
        for place_, version in enumerate(versions)
    ]


def latest_runs(project: Project) -> QuerySet[Run]:
    """Return the run that counts of each live transfer."""
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    runs: QuerySet[Run] = Run.objects.filter(
        ~Exists(newer), transfer__project=project, transfer__ended_at=None
    )
    return runs


def progress_of(version: PlanVersion) -> Progress:
    """Return how far a version's transfers are, and how many of them wait to be indexed."""
    found = _progress(version.renewals.all()).get(version.pk, Progress())
    renewed = version.renewals.filter(state=RenewalState.STARTED).values("transfer")
    found.indexing = ResearchStudy.objects.filter(
        transfer__in=renewed, state=IndexState.WAITING
    ).count()
    return found


def comparison_of(version: PlanVersion) -> Comparison:
    """Sum what the runs of a version changed; two runs by the same version are not compared."""
    rows = Difference.objects.filter(run__plan_version=version).exclude(
        earlier__plan_version=version
    )
    found, sums = Comparison(), Counter[tuple[str, str]]()
    for row in rows.iterator():
        found.run_count += 1
        found.compared_count += row.compared_count
        found.changed_count += row.changed_count
        for path, _, what, number in row.elements:
            sums[path, what] += number
    known = _known(version.project, {path for path, _ in sums})
    found.elements = [
        ChangedElement(path, place(path), what, number, known.get(path))
        for (path, what), number in sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    ]
    return found


def _known(project: Project, paths: Iterable[str]) -> dict[str, int]:
    """Return the elements of the index that are there still, by path."""
    rows = Element.objects.filter(project=project, path__in=list(paths)[:500])
    return dict(rows.values_list("path", "pk"))


def _progress(renewals: QuerySet[Renewal]) -> dict[int, Progress]:
    """Count renewals by version, by how far their runs are."""
    rows = renewals.order_by().values_list("version", "state", "run__state").annotate(n=Count("pk"))
    found: dict[int, Progress] = {}
    for version, state, run_state, number in rows:
        name = _name(state, run_state)
        sums = found.setdefault(version, Progress())
        setattr(sums, name, getattr(sums, name) + number)
    return found


def _name(state: str, run_state: str | None) -> str:
    if state == RenewalState.WAITING:
        return "waiting"
    if state == RenewalState.REFUSED:
        return "refused"
    if run_state in RUN_MOVING:
        return "running"
    return {State.HELD: "held", State.FAILED: "failed"}.get(State(run_state or "cancelled"), "done")
