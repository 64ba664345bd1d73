"""Where each series of a package goes in the data set, decided before anything is converted.

Series that would have the same name get run numbers, in the order of the package, so that a worker
who takes over from a killed one gives the same names.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from exports.bids.entities import SUFFIXES
from exports.bids.kinds import Kind
from exports.bids.labels import labels_of
from exports.bids.mapping import Mapping
from exports.bids.rows import Row


class SeriesLike(Protocol):
    """What is known of a series of a package (exports.choosing.Series)."""

    @property
    def series(self) -> int: ...
    @property
    def participant(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def modality(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def known_as(self) -> str: ...
    @property
    def image_type(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """Where one series goes.

    Args:
        row: what the mapping says of its kind.
        entities: sub, ses, what the row says, and run where there are several.
    """

    row: Row
    entities: dict[str, str]

    @property
    def top(self) -> str:
        """The folder of its participant and event: `sub-01/ses-baseline`."""
        return f"sub-{self.entities['sub']}/ses-{self.entities['ses']}"


def row_of(series: SeriesLike, mapping: Mapping) -> Row:
    """Return what the mapping says of a series, known by its description in the research copy.

    A guess is made of what goes out alone: its labels end up in the names of files.
    """
    image_type = series.image_type.split("\\")
    return mapping.row(
        Kind.of(series.modality, series.known_as, image_type),
        sent_as=Kind.of(series.modality, series.description, image_type),
    )


def places(all_series: Iterable[SeriesLike], mapping: Mapping) -> dict[int, Place]:
    """Return the place of every series by its running number.

    Raises ExportError if participants or events cannot be told apart by letters and digits alone.
    """
    listed = list(all_series)
    people = labels_of((one.participant for one in listed), what="participants")
    events = labels_of((one.event for one in listed), what="events")
    rows = {one.series: row_of(one, mapping) for one in listed}
    names = {
        one.series: {"sub": people[one.participant], "ses": events[one.event]}
        | rows[one.series].entities
        for one in listed
    }
    alike = Counter(_name(rows[number], names[number]) for number in names)
    counts: Counter[tuple[str, ...]] = Counter()
    planned = {}
    for number, entities in names.items():
        row, name = rows[number], _name(rows[number], entities)
        if row.place in SUFFIXES and alike[name] > 1:
            counts[name] += 1
            entities = entities | {"run": str(counts[name])}
        planned[number] = Place(row, entities)
    return planned


def _name(row: Row, entities: dict[str, str]) -> tuple[str, ...]:
    return (row.place, *(f"{name}-{value}" for name, value in entities.items()))
