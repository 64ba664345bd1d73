"""CSV files of a package: for programs first, and harmless where a spreadsheet opens them."""

import csv
from collections.abc import Iterable
from pathlib import Path

from projects.cells import safe_row


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str | int]]) -> None:
    """Write a table in UTF-8; text that a spreadsheet would take for a formula gets a `'`."""
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(safe_row(columns))
        for row in rows:
            writer.writerow(safe_row(row))
