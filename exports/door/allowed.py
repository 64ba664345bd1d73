"""What a specification puts into a package on purpose, and may: a participant's own, in its place.

Only those who may see identified data can ask for it (transforming). It is no finding in what
belongs to that participant; what is another's is, wherever it stands.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from exports.specification.attachment_kinds import is_birth_column

BIRTH_PLACES = frozenset(
    {"(0010,0030)", "json:PatientBirthDate", "dicomdir", "dicomdir:(0010,0030)"}
)
GIVES: dict[str, frozenset[str]] = {
    "birth_date": frozenset({"birth_date"}),
    "shift_back": frozenset({"birth_date", "date"}),
}
"""Deeds that write what identifies, with the kinds of findings that it would be."""


class Doing(Protocol):
    """A transformation, as far as it matters here."""

    @property
    def do(self) -> str:
        """What it does."""


class Attached(Protocol):
    """An attached file, as far as it matters here."""

    @property
    def columns(self) -> Collection[str]:
        """The columns that were chosen."""


class Asked(Protocol):
    """A specification, as far as it matters here."""

    @property
    def transformations(self) -> Iterable[Doing]:
        """What is changed."""

    @property
    def attachments(self) -> Iterable[Attached]:
        """What is attached."""


class Allowed(NamedTuple):
    """What of a participant's own may stand in what belongs to that participant.

    Attributes:
        kinds: of findings that are none.
        birth_in_tables: whether tables may have birth dates.
    """

    kinds: frozenset[str]
    birth_in_tables: bool

    def has(self, kind: str, path: str) -> bool:
        """Say whether a participant's own value of a kind may stand at a place."""
        if kind == "birth_date" and path.startswith("table:"):
            return self.birth_in_tables and is_birth_column(path.removeprefix("table:"))
        if kind == "birth_date":
            return kind in self.kinds and path in BIRTH_PLACES
        return kind in self.kinds


def allowed_by(asked: Asked) -> Allowed:
    """Return what a specification puts in on purpose."""
    kinds = frozenset[str]().union(*(GIVES.get(one.do, ()) for one in asked.transformations))
    columns = [column for one in asked.attachments for column in one.columns]
    return Allowed(kinds, "birth_date" in kinds or any(map(is_birth_column, columns)))
