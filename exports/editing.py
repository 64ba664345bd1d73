"""A specification as it stands in the editor's fields: text, as typed, whether it is right or not.

The names of the fields are the places in a specification that problems speak of
(`transformations[2].value`), so that each problem can stand beside its field. Rows that are empty
are no part of the specification; they wait for somebody to fill them.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from exports.specification import Problem
from exports.specification.attachment_kinds import ATTACHMENTS
from exports.specification.deeds import DEEDS
from exports.specification.options import OPTIONS
from exports.specification.parts import WITHOUT_VALUE
from exports.states import Format

TEXTS = ("format", "folders", "file", "ties", "compression", "deliver_to")
NUMBERS = ("keep_days", "selection.least_images", "selection.most_images")
FLAGS = ("is_encrypted", "keeps_intervals")
TICKS = ("selection.events", "selection.sites", "selection.modalities")
WORDS = ("selection.participants",)
"""Places with a list that is typed: parted by commas or lines."""
TABLES: dict[str, tuple[str, ...]] = {"selection.listed": ("participant", "event", "series")}
"""Places with a list that is pasted: lines of comma-separated columns."""
ROWS: dict[str, tuple[str, ...]] = {
    "selection.include": ("element", "test", "value"),
    "selection.exclude": ("element", "test", "value"),
    "transformations": ("do", "element", "value", "pattern", "mapping", "table", "column"),
    "attachments": ("kind", "name", "text", "columns", "table"),
}
"""Places with rows, and the columns of each."""
ALWAYS_CHOSEN = "test"
"""The column in which something is always chosen: a row with nothing else in it is empty."""
MOST_ROWS = 100
OPTION = re.compile(r"^options\.|\[.*$|\..*$")
SEPARATORS = re.compile(r"[,;\n]")
STEP = re.compile(
    r"^(?P<rows>[a-z_.]+?)(?:\[(?P<number>\d+)\])?(?:\.(?P<column>[a-z_]+))?(?:\[.*)?$"
)

Row = dict[str, str]


@dataclass
class Draft:
    """What stands in the fields.

    Attributes:
        texts: by place, also of numbers, of typed and of pasted lists.
        ticks: the ticked choices by place; a flag has one or none.
        rows: by place, each with the text of its columns.
        options: by format and name, such as `nifti.crop`; a ticked one is "on".
    """

    texts: dict[str, str] = field(default_factory=dict)
    ticks: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Draft":
        """Return the fields for a checked specification as data."""
        draft = cls()
        for place in (*TEXTS, *NUMBERS):
            value = _at(data, place)
            draft.texts[place] = "" if value is None else str(value)
        for place in WORDS:
            draft.texts[place] = ", ".join(_at(data, place) or ())
        for place, columns in TABLES.items():
            draft.texts[place] = _lines(
                [row.get(column, "") for column in columns] for row in _at(data, place) or ()
            )
        for place in TICKS:
            draft.ticks[place] = [str(one) for one in _at(data, place) or ()]
        for place in FLAGS:
            draft.ticks[place] = ["on"] if _at(data, place) else []
        for place, columns in ROWS.items():
            draft.rows[place] = [
                {column: _cell(row.get(column)) for column in columns}
                for row in _at(data, place) or ()
            ]
        chosen = draft.texts["format"]
        draft.options = {
            f"{chosen}.{name}": option_text(value)
            for name, value in (data.get("options") or {}).items()
        }
        return draft

    @classmethod
    def read(cls, post: QueryDict) -> "Draft":
        """Return what somebody sent."""
        draft = cls()
        for place in (*TEXTS, *NUMBERS, *WORDS, *TABLES):
            draft.texts[place] = _text(post.get(place, "")).strip()
        for place in (*TICKS, *FLAGS):
            draft.ticks[place] = post.getlist(place)
        for place, columns in ROWS.items():
            sent = [post.getlist(f"{place}.{column}")[:MOST_ROWS] for column in columns]
            draft.rows[place] = [
                {column: _text(text) for column, text in zip(columns, row, strict=True)}
                for row in zip(*sent, strict=False)
            ]
        for name in all_options():
            draft.options[name] = post.get(f"options.{name}", "")
        return draft

    def as_data(self) -> dict[str, Any]:
        """Return what is to be read as a specification; what is no number stays a text."""
        data: dict[str, Any] = {"selection": {}}
        for place in TEXTS:
            _put(data, place, self.texts.get(place, ""))
        for place in NUMBERS:
            _put(data, place, _number(self.texts.get(place, "")))
        for place in WORDS:
            _put(data, place, _words(self.texts.get(place, "")))
        for place, columns in TABLES.items():
            _put(data, place, _table(self.texts.get(place, ""), columns))
        for place in TICKS:
            _put(data, place, self.ticks.get(place, []))
        for place in FLAGS:
            _put(data, place, bool(self.ticks.get(place)))
        for place in ROWS:
            _put(data, place, [_row_data(place, row) for _, row in self._filled(place)])
        data["options"] = self._options()
        return {name: value for name, value in data.items() if value is not None}

    def fields(self) -> list[str]:
        """Return the names of all fields beside which a problem can stand."""
        rows = [
            f"{place}[{number}].{column}"
            for place, columns in ROWS.items()
            for number in range(1, len(self.rows.get(place, [])) + 1)
            for column in columns
        ]
        whole = (*TEXTS, *NUMBERS, *FLAGS, *TICKS, *WORDS, *TABLES, *ROWS)
        return [*whole, *rows, *(f"options.{name}" for name in all_options())]

    def add_row(self, place: str) -> None:
        """Add an empty row at the end."""
        rows = self.rows.setdefault(place, [])
        if len(rows) < MOST_ROWS:
            rows.append(dict.fromkeys(ROWS[place], ""))

    def remove_row(self, place: str, number: int) -> None:
        """Take out the row of this number, counted from 1; one that is not there is no problem."""
        if 0 < number <= len(self.rows.get(place, [])):
            del self.rows[place][number - 1]

    def by_field(self, problems: Iterable[Problem]) -> dict[str, str]:
        """Return the sentences by the field beside which they stand; "" for no field of its own.

        A problem counts the rows of the specification, a field those of the page: empty ones too.
        """
        found: dict[str, list[str]] = {}
        for problem in problems:
            found.setdefault(self._field_of(problem.place), []).append(problem.sentence)
        return {name: " ".join(sentences) for name, sentences in found.items()}

    def _field_of(self, place: str) -> str:
        if place.startswith("options."):
            return f"options.{self.texts.get('format', '')}.{OPTION.sub('', place)}"
        step = STEP.match(place)
        if step is None:
            return ""
        rows, number, column = step["rows"], step["number"], step["column"]
        if rows in ROWS and number is not None:
            filled = self._filled(rows)
            if not 0 < int(number) <= len(filled):
                return rows
            shown = filled[int(number) - 1][0]
            columns = ROWS[rows]
            return f"{rows}[{shown}].{column if column in columns else columns[0]}"
        whole = f"{rows}.{column}" if column and number is None else rows
        known = (*TEXTS, *NUMBERS, *FLAGS, *TICKS, *WORDS, *TABLES, *ROWS)
        return whole if whole in known else ""

    def _filled(self, place: str) -> list[tuple[int, Row]]:
        """Return the rows with something in them, each with its number on the page, from 1."""
        return [
            (number, row)
            for number, row in enumerate(self.rows.get(place, []), start=1)
            if any(text.strip() for column, text in row.items() if column != ALWAYS_CHOSEN)
        ]

    def _options(self) -> dict[str, Any]:
        chosen = self.texts.get("format", "")
        return {
            name: _option_value(default, self.options.get(f"{chosen}.{name}", ""))
            for name, default in _defaults(chosen).items()
        }


def all_options() -> list[str]:
    """Return the names of every format's options, such as `nifti.crop`."""
    return [f"{one.name.lower()}.{name}" for one in Format for name in OPTIONS.get(one, {})]


