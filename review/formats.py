"""How a table goes out: CSV, XLSX and JSON, each as a stream, so that no length is too long."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from projects.cells import safe_row
from projects.models import Project
from review.tables import Cell, Table
from review.xlsx import workbook

LINES_AT_ONCE = 200


@dataclass(frozen=True)
class Format:
    """One way of writing a table."""

    label: str
    media_type: str
    write: Callable[[Project, Table], Iterator[bytes]]


def csv_rows(table: Table) -> Iterator[list[Cell]]:
    """Yield the column names, then the rows; no cell is a formula."""
    yield list(table.columns)
    for row in table.rows:
        yield safe_row(row)


class _Lines(list[str]):
    """Takes what csv writes, until it goes out."""

    def write(self, line: str) -> None:
        self.append(line)


def _csv(project: Project, table: Table) -> Iterator[bytes]:
    lines = _Lines()
    writer = csv.writer(lines)
    for row in csv_rows(table):
        writer.writerow(row)
        if len(lines) >= LINES_AT_ONCE:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def _xlsx(project: Project, table: Table) -> Iterator[bytes]:
    return workbook(f"{project.acronym[:12]} {table.name}", table.columns, table.rows)


def _json(project: Project, table: Table) -> Iterator[bytes]:
    start = {"project": project.acronym, "table": table.name, "columns": table.columns}
    yield json.dumps(start)[:-1].encode() + b', "rows": ['
    before = "\n"
    for row in table.rows:
        told = dict(zip(table.columns, row, strict=True))
        yield (before + json.dumps(told, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"\n]}\n"


FORMATS = {
    "csv": Format("CSV", "text/csv; charset=utf-8", _csv),
    "xlsx": Format(
        "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx
    ),
    "json": Format("JSON", "application/json", _json),
}
"""The ways a table goes out, by the ending of the file's name."""
