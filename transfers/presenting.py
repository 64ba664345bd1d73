"""How a transfer is told on a page: stations, counts that add up, findings put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from transfers.models import Delivery, Finding, Run, TransferRequest
from transfers.states import (
    RUN_MOVING,
    DeliveryState,
    FindingVerdict,
    OutcomeState,
    State,
)

PILLS: dict[str, str] = {
    State.REQUESTED: "wait",
    State.DEIDENTIFIED: "wait",
    State.VERIFIED: "wait",
    State.DELIVERED: "done",
    State.HELD: "held",
    State.FAILED: "fail",
    State.CANCELLED: "wait",
}
LABELS: dict[str, str] = {
    State.REQUESTED: "De-identifying",
    State.DEIDENTIFIED: "Verifying",
    State.VERIFIED: "Delivering",
    State.DELIVERED: "Delivered",
    State.HELD: "Held",
    State.FAILED: "Failed",
    State.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class Station:
    """One stop on the way: its name, what passed it, and whether it is behind us."""

    name: str
    fact: str
    at: datetime | None = None
    mark: str = ""  # ok, now, stop, bad, or empty for what lies ahead
    note: str = ""


@dataclass(frozen=True)
class FindingGroup:
    """Identical findings of one run: a person decides once for all of them."""

    finding: Finding
    instance_count: int


@dataclass(frozen=True)
class Told:
    """Everything a transfer's page shows of its latest run."""

    transfer: TransferRequest
    run: Run
    counts: list[tuple[str, int]]
    stations: list[Station]
    findings: list[FindingGroup]
    deliveries: list[Delivery]
    done: int
    total: int
    seconds_left: int | None

    @property
    def is_moving(self) -> bool:
        """Whether the page should look again soon."""
        return (
            self.run.state in RUN_MOVING
            or self.run.state == State.VERIFIED
            or any(d.state == DeliveryState.RECALLING for d in self.deliveries)
        )

    @property
    def taken_back(self) -> str:
        """What became of the copies of a transfer that was ended, as a sentence; may be empty."""
        states = {delivery.state for delivery in self.deliveries}
        if DeliveryState.BY_HAND in states:
            return "An administrator must take a copy back by hand."
        if DeliveryState.RECALLING in states:
            return "What was sent is being taken back."
        return "What was sent was taken back." if DeliveryState.RECALLED in states else ""

    @property
    def pill(self) -> str:
        """The class of the state's sign."""
        return sign(self.transfer, self.run)[0]

    @property
    def label(self) -> str:
        """The state in a word."""
        return sign(self.transfer, self.run)[1]

    @property
    def adds_up(self) -> bool:
        """Whether the outcomes account for everything that was received."""
        return sum(n for _, n in self.counts) == self.run.received_count


def sign(transfer: TransferRequest, run: Run | None) -> tuple[str, str]:
    """Return the class and the word of a transfer's state; one that was ended is not its run's."""
    if transfer.is_live and run is not None:
        return PILLS[run.state], LABELS[run.state]
    return "wait", "Moved" if transfer.replaced_by_id else "Cancelled"


def tell(transfer: TransferRequest, run: Run) -> Told:
    """Put together what the pages show of a transfer."""
    counts = run.counts()
    deliveries = list(run.deliveries.select_related("destination"))
    done, total = _progress(run, counts)
    return Told(
        transfer=transfer,
        run=run,
        counts=[(OutcomeState(s).label, n) for s, n in counts.items()],
        stations=_stations(run, counts, deliveries),
        findings=group_findings(run.findings.filter(verdict=FindingVerdict.OPEN)),
        deliveries=deliveries,
        done=done,
        total=total,
        seconds_left=_seconds_left(run, done, total),
    )


