"""Cells of tables that people open in a spreadsheet: what stands there is never run.

A text that begins with `=`, `+`, `-` or `@` is a formula to a spreadsheet, and a formula can fetch
addresses and start programs. Such a text gets an apostrophe before it, which spreadsheets take for
"this is text". Numbers stay as they are, signed ones too: programs read these tables as well.

A spreadsheet whose language parts cells by semicolons also splits a file that is parted by commas,
inside of cells that are quoted for commas. So what comes after a semicolon, a tabulator or the end
of a line is looked at like a cell of its own.

Source: OWASP, "CSV Injection"; RFC 4180 (how a file is parted).
"""

import re
from collections.abc import Iterable
from typing import TypeVar

Cell = TypeVar("Cell", str, int, None)

# One number or several (as DICOM writes them), which no spreadsheet computes with by itself.
_NUMBERS = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?(\\[+-]?[0-9.]+([eE][+-]?[0-9]+)?)*")
# What the spreadsheets of some languages also take for these signs are their full-width forms.
_FORMULA = re.compile("[\\s\"'\x00-\x1f]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_PARTING = re.compile("([;\t\r\n])")


def safe_cell(value: Cell) -> Cell:
    """Return a value as it may stand in a cell of a CSV file; numbers and None as they are."""
    if not isinstance(value, str):
        return value
    plain = value.replace("\0", "")
    first, *rest = _PARTING.split(plain)
    if not rest:
        return _part(first)
    parts = [_part(first)]
    for sign, part in zip(rest[::2], rest[1::2], strict=True):
        parts += [sign, _part(part)]
    whole = "".join(parts)
    # an empty first part hides what begins with a tabulator or a line's end from a look at its text
    return f"'{whole}" if not first and whole[:1] in "\t\r\n" else whole


def safe_row(values: Iterable[str | int | None]) -> list[str | int | None]:
    """Return the cells of one row, each as `safe_cell` returns it."""
    return [safe_cell(value) if isinstance(value, str) else value for value in values]


def _part(text: str) -> str:
    is_formula = _FORMULA.match(text) is not None and _NUMBERS.fullmatch(text.strip()) is None
    return f"'{text}" if is_formula else text
