"""How many participants are alone with what goes out about them: k-anonymity, counted.

Who has a list of people (a registry, a ward's calendar, a spreadsheet) finds a participant by what
is rare: sex, age, weight, the scanner, the days between examinations. Counted is what a package
would hold after its transformations, from one header for each study and from the participant
tables; only numbers come out, never a value.

Source: Sweeney (2002), k-anonymity; REK and GDPR recital 26 speak of means reasonably likely.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from django.db.models import Min

from exports.choosing.eligible import exportable
from exports.choosing.facts import HEADERS as READ
from exports.choosing.facts import SeriesFacts
from exports.choosing.outgoing import outgoing
from exports.errors import ExportError
from exports.models import Package
from exports.naming.fields import FIELDS
from exports.naming.templates import read_file, read_folders
from exports.specification import Specification
from exports.specification.elements import ElementPath, UnknownElement
from exports.states import Format
from exports.transforming import Transformer
from exports.transforming.people import People
from projects.models import Participant, Project
from transfers.models import Outcome, PlanVersion, Run
from transfers.planning import nobodys_plan

MOST_STUDIES = 1000
"""Headers read for one table; what is above is not looked at, and said."""
HEADERS = frozenset({Format.DICOM, Format.MEDIUM, Format.HEADERS})
SCANNERS = HEADERS | {Format.NIFTI, Format.BIDS}
FOLDED = {"sex": "PatientSex", "age": "PatientAge", "birth date": "PatientBirthDate",
          "weight": "PatientWeight", "height": "PatientSize", "ethnic group": "EthnicGroup",
          "occupation": "Occupation", "smoking": "SmokingStatus"}  # fmt: skip
BIDS = {"sex": "sex", "age": "age", "weight": "weight", "height": "height"}
SCANNER = ("Manufacturer", "ManufacturerModelName", "MagneticFieldStrength")
DATE = "StudyDate"
WANTED = tuple(sorted({*FOLDED.values(), *SCANNER, DATE}))
DATES, DAYS = "dates of examinations", "days between examinations"


@dataclass(frozen=True)
class Row:
    """How participants are spread over the combinations of some columns.

    Args:
        columns: words such as `sex`.
        alone, of_2, of_3_4, of_5_more: participants in groups of that size.
        smallest: the size of the smallest group, the k of k-anonymity; 0 without participants.
    """

    columns: tuple[str, ...]
    alone: int
    of_2: int
    of_3_4: int
    of_5_more: int
    smallest: int


@dataclass(frozen=True)
class Table:
    """The whole table: a row for each column alone, and as the last one all of them together."""

    participants: int
    rows: tuple[Row, ...] = ()
    is_cut: bool = False
    problems: tuple[str, ...] = ()

    @property
    def together(self) -> Row | None:
        """All columns together; None if nothing goes out that tells people apart."""
        return self.rows[-1] if self.rows else None

    @property
    def sentences(self) -> list[str]:
        """What the table says, for whoever decides about the package."""
        said = list(self.problems)
        if self.is_cut:
            said.append(f"Only the first {MOST_STUDIES:,} examinations were looked at.")
        whole = self.together
        if whole is None:
            said.append("Nothing goes out that would tell one participant from another.")
            return said
        words = _listed(whole.columns)
        if whole.alone:
            verb = "is" if whole.alone == 1 else "are"
            said.append(
                f"{whole.alone} of {self.participants} participants {verb} alone with their "
                f"{words}."
            )
        else:
            said.append(
                f"Nobody of {self.participants} participants is alone with their {words}; the "
                f"smallest group has {whole.smallest}."
            )
        for row in self.rows[:-1]:
            if row.alone and len(self.rows) > 1:
                verb = "is" if row.alone == 1 else "are"
                said.append(
                    f"{row.alone} {verb} alone with their {_listed(row.columns)} by itself."
                )
        return said


@dataclass
class _Person:
    """What goes out about one participant: column -> values of all studies."""

    cells: dict[str, set[str]] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)

    def add(self, column: str, value: str) -> None:
        if value:
            self.cells.setdefault(column, set()).add(value)


def table(
    project: Project,
    specification: Specification,
    participants: Iterable[Participant] | None = None,
) -> Table:
    """Return how many participants are alone with what goes out; None stands for all."""
    chosen = None if participants is None else {one.pk for one in participants}
    studies, is_cut = _studies(project, chosen)
    package = Package(
        project=project, format=specification.format, specification=specification.as_data()
    )
    transformer, columns = Transformer(package), _columns(project, specification)
    tells_dates = _tells_dates(specification)
    people: dict[str, _Person] = {}
    problems: dict[str, None] = {}
    has_true_dates = any(one.do == "shift_back" for one in specification.transformations)
    for number, (run, first) in enumerate(studies, start=1):
        pseudonym = run.transfer.participant.pseudonym
        person = people.setdefault(pseudonym, _Person())
        try:
            values = _values(run, first, transformer, number)
            for name, read in columns.items():
                person.add(name, read(pseudonym, values))
        except ExportError as error:
            problems.setdefault(str(error))
            continue
        if tells_dates:
            person.days.append("".join(values.get(DATE, ())))
            has_true_dates |= keeps_dates(run.plan_version)
    _date(people.values(), has_true_dates=has_true_dates)
    return Table(len(people), tuple(_rows(list(people.values()))), is_cut, tuple(problems))


def _tells_dates(specification: Specification) -> bool:
    """Tell whether dates go out: in headers and sidecars, in names of folders, or in tables."""
    if specification.format in HEADERS or specification.options.get("times"):
        return True
    fields = read_folders(specification.folders).fields | read_file(specification.file).fields
    if specification.format != Format.BIDS and any(FIELDS[one].kind == "date" for one in fields):
        return True  # BIDS alone names its files by itself
    columns = (name for one in specification.attachments for name in one.columns)
    return any(_is_date(name) for name in columns)


def _is_date(column: str) -> bool:
    """Tell whether a column holds a date of an examination; birth dates are counted as such."""
    try:
        last = ElementPath.parse(column).last
    except UnknownElement:
        return False
    return last.vr in ("DA", "DT") and last.name != "PatientBirthDate"


def _studies(
    project: Project, chosen: set[int] | None
) -> tuple[Iterator[tuple[Run, Outcome]], bool]:
    """Return runs, each with the image whose header speaks for it, and whether some are left."""
    images = exportable(project).order_by()
    if chosen is not None:
        images = images.filter(run__transfer__participant__in=chosen)
    firsts = images.values("run").annotate(first=Min("pk")).order_by("run")
    found = [row["first"] for row in firsts[: MOST_STUDIES + 1]]
    rows = Outcome.objects.select_related(
        "run__transfer__participant", "run__transfer__event", "run__plan_version"
    ).in_bulk(found[:MOST_STUDIES])
    pairs = ((rows[pk].run, rows[pk]) for pk in found[:MOST_STUDIES])
    return pairs, len(found) > MOST_STUDIES


Values = Mapping[str, tuple[str, ...]]
Read = Callable[[str, Values], str]


def _values(run: Run, first: Outcome, transformer: Transformer, number: int) -> Values:
    series = SeriesFacts(
        run=run, uid="", study_uid="", images=1, size=0, first=first,
        values=READ.read(first, WANTED),
    )  # fmt: skip
    return outgoing(series, transformer, WANTED, number).facts.values


def _columns(project: Project, specification: Specification) -> dict[str, Read]:
    """Return the columns that go out in this format, each with what reads its value."""
    columns: dict[str, Read] = {}
    if specification.format in HEADERS:
        columns |= {name: _of(keyword) for name, keyword in FOLDED.items()}
    if specification.format == Format.BIDS:
        wanted = specification.options.get("columns", ())
        columns |= {name: _of(FOLDED[name]) for name in BIDS if name in wanted}
    if specification.format in SCANNERS:
        columns["scanner"] = lambda _, values: " ".join(
            "\\".join(values.get(keyword, ())) for keyword in SCANNER
        ).strip()
    people = People(project)
    for attachment in specification.attachments:
        for name in attachment.columns:
            keyword = FOLDED.get(name, name)
            if keyword in FOLDED.values():
                columns.setdefault(next(w for w, k in FOLDED.items() if k == keyword), _of(keyword))
            if attachment.table:
                columns[f"“{name}”"] = _in_table(people, attachment.table, name)
    return columns


def _of(keyword: str) -> Read:
    return lambda _, values: "\\".join(values.get(keyword, ()))


def _in_table(people: People, table: str, column: str) -> Read:
    return lambda pseudonym, _: people.table(table).get(pseudonym, {}).get(column, "")


@lru_cache(maxsize=256)
def _keeps_dates(version: int) -> bool:
    return nobodys_plan(PlanVersion.objects.get(pk=version)).profile.has("full_dates")


def keeps_dates(version: PlanVersion) -> bool:
    """Tell whether a plan leaves dates as they are."""
    return _keeps_dates(version.pk)


def _date(people: Iterable[_Person], *, has_true_dates: bool) -> None:
    """Add what the dates tell: themselves if they are true, and else the days between them."""
    for person in people:
        days = sorted(day for day in person.days if len(day) == 8 and day.isdigit())
        if has_true_dates:
            person.cells[DATES] = set(days)
        elif len(days) > 1:
            try:
                first, *others = (date.fromisoformat(day) for day in days)
            except ValueError:
                continue
            person.add(DAYS, " ".join(str((one - first).days) for one in others))


def _rows(people: list[_Person]) -> Iterator[Row]:
    """Yield a row for each column that tells people apart, and one for all of them."""
    names = list(dict.fromkeys(name for person in people for name in person.cells))
    names = [name for name in names if any(person.cells.get(name) for person in people)]
    for name in names:
        yield _row(people, (name,))
    if len(names) > 1:
        yield _row(people, tuple(names))


def _row(people: list[_Person], names: tuple[str, ...]) -> Row:
    groups = Counter(
        tuple(frozenset(person.cells.get(name, ())) for name in names) for person in people
    )
    sizes = list(groups.values())
    return Row(
        columns=names,
        alone=sum(size for size in sizes if size == 1),
        of_2=sum(size for size in sizes if size == 2),
        of_3_4=sum(size for size in sizes if size in (3, 4)),
        of_5_more=sum(size for size in sizes if size > 4),
        smallest=min(sizes, default=0),
    )


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
