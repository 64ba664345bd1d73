"""A project's mapping as it is used: its rows, and a guess for what it does not name."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from exports.bids.guessing import guess
from exports.bids.kinds import Kind
from exports.bids.rows import SOURCE, Row


@dataclass(frozen=True)
class Mapping:
    """Rows by kind. `number` is its version, 0 before anybody saved one.

    `unmapped` is a key of ASIDE: where series go that have no place.
    """

    rows: dict[Kind, Row] = field(default_factory=dict)
    number: int = 0
    unmapped: str = SOURCE

    @classmethod
    def of(cls, rows: Iterable[Row], *, number: int = 0, unmapped: str = SOURCE) -> "Mapping":
        """Make one of rows."""
        return cls({row.kind: row for row in rows}, number, unmapped)

    def row(self, kind: Kind, *, sent_as: Kind) -> Row:
        """Return where series of a kind go; what nobody decided is guessed from how it is sent."""
        if known := self.rows.get(kind):
            return known
        guessed = guess(sent_as)
        is_aside = guessed.row.place == SOURCE
        return Row(sent_as, self.unmapped) if is_aside else guessed.row
