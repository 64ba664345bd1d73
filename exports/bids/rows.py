"""What a mapping says of one kind of series, read from data and from forms, with its problems."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from exports.bids.entities import CHOSEN, SUFFIXES, kinds_for
from exports.bids.kinds import NATURES, Kind

SOURCE, OUT = "source", "leave_out"
ASIDE = {
    SOURCE: "Beside the data set, in sourcedata/",
    OUT: "Not in the package",
}
"""What becomes of series that have no place in BIDS, or that nobody gave one."""
LABEL = re.compile(r"[A-Za-z0-9]{0,32}")
MOST_ROWS = 2000


@dataclass(frozen=True)
class Row:
    """Where the series of one kind go.

    `place` is a key of SUFFIXES or of ASIDE; the rest are labels for what tells its files apart.
    """

    kind: Kind
    place: str
    task: str = ""
    acq: str = ""
    ce: str = ""
    trc: str = ""
    rec: str = ""
    dir: str = ""

    @property
    def entities(self) -> dict[str, str]:
        """The labels that are filled in and that the place knows."""
        known = SUFFIXES[self.place].entities if self.place in SUFFIXES else ()
        return {name: value for name in CHOSEN if (value := getattr(self, name)) and name in known}

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON holds it; what is empty is left out."""
        data = {name: value for name, value in asdict(self).items() if value and name != "kind"}
        return {**self.kind._asdict(), **data}

    def problems(self) -> list[str]:
        """Return what is wrong with it, in sentences that repeat no description."""
        if self.place not in SUFFIXES and self.place not in ASIDE:
            return ["Choose what the series are."]
        if self.kind.nature not in NATURES:
            return ["This nature of images is not known."]
        found = []
        for name, words in CHOSEN.items():
            if not LABEL.fullmatch(getattr(self, name)):
                found.append(f"{words} can have up to 32 letters and digits, and nothing else.")
        if self.place in SUFFIXES:
            one = SUFFIXES[self.place]
            found += [
                f"{one.title} needs a name for: {CHOSEN[name].lower()}."
                for name in one.needs
                if not getattr(self, name)
            ]
            if self.place not in kinds_for(self.kind.modality):
                found.append(f"{one.title} cannot be of this modality.")
        return found


class MappingProblem(ValueError):
    """A mapping cannot be used. `problems` are pairs of a row's number, from 0, and a sentence."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(sentence for _, sentence in self.problems))


def read_rows(data: object) -> list[Row]:
    """Read a mapping's rows from JSON-like data. Raises MappingProblem."""
    if not isinstance(data, list) or len(data) > MOST_ROWS:
        raise MappingProblem([(0, f"A mapping is a list of at most {MOST_ROWS:,} rows.")])
    rows: list[Row] = []
    problems: list[tuple[int, str]] = []
    names = {"modality", "description", "nature", "place", *CHOSEN}
    for number, one in enumerate(data):
        is_row = isinstance(one, Mapping) and set(one) <= names
        if not is_row or not all(isinstance(value, str) for value in one.values()):
            problems.append((number, "A row has texts under the names that the manual lists."))
            continue
        kind = Kind(one.get("modality", ""), one.get("description", ""), one.get("nature", ""))
        labels = {name: one.get(name, "") for name in CHOSEN}
        row = Row(kind, one.get("place", ""), **labels)
        problems += [(number, sentence) for sentence in row.problems()]
        rows.append(row)
    if not problems and len({row.kind for row in rows}) < len(rows):
        problems.append((0, "Two rows are about the same kind of series."))
    if problems:
        raise MappingProblem(problems)
    return in_order(rows)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the one order in which they are kept."""
    return sorted(rows, key=lambda row: row.kind)
