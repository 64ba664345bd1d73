"""The sums of a transfer as its page tells them: by destination, by series, in words."""

from collections import Counter
from dataclasses import dataclass

from transfers.models import Delivery
from transfers.pipeline.counting import RESEND_CAP
from transfers.reconciling import DeliverySums, Reconciliation, SeriesSums, Tally
from transfers.states import AskedBy, DeliveryState, OutcomeState, Proof

SIGNS: dict[str, tuple[str, str]] = {
    DeliveryState.WAITING: ("wait", "Sending"),
    DeliveryState.COUNTING: ("wait", "Counting"),
    DeliveryState.DELIVERED: ("done", "Confirmed"),
    DeliveryState.SHORT: ("fail", "Images missing"),
    DeliveryState.RECALLING: ("wait", "Taking back"),
    DeliveryState.RECALLED: ("wait", "Taken back"),
    DeliveryState.BY_HAND: ("held", "Waits for a person"),
    DeliveryState.FAILED: ("fail", "Failed"),
    DeliveryState.CANCELLED: ("wait", "Cancelled"),
}
PROVEN: dict[str, str] = {
    Proof.ACCEPTED: "Accepted, not counted: this destination cannot be asked.",
    Proof.COUNTED: "It was asked afterwards, and has them all.",
    Proof.COMMITTED: "It was asked afterwards, and has promised to keep them all.",
}
MANY_SERIES = 15
ALWAYS_SHOWN = (OutcomeState.DELIVERED, OutcomeState.HELD, OutcomeState.REJECTED)
COLUMNS = (*ALWAYS_SHOWN, *(state for state in OutcomeState if state not in ALWAYS_SHOWN))


@dataclass(frozen=True)
class DestinationLine:
    """One destination: numbers, how they were come by, and what to do if they fall short."""

    delivery: Delivery
    tally: Tally
    pill: str
    label: str
    counted: str
    committed: str
    sentences: list[str]


@dataclass(frozen=True)
class SeriesLine:
    """One series: what was received of it, what became of that, what is at each destination."""

    name: str
    received: int
    counts: list[tuple[str, int]]
    places: list[tuple[str, str]]
    is_well: bool


@dataclass(frozen=True)
class Balance:
    """What the page shows of a run's instances; `total` is the sum of all series."""

    received: int
    series: list[SeriesLine]
    total: SeriesLine
    destinations: list[DestinationLine]
    adds_up: bool
    is_well: bool

    @property
    def sum(self) -> str:
        """Say how the outcomes add up to what was received."""
        parts = [f"{n:,} {label.lower()}" for label, n in self.total.counts if n]
        sign = "=" if self.adds_up else "≠"
        return f"{self.received:,} received {sign} {' + '.join(parts) or 'nothing'}"

    @property
    def is_long(self) -> bool:
        """Whether the series need a frame of their own to scroll in."""
        return len(self.series) > MANY_SERIES

    @property
    def has_commitment(self) -> bool:
        """Whether a column for it says anything."""
        return any(line.committed for line in self.destinations)


def strike(sums: Reconciliation) -> Balance:
    """Put the numbers of a run into lines and words."""
    states = [state for state in COLUMNS if state in ALWAYS_SHOWN or sums.counts[state]]
    total = SeriesSums(
        counts=Counter(sums.counts), tallies={one.delivery.pk: one.tally for one in sums.deliveries}
    )
    return Balance(
        received=sums.received,
        series=[_series_line(one, series_name(one), states, sums) for one in sums.series],
        total=_series_line(total, "All series", states, sums),
        destinations=[line_of(one) for one in sums.deliveries],
        adds_up=sums.adds_up,
        is_well=sums.is_well and sums.adds_up,
    )


def series_name(series: SeriesSums) -> str:
    """Name a series without a word of what its header says of the patient."""
    number = "" if series.number is None else f"Series {series.number}"
    if said := ", ".join(part for part in (number, series.modality) if part):
        return said
    uid = series.series_instance_uid
    return f"Series …{uid[-8:]}" if uid else "No longer in quarantine"


def how_many_of(tally: Tally) -> str:
    """Say how much of one series a destination has."""
    if not tally.to_send:
        return "nothing to send"
    if tally.is_well:
        return f"all {tally.confirmed}"
    said = f"{tally.confirmed} of {tally.to_send}"
    if tally.missing or tally.refused:
        parts = {"missing": tally.missing, "refused": tally.refused}
        return ", ".join([said, *(f"{n} {word}" for word, n in parts.items() if n)])
    return f"{max(tally.confirmed, tally.counted)} of {tally.to_send} so far"


def _series_line(
    series: SeriesSums, name: str, states: list[OutcomeState], sums: Reconciliation
) -> SeriesLine:
    return SeriesLine(
        name=name,
        received=series.received,
        counts=[(state.label, series.counts[state]) for state in states],
        places=[
            (one.delivery.destination.name, how_many_of(series.tallies[one.delivery.pk]))
            for one in sums.deliveries
        ],
        is_well=series.is_well,
    )


def line_of(sums: DeliverySums) -> DestinationLine:
    """Tell one destination's part."""
    delivery, tally = sums.delivery, sums.tally
    pill, label = SIGNS[delivery.state]
    if delivery.state == DeliveryState.DELIVERED and delivery.proof == Proof.ACCEPTED:
        label = "Accepted"
    cannot_be_asked = delivery.proof == Proof.ACCEPTED or (
        delivery.destination.asked_by == AskedBy.NOTHING
    )
    return DestinationLine(
        delivery=delivery,
        tally=tally,
        pill=pill,
        label=label,
        counted="–" if cannot_be_asked and not tally.counted else f"{tally.counted:,}",
        committed=f"{tally.committed:,}" if delivery.destination.commits else "",
        sentences=_sentences(delivery, tally),
    )


def _sentences(delivery: Delivery, tally: Tally) -> list[str]:
    if delivery.state == DeliveryState.DELIVERED:
        said = [PROVEN.get(delivery.proof, "")]
    else:
        said = [delivery.reason]
    if delivery.state == DeliveryState.WAITING and delivery.resent_count:
        said.append(f"What is missing is sent again, {delivery.resent_count} of {RESEND_CAP}.")
    if delivery.state == DeliveryState.SHORT:
        said.append(
            "Sending them again did not help: ask its administrator what became of them, and then "
            "try again here."
        )
    if tally.remarks:
        verb = "image was" if tally.remarks == 1 else "images were"
        said.append(f"{tally.remarks} {verb} stored with a remark.")
    return [sentence for sentence in said if sentence]
