"""How a transfer is told on a page: stations, counts that add up, findings put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from transfers.balance import Balance, strike
from transfers.holding import FindingGroup, group_findings
from transfers.models import Delivery, Run, TransferRequest
from transfers.reconciling import Reconciliation, reconcile
from transfers.states import (
    RUN_MOVING,
    DeliveryState,
    OutcomeState,
    Proof,
    Source,
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


MADE_FROM = {
    Source.QUARANTINE: "The originals in quarantine.",
    Source.COPY: "The research copy: originals have left quarantine; dates and UIDs stayed as they "
    "were.",
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
class Told:
    """Everything a transfer's page shows of its latest run."""

    transfer: TransferRequest
    run: Run
    balance: Balance
    stations: list[Station]
    findings: list[FindingGroup]
    deliveries: list[Delivery]
    done: int
    total: int
    seconds_left: int | None

    @property
    def headline(self) -> str:
        """What is happening to a run that is moving, in numbers."""
        so_far = f"{self.done:,} of {self.total:,} images"
        if self.run.state != State.VERIFIED:
            return f"{self.label}: {so_far}"
        if any(d.state == DeliveryState.WAITING for d in self.deliveries):
            return f"Sending: {so_far} accepted"
        return f"Counting: {so_far} found there"

    @property
    def ending(self) -> str:
        """What is known of everything that was to leave, once it has left."""
        silent = [d.destination.name for d in self.deliveries if d.proof == Proof.ACCEPTED]
        if not silent:
            return "Everything that may leave has arrived."
        names = " and ".join(silent)
        return (
            f"Everything that may leave was accepted; {names} cannot be asked whether it is there."
        )

    @property
    def made_from(self) -> str:
        """What the run was made of, as a sentence."""
        return MADE_FROM[Source(self.run.source)]

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


def sign(transfer: TransferRequest, run: Run | None) -> tuple[str, str]:
    """Return the class and the word of a transfer's state; one that was ended is not its run's."""
    if transfer.is_live and run is not None:
        return PILLS[run.state], LABELS[run.state]
    return "wait", "Moved" if transfer.replaced_by_id else "Cancelled"


def tell(transfer: TransferRequest, run: Run) -> Told:
    """Put together what the pages show of a transfer."""
    sums = reconcile(run)
    deliveries = [one.delivery for one in sums.deliveries]
    done, total = _progress(run, sums)
    return Told(
        transfer=transfer,
        run=run,
        balance=strike(sums),
        stations=_stations(run, sums.counts, deliveries),
        findings=group_findings(run.findings.undecided().exclude(kind="pixels")),
        deliveries=deliveries,
        done=done,
        total=total,
        seconds_left=_seconds_left(run, done, total),
    )


def images(count: int) -> str:
    """Say a number of instances."""
    return f"{count:,} image{'' if count == 1 else 's'}"


def _progress(run: Run, sums: Reconciliation) -> tuple[int, int]:
    """Return how much of the step under way is done."""
    total = run.received_count - sums.counts[OutcomeState.LEFT_OUT]
    if run.state == State.REQUESTED:
        return total - sums.counts[OutcomeState.WAITING], total
    if run.state == State.DEIDENTIFIED:
        unverified = run.outcomes.filter(state=OutcomeState.MOVING, is_verified=False).count()
        return total - unverified, total
    if run.state == State.VERIFIED:
        sending = [one for one in sums.deliveries if one.delivery.state == DeliveryState.WAITING]
        under_way = sending or sums.deliveries
        done = sum(one.tally.accepted if sending else one.tally.counted for one in under_way)
        return done, sum(one.tally.to_send for one in under_way)
    return total, total


def _seconds_left(run: Run, done: int, total: int) -> int | None:
    """Guess from the pace so far; None before there is one."""
    begun = {State.REQUESTED: run.created_at, State.DEIDENTIFIED: run.deidentified_at}.get(
        State(run.state), run.verified_at
    )
    counting = run.deliveries.filter(state=DeliveryState.COUNTING)
    if not begun or not done or done >= total or counting.exists():
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
        DeliveryState.COUNTING: "now",
        DeliveryState.RECALLING: "now",
        DeliveryState.BY_HAND: "stop",
        DeliveryState.SHORT: "bad",
        DeliveryState.FAILED: "bad",
    }.get(DeliveryState(delivery.state), "")
    fact, note = delivery.get_state_display(), delivery.reason
    if delivery.state == DeliveryState.DELIVERED:
        how = {Proof.ACCEPTED: "accepted", Proof.COUNTED: "counted", Proof.COMMITTED: "committed"}
        fact = f"{images(delivery.confirmed_count)} {how.get(Proof(delivery.proof), 'confirmed')}"
    elif delivery.state in {DeliveryState.COUNTING, DeliveryState.SHORT}:  # told in numbers below
        note = ""
    return Station(delivery.destination.name, fact, delivery.ended_at, mark, note)
