"""Showing rows in a terminal: a table for people, JSON for programs.

What the portal tells may hold text from DICOM headers: nothing in it reaches the terminal as a
control sequence.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

WIDEST = 60


def as_json(told: Any, out: TextIO) -> None:
    """Write an answer as JSON."""
    json.dump(told, out, indent=2, ensure_ascii=True)
    out.write("\n")


def as_table(rows: Iterable[dict[str, Any]], columns: Sequence[str], out: TextIO) -> None:
    """Write rows under a line of names; a column is a name, or several with dots between."""
    lines = [[_cell(_at(row, column)) for column in columns] for row in rows]
    heads = [column.rpartition(".")[2] for column in columns]
    widths = [max(map(len, shown)) for shown in zip(heads, *lines, strict=True)]
    for line in [heads, *lines]:
        padded = (word.ljust(width) for word, width in zip(line, widths, strict=True))
        out.write("  ".join(padded).rstrip() + "\n")


def _at(row: Any, column: str) -> Any:
    for name in column.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _cell(", ".join(map(str, value)))
    shown = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(value)
    )
    return shown if len(shown) <= WIDEST else shown[: WIDEST - 1] + "…"