def group_findings(findings: QuerySet[Finding]) -> list[FindingGroup]:
    """Put identical findings together, the surest and most frequent first."""
    rows = (
        findings.values("run", "fingerprint")
        .annotate(first=Min("pk"), n=Count("outcome", distinct=True))
        .order_by("-n", "first")
    )
    firsts = Finding.objects.select_related("run__transfer__project", "outcome__series").in_bulk(
        [row["first"] for row in rows]
    )
    groups = [FindingGroup(firsts[row["first"]], row["n"]) for row in rows]
    order = {"certain": 0, "likely": 1, "possible": 2}
    return sorted(groups, key=lambda group: order.get(group.finding.sure, 3))


def images(count: int) -> str:
    """Say a number of instances."""
    return f"{count:,} image{'' if count == 1 else 's'}"


def _progress(run: Run, counts: dict[str, int]) -> tuple[int, int]:
    """Return how much of the step under way is done."""
    total = run.received_count - counts[OutcomeState.LEFT_OUT]
    if run.state == State.REQUESTED:
        return total - counts[OutcomeState.WAITING], total
    if run.state == State.DEIDENTIFIED:
        unverified = run.outcomes.filter(state=OutcomeState.MOVING, is_verified=False).count()
        return total - unverified, total
    if run.state == State.VERIFIED:
        leaving = run.outcomes.filter(is_verified=True).count()
        confirmed = run.ledger.filter(~Q(confirmed_at=None), withdrawn_at=None).count()
        return min(confirmed, leaving), leaving
    return total, total


def _seconds_left(run: Run, done: int, total: int) -> int | None:
    """Guess from the pace so far; None before there is one."""
    begun = {State.REQUESTED: run.created_at, State.DEIDENTIFIED: run.deidentified_at}.get(
        State(run.state), run.verified_at
    )
    if not begun or not done or done >= total:
        return None
    passed = (timezone.now() - begun).total_seconds()
    return round(passed / done * (total - done))


def _stations(run: Run, counts: dict[str, int], deliveries: Iterable[Delivery]) -> list[Station]:
    held = counts[OutcomeState.HELD]
    rejected = counts[OutcomeState.REJECTED]
    deidentified = run.outcomes.exclude(sop_instance_uid="").count()
    verified = run.outcomes.filter(is_verified=True).count()
    stations = [
        Station("Received", images(run.received_count), run.created_at, "ok"),
        Station(
            "De-identified",
            images(deidentified),
            run.deidentified_at,
            _mark(run, State.REQUESTED, done=run.deidentified_at is not None),
            f"plan v{run.plan_version.number}",
        ),
        Station(
            "Verified",
            f"{images(verified)}" + (f", {held:,} held" if held else ""),
            run.verified_at,
            "stop" if held else _mark(run, State.DEIDENTIFIED, done=run.verified_at is not None),
            f"{rejected:,} rejected" if rejected else "",
        ),
    ]
    for delivery in deliveries:
        stations.append(_delivery_station(delivery))
    if not stations[3:]:
        stations.append(
            Station(
                "Research copy",
                images(counts[OutcomeState.DELIVERED]),
                run.delivered_at,
                _mark(run, State.VERIFIED, done=run.delivered_at is not None),
                "" if run.delivered_at else "waits",
            )
        )
    return stations


def _mark(run: Run, during: State, *, done: bool) -> str:
    if done:
        return "ok"
    if run.state == during:
        return "now"
    return "bad" if run.state == State.FAILED else ""


def _delivery_station(delivery: Delivery) -> Station:
    mark = {
        DeliveryState.DELIVERED: "ok",
        DeliveryState.WAITING: "now",
        DeliveryState.RECALLING: "now",
        DeliveryState.BY_HAND: "stop",
        DeliveryState.FAILED: "bad",
    }.get(DeliveryState(delivery.state), "")
    fact = (
        f"{images(delivery.confirmed_count)} confirmed"
        if delivery.state == DeliveryState.DELIVERED
        else delivery.get_state_display()
    )
    return Station(delivery.destination.name, fact, delivery.ended_at, mark, delivery.reason)
