"""What is held, put together for the person who decides: once for all that is alike."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, When

from deidentify.ruling import plain_path
from intake.models import Series
from projects.models import User, within_sites
from transfers.models import Delivery, Finding, Outcome, Run
from transfers.places import SURE, place, what, why_no_rule
from transfers.states import UNDECIDED, FindingVerdict, OutcomeState

Row = dict[str, Any]
SURENESS = Case(When(sure="certain", then=0), When(sure="likely", then=1), default=2)


@dataclass
class SeriesShare:
    """How many images of one series a group is about, how many could be stopped, and have left."""

    series: int | None
    number: int | None
    modality: str
    instances: int
    stoppable: int = 0
    sent: int = 0


@dataclass
class FindingGroup:
    """Identical findings of one run: a person decides once for all of them.

    Attributes:
        finding: the first of them.
        instance_count: in how many instances they are.
        stuck_count: instances that something else holds as well.
        elsewhere_runs, elsewhere_count: other transfers and their instances with the same finding.
        shares: the same by series.
    """

    finding: Finding
    instance_count: int = 0
    stuck_count: int = 0
    elsewhere_runs: int = 0
    elsewhere_count: int = 0
    shares: list[SeriesShare] = field(default_factory=list)

    @property
    def what(self) -> str:
        """What was found, and where."""
        return what(self.finding.kind, self.finding.path, self.finding.sentence)

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return place(self.finding.path)

    @property
    def known_by(self) -> str:
        """The attribute of the original that told what to search for; may be empty."""
        return place(self.finding.source_path) if plain_path(self.finding.source_path) else ""

    @property
    def sure(self) -> str:
        """How sure the check is."""
        return SURE.get(self.finding.sure, self.finding.sure)

    @property
    def sent_count(self) -> int:
        """Other instances of the same series that have left already."""
        return sum(share.sent for share in self.shares)

    @property
    def go_on_count(self) -> int:
        """Instances that a release would free."""
        return self.instance_count - self.stuck_count

    @property
    def is_awaiting(self) -> bool:
        """Whether somebody has released it and a second person is missing."""
        return self.finding.verdict == FindingVerdict.AWAITING

    @property
    def may_be_released(self) -> bool:
        """Whether there is something that could leave."""
        return self.finding.kind != "unreadable"

    @property
    def why_no_rule(self) -> str:
        """Why no rule can be made because of it; empty if one can."""
        return why_no_rule(self.finding.kind, self.finding.path)


@dataclass
class HeldRun:
    """One run on the desk: its groups, of which the first are shown, and its pictures.

    `modalities` are those of its study, in order, to tell it from others of the participant.
    """

    run: Run
    groups: list[FindingGroup] = field(default_factory=list)
    hidden_count: int = 0
    picture_count: int = 0
    held_count: int = 0
    modalities: list[str] = field(default_factory=list)


def group_findings(findings: QuerySet[Finding], most: int | None = None) -> list[FindingGroup]:
    """Put identical findings together, the surest and most frequent first.

    Args:
        findings: of any number of runs.
        most: groups of each run that are fetched; all if None.
    """
    return [group for groups, _ in _grouped(findings, most).values() for group in groups]


def held_runs(runs: Iterable[Run], most: int, kind: str = "", *, user: User) -> list[HeldRun]:
    """Tell what runs hold, in a number of queries that does not depend on how many they are.

    What is held elsewhere is counted as far as `user` decides about it.
    """
    runs = list(runs)
    holding = Finding.objects.holding().filter(run__in=runs)
    pictures = dict(
        holding.filter(kind="pixels")
        .order_by()
        .values_list("run")
        .annotate(n=Count("outcome", distinct=True))
    )
    held = dict(holding.order_by().values_list("run").annotate(n=Count("outcome", distinct=True)))
    others = holding.exclude(kind="pixels")
    grouped = _grouped(others.filter(kind=kind) if kind else others, most)
    groups = [group for shown, _ in grouped.values() for group in shown]
    _add_elsewhere(groups, runs, user)
    _add_series(groups, runs)
    modalities = _modalities(runs)
    desks = []
    for run in runs:
        shown, hidden = grouped.get(run.pk, ([], 0))
        kinds = modalities[run.transfer.study_id]
        counts = pictures.get(run.pk, 0), held.get(run.pk, 0)
        desks.append(HeldRun(run, shown, hidden, *counts, kinds))
    return desks


def _modalities(runs: Iterable[Run]) -> dict[int | None, list[str]]:
    studies = {run.transfer.study_id for run in runs}
    found: dict[int | None, list[str]] = defaultdict(list)
    series = Series.objects.filter(study__in=studies - {None}).exclude(modality="")
    for study, modality in series.order_by("modality").values_list("study", "modality").distinct():
        found[study].append(modality)
    return found


def _grouped(
    findings: QuerySet[Finding], most: int | None
) -> dict[int, tuple[list[FindingGroup], int]]:
    """Return, by run, its groups and how many more there are."""
    other = Finding.objects.filter(outcome=OuterRef("outcome"), verdict__in=UNDECIDED).exclude(
        fingerprint=OuterRef("fingerprint")
    )
    rows: Any = (
        findings.order_by()
        .values(
            "run",
            "fingerprint",
            "verdict",
            "outcome__series",
            "outcome__series__series_number",
            "outcome__series__modality",
        )
        .annotate(
            first=Min("pk"),
            rank=Min(SURENESS),
            n=Count("outcome", distinct=True),
            stuck=Count("outcome", filter=Q(Exists(other)), distinct=True),
        )
    )
    alike: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        alike[row["run"], row["fingerprint"], row["verdict"]].append(row)
    by_run: dict[int, list[list[Row]]] = defaultdict(list)
    for (run, _, _), parts in alike.items():
        by_run[run].append(parts)
    shown = {run: sorted(groups, key=_rank)[:most] for run, groups in by_run.items()}
    firsts = Finding.objects.select_related("verdict_by", "run__transfer__project").in_bulk(
        [min(part["first"] for part in parts) for groups in shown.values() for parts in groups]
    )
    return {
        run: ([_group(parts, firsts) for parts in groups], len(by_run[run]) - len(groups))
        for run, groups in shown.items()
    }


def _rank(parts: list[Row]) -> tuple[int, int, int]:
    surest = min(part["rank"] for part in parts)
    return surest, -sum(part["n"] for part in parts), min(part["first"] for part in parts)


def _group(parts: list[Row], firsts: dict[int, Finding]) -> FindingGroup:
    shares = [
        SeriesShare(
            part["outcome__series"],
            part["outcome__series__series_number"],
            str(part["outcome__series__modality"] or ""),
            part["n"],
        )
        for part in sorted(parts, key=lambda part: -part["n"])
    ]
    return FindingGroup(
        finding=firsts[min(part["first"] for part in parts)],
        instance_count=sum(part["n"] for part in parts),
        stuck_count=sum(part["stuck"] for part in parts),
        shares=shares,
    )


def _add_elsewhere(groups: Collection[FindingGroup], runs: Collection[Run], user: User) -> None:
    """Count where else in the same project the same is held: a verdict counts there, too."""
    projects = {run.pk: run.transfer.project_id for run in runs}
    rows = (
        Finding.objects.holding()
        .filter(
            within_sites(
                user,
                site="run__transfer__participant__site",
                project="run__transfer__project",
            ),
            fingerprint__in={group.finding.fingerprint for group in groups},
            run__transfer__project__in=set(projects.values()),
        )
        .order_by()
        .values_list("run__transfer__project", "fingerprint")
        .annotate(runs=Count("run", distinct=True), n=Count("outcome", distinct=True))
    )
    everywhere = {(project, mark): (runs, n) for project, mark, runs, n in rows}
    for group in groups:
        key = projects[group.finding.run_id], group.finding.fingerprint
        runs_there, instances = everywhere.get(key, (1, group.instance_count))
        group.elsewhere_runs = max(runs_there - 1, 0)
        group.elsewhere_count = max(instances - group.instance_count, 0)


def _add_series(groups: Collection[FindingGroup], runs: Collection[Run]) -> None:
    """Count what of each series a rejection could still stop, and what has left already."""
    rows = (
        Outcome.objects.filter(run__in=runs)
        .order_by()
        .values_list("run", "series", "state")
        .annotate(n=Count("pk"))
    )
    counts = {(run, series, state): n for run, series, state, n in rows}
    sending = set(Delivery.objects.filter(run__in=runs).values_list("run", flat=True))
    for group in groups:
        run = group.finding.run_id
        for share in group.shares:
            held, moving, sent = (
                counts.get((run, share.series, state), 0)
                for state in (OutcomeState.HELD, OutcomeState.MOVING, OutcomeState.DELIVERED)
            )
            is_on_the_wire = run in sending
            share.stoppable = held if is_on_the_wire else held + moving
            share.sent = sent + moving if is_on_the_wire else sent