def takes(place: str, row: Row) -> tuple[str, ...]:
    """Return which columns of a row mean something, by what is chosen in it."""
    if place == "transformations" and row["do"] in DEEDS:
        deed = DEEDS[row["do"]]
        return ("do", *deed.needs, *deed.may)
    if place == "attachments" and row["kind"] in ATTACHMENTS:
        kind = ATTACHMENTS[row["kind"]]
        return ("kind", "name", *kind.needs, *kind.may)
    if place in ("selection.include", "selection.exclude") and row["test"] in WITHOUT_VALUE:
        return ("element", "test")
    return ROWS[place]


def _row_data(place: str, row: Row) -> dict[str, Any]:
    """Return a row as data, without the fields that the page hides for what is chosen."""
    data: dict[str, Any] = {}
    for column in takes(place, row):
        text = row[column] if column in ("value", "text", "pattern") else row[column].strip()
        if column == "mapping":
            data[column] = [pair[:2] for pair in _pasted(text, ",") if any(pair)]
        elif column == "columns":
            data[column] = _words(text)
        else:
            data[column] = text
    return data


def _defaults(chosen: str) -> dict[str, Any]:
    for one in Format:
        if one.name.lower() == chosen:
            return {name: option.default for name, option in OPTIONS.get(one, {}).items()}
    return {}


def _option_value(default: Any, text: str) -> Any:
    if isinstance(default, bool):
        return bool(text)
    if isinstance(default, int):
        return _number(text) if text.strip() else default
    if isinstance(default, tuple):
        return _words(text)
    return text


def option_text(value: Any) -> str:
    """Return an option's value as its field holds it."""
    if isinstance(value, bool):
        return "on" if value else ""
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _at(data: Mapping[str, Any], place: str) -> Any:
    top, _, rest = place.rpartition(".")
    inside = data.get(top, {}) if top else data
    return inside.get(rest)


def _put(data: dict[str, Any], place: str, value: Any) -> None:
    top, _, rest = place.rpartition(".")
    (data[top] if top else data)[rest] = value


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        if value and not isinstance(value[0], str):
            return _lines(value)
        return ", ".join(value)
    return "" if value is None else str(value)


def _text(sent: str) -> str:
    """Return a text as it was typed: browsers send lines their own way, and some send NUL."""
    return sent.replace("\r\n", "\n").replace("\0", "")


def _number(text: str) -> int | str | None:
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _words(text: str) -> list[str]:
    return [word.strip() for word in SEPARATORS.split(text) if word.strip()]


def _pasted(text: str, separators: str = ",;\t") -> list[list[str]]:
    """Return the rows of a pasted list, whichever separator its first line has most of."""
    first = text.partition("\n")[0]
    separator = max(separators, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [[cell.strip() for cell in row] for row in lines]
    except csv.Error:  # a cell without an end: one thing that no reader takes
        return [[text]]


def _table(text: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return pasted rows by column; a first row that names the columns is no row."""
    rows = [row for row in _pasted(text) if any(row)]
    if rows and rows[0][0].casefold() == columns[0]:
        rows = rows[1:]
    return [dict(zip(columns, row, strict=False)) for row in rows]


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().rstrip("\n")
