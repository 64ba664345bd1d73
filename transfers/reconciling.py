"""Where every instance of a run is: one outcome each, and what each destination said of it.

Everything is read from the database by one question, which counts by series, outcome and what
the ledgers say; pages, REST and the record of a transfer show the same numbers.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, IntegerField, Subquery, Value, When

from intake.models import Series
from transfers.models import Delivery, LedgerEntry, Run
from transfers.models.deliveries import LEAVING
from transfers.states import OutcomeState

ACCEPTED, COUNTED, COMMITTED, MISSING, CONFIRMED, REFUSED, REMARK = 1, 2, 4, 8, 16, 32, 64


@dataclass
class Tally:
    """How many instances are to be at a destination, and how far each has got.

    `to_send` is `confirmed` + `missing` + `refused` + `under_way`. `remarks` were accepted with a
    warning (status 0xBxxx, PS3.4 Table B.2-1).
    """

    to_send: int = 0
    accepted: int = 0
    counted: int = 0
    committed: int = 0
    confirmed: int = 0
    missing: int = 0
    refused: int = 0
    remarks: int = 0

    @property
    def under_way(self) -> int:
        """How many have neither arrived nor fallen short yet."""
        return self.to_send - self.confirmed - self.missing - self.refused

    @property
    def is_well(self) -> bool:
        """Whether everything is confirmed."""
        return self.confirmed == self.to_send

    def add(self, mark: int, n: int) -> None:
        """Count instances of which the ledger says the same."""
        self.to_send += n
        self.accepted += n * bool(mark & ACCEPTED)
        self.counted += n * bool(mark & COUNTED)
        self.committed += n * bool(mark & COMMITTED)
        self.confirmed += n * bool(mark & CONFIRMED)
        self.missing += n * bool(mark & MISSING)
        self.refused += n * bool(mark & REFUSED)
        self.remarks += n * bool(mark & REMARK)


@dataclass
class SeriesSums:
    """One series: what was received of it, what became of that, and what is at each destination.

    `number` and `modality` are empty, and `series_instance_uid` is, where neither the quarantine
    nor the research copy knows them (any more). The UID is the pseudonymous one.
    """

    number: int | None = None
    modality: str = ""
    series_instance_uid: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    tallies: dict[int, Tally] = field(default_factory=dict)

    @property
    def received(self) -> int:
        """How many instances of it the run knows."""
        return sum(self.counts.values())

    @property
    def is_well(self) -> bool:
        """Whether nothing waits, is held or is missing anywhere."""
        rest = {OutcomeState.WAITING, OutcomeState.MOVING, OutcomeState.HELD}
        return not any(self.counts[state] for state in rest) and all(
            tally.is_well for tally in self.tallies.values()
        )


@dataclass(frozen=True)
class DeliverySums:
    """One destination's part of a run in numbers."""

    delivery: Delivery
    tally: Tally


@dataclass(frozen=True)
class Reconciliation:
    """All instances of a run, by outcome, by series and by destination."""

    received: int
    counts: dict[str, int]
    series: list[SeriesSums]
    deliveries: list[DeliverySums]

    @property
    def adds_up(self) -> bool:
        """Whether the outcomes account for everything that was received, in sum and by series."""
        by_series = sum((series.counts for series in self.series), Counter())
        return sum(self.counts.values()) == self.received and +by_series == +Counter(self.counts)

    @property
    def is_well(self) -> bool:
        """Whether every series is where it should be."""
        return all(series.is_well for series in self.series)


def reconcile(run: Run) -> Reconciliation:
    """Count a run's instances by what became of them, and by what each destination said."""
    deliveries = list(run.deliveries.select_related("destination"))
    marks = {f"mark_{one.pk}": _mark(one.destination_id) for one in deliveries}
    rows = (
        run.outcomes.annotate(**marks)
        .values("series", "series_instance_uid", "state", "is_verified", *marks)
        .annotate(n=Count("pk"))
    )
    told: dict[object, SeriesSums] = {}
    tallies = {one.pk: Tally() for one in deliveries}
    counts: Counter[str] = Counter(dict.fromkeys(OutcomeState.values, 0))
    for row in rows:
        key = row["series"] or row["series_instance_uid"]
        series = told.setdefault(key, SeriesSums(tallies={one.pk: Tally() for one in deliveries}))
        series.series_instance_uid = series.series_instance_uid or row["series_instance_uid"]
        series.counts[row["state"]] += row["n"]
        counts[row["state"]] += row["n"]
        if row["state"] not in LEAVING or not row["is_verified"]:
            continue
        for one in deliveries:
            for tally in (series.tallies[one.pk], tallies[one.pk]):
                tally.add(row[f"mark_{one.pk}"] or 0, row["n"])
    _name(told)
    return Reconciliation(
        received=run.received_count,
        counts=dict(counts),
        series=sorted(told.values(), key=_order),
        deliveries=[DeliverySums(one, tallies[one.pk]) for one in deliveries],
    )


def _mark(destination_id: int) -> Subquery:
    """Say in one number what a destination's ledger notes of an outcome's very bytes."""
    noted: dict[int, dict[str, Any]] = {
        ACCEPTED: {"accepted_at__isnull": False},
        COUNTED: {"counted_at__isnull": False},
        COMMITTED: {"committed_at__isnull": False},
        MISSING: {"missing_at__isnull": False},
        CONFIRMED: {"confirmed_at__isnull": False},
        REFUSED: {"accepted_at__isnull": True, "status__isnull": False},
        REMARK: {"accepted_at__isnull": False, "status__gte": 0xB000, "status__lt": 0xC000},
    }
    total = sum(
        (
            Case(When(then=Value(bit), **condition), default=Value(0), output_field=IntegerField())
            for bit, condition in noted.items()
        ),
        Value(0),
    )
    entries = LedgerEntry.objects.of_outcomes(destination_id)
    return Subquery(entries.annotate(mark=total).values("mark")[:1])


def _name(told: dict[object, SeriesSums]) -> None:
    """Add what the quarantine says of each series that it still has."""
    known = Series.objects.in_bulk([key for key in told if isinstance(key, int)])
    for key, series in known.items():
        told[key].number, told[key].modality = series.series_number, series.modality


def _order(series: SeriesSums) -> tuple[bool, int, str]:
    return series.number is None, series.number or 0, series.series_instance_uid
