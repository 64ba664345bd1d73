"""CSV files of a package: for programs first, and harmless where a spreadsheet opens them."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from review.formats import guarded

# Signed numbers, one or several, do nothing in a spreadsheet and are meant for programs.
_NUMBERS = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?(\\[+-]?[0-9.]+([eE][+-]?[0-9]+)?)*")


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str | int]]) -> None:
    """Write a table in UTF-8; text that a spreadsheet would take for a formula gets a `'`."""
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow([cell(name) for name in columns])
        for row in rows:
            writer.writerow([cell(one) for one in row])


def cell(value: str | int) -> str | int:
    """Return a value as it may stand in a cell."""
    if isinstance(value, int):
        return value
    plain = value.replace("\0", "")
    return plain if _NUMBERS.fullmatch(plain) else str(guarded(plain))
