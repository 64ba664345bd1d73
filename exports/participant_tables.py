"""Reading a CSV file about participants: columns, rows, and all that is wrong with them by row.

The file is as spreadsheets write it: with or without a mark of its encoding, parted by commas,
semicolons, tabulators or bars, its first row the names of the columns. One of them names the
participants by their pseudonyms: the one that is called so, or the first. Sentences name rows and
columns, never what stands there.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from exports.transforming.people import read_age, read_date, read_identifier, read_sex

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 256
LONGEST_NAME = 64
MOST_PROBLEMS = 30
DELIMITERS = ",;\t|"
WHO = ("participant", "pseudonym", "participant_id", "subject", "record_id", "id")
"""Names of the column that says whose row it is, the surest first."""
IDENTIFIER = "identifier"


class TableError(ValueError):
    """The file is no table that can be used. It has sentences, one for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class ReadTable:
    """What a file says: the columns' names, and pseudonym -> column -> text."""

    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]


KINDS: Mapping[str, tuple[Callable[[str], str], str]] = {
    "birth_date": (read_date, "no date; write it as 1954-08-07 or 07.08.1954"),
    "age": (read_age, "no age; write years, as in 71"),
    "sex": (read_sex, "none of F, M and O"),
    IDENTIFIER: (
        read_identifier,
        "no identifier: at most 64 letters, digits and signs, and no national identity number",
    ),
}
"""Columns that are known by their names: what makes the stored form, and what is wrong else."""


def read_table(content: bytes) -> ReadTable:
    """Return what a CSV file says.

    Raises:
        TableError: it is too large, no table, or names participants twice; or a value of a
            column that is known by its name is none.
    """
    if len(content) > MOST_BYTES:
        raise TableError([f"The file is larger than {MOST_BYTES // 1024**2} MB."])
    rows = _rows(_text(content))
    if len(rows) < 2:
        raise TableError(["The file has no rows below the names of the columns."])
    header = [_name(cell) for cell in rows[0]]
    who = next((header.index(name) for name in WHO if name in header), 0)
    if len(rows) > MOST_ROWS + 1 or len(header) > MOST_COLUMNS:
        raise TableError([f"A table has at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns."])
    if problems := _of_header(header):
        raise TableError(problems)
    return _read(header, rows[1:], who)


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise TableError(["The file is no text; save it as CSV."])
    return text


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise TableError(["A quotation mark in the file is not closed; save it as CSV."]) from None
    return [row for row in found if any(cell.strip() for cell in row)]


def _name(cell: str) -> str:
    return "_".join(cell.strip().casefold().split())


def _of_header(header: Sequence[str]) -> list[str]:
    problems = []
    if "" in header:
        problems.append(f"Column {header.index('') + 1} has no name.")
    if len(set(header)) < len(header):
        problems.append("Two columns have the same name.")
    if any(len(name) > LONGEST_NAME for name in header):
        problems.append(f"A column's name has at most {LONGEST_NAME} letters.")
    return problems


def _read(header: Sequence[str], lines: Sequence[Sequence[str]], who: int) -> ReadTable:
    problems: list[str] = []
    rows: dict[str, dict[str, str]] = {}
    identifiers: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            problems.append(f"Row {number} has {len(line)} cells, and there are {len(header)}.")
            continue
        pseudonym = line[who].strip()
        if not pseudonym:
            problems.append(f"Row {number} names no participant.")
            continue
        if pseudonym in rows:
            problems.append(f"Row {number} names a participant who has a row already.")
            continue
        row = {name: cell.strip() for name, cell in zip(header, line, strict=True)}
        del row[header[who]]
        problems += _tidied(row, number)
        new = row.get(IDENTIFIER, "").casefold()
        if new and new in identifiers:
            problems.append(f"Row {number} has the identifier of row {identifiers[new]} again.")
        identifiers.setdefault(new, number)
        rows[pseudonym] = row
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise TableError(
            [*problems[:MOST_PROBLEMS], *([f"And {more} more problems."] if more > 0 else [])]
        )
    columns = tuple(name for place, name in enumerate(header) if place != who)
    return ReadTable(columns, rows)


def _tidied(row: dict[str, str], number: int) -> list[str]:
    """Bring cells of known columns into their stored form; return what is wrong."""
    problems = []
    for name, cell in row.items():
        if len(cell) > LONGEST_CELL:
            problems.append(f"Row {number}, column {name}: more than {LONGEST_CELL} letters.")
        elif name in KINDS and cell:
            tidy, wrong = KINDS[name]
            row[name] = tidy(cell)
            if not row[name]:
                problems.append(f"Row {number}, column {name}: {wrong}.")
    return problems
