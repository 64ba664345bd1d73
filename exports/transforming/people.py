"""What is known of one participant while their images are changed; nothing of it is ever logged."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from deidentify.keys import derive
from deidentify.norwegian import is_identity_number
from deidentify.uids import KeyedUids
from exports.errors import CannotTransform
from exports.models import ParticipantRow, ParticipantTable
from projects.errors import KeyUnavailable
from projects.models import Project
from transfers.models import Run
from transfers.planning import compile_for, runs_below

OLDEST = 90
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DASHED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_AGE = re.compile(r"(\d{1,3})\s*([DWMY]?)")
_SEXES = {"f": "F", "female": "F", "w": "F", "k": "F", "kvinne": "F",
          "m": "M", "male": "M", "mann": "M", "o": "O", "other": "O", "annet": "O"}  # fmt: skip


def read_date(text: str) -> str:
    """Return a date of a table as YYYYMMDD; "" if it is none. 07.08.1954 is the 7th of August."""
    plain = text.strip()
    if match := _COMPACT.fullmatch(plain) or _DASHED.fullmatch(plain):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DOTTED.fullmatch(plain):
        day, month, year = (int(part) for part in match.groups())
    else:
        return ""
    try:
        return f"{date(year, month, day):%Y%m%d}" if year >= 1850 else ""
    except ValueError:
        return ""


def read_age(text: str) -> str:
    """Return an age of a table, years if no unit is said, as AS has it; above 89 it is 090Y."""
    match = _AGE.fullmatch(text.strip().upper())
    if match is None:
        return ""
    number, unit = int(match[1]), match[2] or "Y"
    return "090Y" if unit == "Y" and number >= OLDEST else f"{number:03}{unit}"


def read_sex(text: str) -> str:
    """Return F, M or O; "" for what is none of these."""
    return _SEXES.get(text.strip().casefold(), "")


def read_identifier(text: str) -> str:
    """Return what can name a participant in headers; "" for what cannot, or may not."""
    plain = text.strip()
    is_good = plain.isascii() and plain.isprintable() and "\\" not in plain and len(plain) <= 64
    return plain if is_good and not is_identity_number(plain) else ""


def age_at(born: str, day: str) -> str:
    """Return the age in years on a day, both YYYYMMDD; "" if it cannot be told."""
    try:
        birth, then = date.fromisoformat(born), date.fromisoformat(day)
    except ValueError:
        return ""
    years = then.year - birth.year - ((then.month, then.day) < (birth.month, birth.day))
    return read_age(str(years)) if years >= 0 else ""


@dataclass(frozen=True)
class Person:
    """One participant, as the deeds ask for them.

    Args:
        pseudonym: that stands in the research copy.
        cell: (table, column) -> what the table says of them. Raises CannotTransform.
        days: how many days their dates were moved by, negative into the past. Raises
            CannotTransform where not all were moved alike, or the coupling is severed.
        secret: from which UIDs are drawn that go with a new identifier.
    """

    pseudonym: str
    cell: Callable[[str, str], str]
    days: Callable[[], int]
    secret: bytes

    def uids(self, identifier: str) -> KeyedUids:
        """Return what draws the UIDs that go with a new identifier: others for each of them."""
        return KeyedUids(derive(self.secret, f"uids of {identifier}"))


class People:
    """The participants of a project, with what its tables say of them.

    Raises CannotTransform if a table is not there any more.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._tables: dict[str, Mapping[str, Mapping[str, str]]] = {}
        self._days: dict[int, int] = {}

    @cached_property
    def _key(self) -> bytes:
        return derive(self.project.root, "packages under other identifiers")

    def person(self, pseudonym: str, run: Callable[[], Run]) -> Person:
        """Return one of them; `run` is asked for the run that made the image."""
        return Person(
            pseudonym=pseudonym,
            cell=lambda table, column: self._cell(pseudonym, table, column),
            days=lambda: self._shift(run()),
            secret=derive(self._key, pseudonym),
        )

    def _cell(self, pseudonym: str, table: str, column: str) -> str:
        row = self.table(table).get(pseudonym)
        if row is None or not row.get(column, "").strip():
            raise CannotTransform(
                "A participant has no value in the column of the participant table that the "
                "specification names. Complete the table, or leave the participant out."
            )
        return row[column].strip()

    def table(self, name: str) -> Mapping[str, Mapping[str, str]]:
        """Return pseudonym -> column -> text of a table."""
        if name not in self._tables:
            found = ParticipantTable.objects.filter(project=self.project, name=name).first()
            if found is None:
                raise CannotTransform(
                    "The project has no participant table of the name in the specification."
                )
            rows = ParticipantRow.objects.filter(table=found).select_related("participant")
            self._tables[name] = {row.participant.pseudonym: row.values for row in rows}
        return self._tables[name]

    def _shift(self, run: Run) -> int:
        if run.pk not in self._days:
            self._days[run.pk] = days_moved(run)
        return self._days[run.pk]


def days_moved(run: Run) -> int:
    """Return by how many days a run's dates were moved; 0 where they are as they were.

    Raises CannotTransform if the plan took dates out or moved only some of them (basic,
    mmiv-2019), or if nobody knows any more.
    """
    first = runs_below(run)[0] if runs_below(run) else run
    try:
        plan = compile_for(first)
    except KeyUnavailable as error:
        raise CannotTransform(
            "The coupling of a participant is severed: nobody knows any more how far the dates "
            "were moved."
        ) from error
    if plan.profile.has("full_dates"):
        return 0
    if not plan.profile.has("modified_dates"):
        raise CannotTransform(
            "The plan of a study did not move all of its dates by one number of days, so they "
            "cannot be given back."
        )
    return plan.days


def new_names(project: Project, table: str, column: str) -> dict[str, str]:
    """Return pseudonym -> new identifier, for whoever has to tell whose something is.

    Raises CannotTransform if the table is not there.
    """
    rows = People(project).table(table)
    return {name: row[column].strip() for name, row in rows.items() if row.get(column, "").strip()}
