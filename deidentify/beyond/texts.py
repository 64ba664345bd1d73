"""Files of text: JSON sidecars, tables, gradients, XML, PDF, and whatever else reads as lines.

Sources: RFC 8259 (JSON), RFC 4180 (CSV); BIDS 1.10 (sidecars, participants.tsv, bval and bvec).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from deidentify.beyond.content import Content
from deidentify.beyond.items import LONGEST, Item, Unread, text_of
from deidentify.leaks.documents import read_document

MOST_KEYS = 200_000
"""Values of one JSON file, or cells of one table, that are looked at."""
DEEPEST = 50
_SEPARATORS = ",;\t|"


def read_json(content: Content) -> Iterator[Item]:
    """Yield every value of a JSON file under the way of its keys; lines of numbers are one value.

    Several values behind one another, one a line, are taken as well.
    """
    text = _decoded(content.whole())
    count = 0
    for value in _parsed(text):
        for path, found in _values(value, "", 0):
            count += 1
            if count > MOST_KEYS:
                raise Unread("It holds more values than are read here.")
            yield Item(f"json:{path or 'value'}"[:LONGEST], found[:LONGEST], content.place)


def _parsed(text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except RecursionError:
        raise Unread("It is nested deeper than is read here.") from None
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise NotJson from None


class NotJson(Exception):
    """It is called JSON and is none: it is read as lines."""


def _values(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        raise Unread("It is nested deeper than is read here.")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        if any(isinstance(inner, (dict, list, str)) for inner in value):
            for inner in value:
                yield from _values(inner, f"{path}[]", depth + 1)
        elif value:
            yield path, ", ".join(map(_scalar, value))
    else:
        yield path, _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value)


def read_table(content: Content) -> Iterator[Item]:
    """Yield the cells of a table under the names of their columns, and these names."""
    lines = _decoded(content.whole()).splitlines()
    separator = "\t" if content.name.endswith(".tsv") else _separator(lines[0] if lines else "")
    rows = csv.reader(lines, delimiter=separator)
    names: list[str] = []
    count = 0
    try:
        for number, row in enumerate(rows):
            if not number:
                names = _column_names(row)
                if names == row:
                    yield from (Item("table:column", name, content.place) for name in row if name)
                    continue
            for place, cell in enumerate(row):
                count += 1
                if count > MOST_KEYS:
                    raise Unread("It holds more cells than are read here.")
                name = names[place] if place < len(names) else f"column {place + 1}"
                if cell.strip():
                    yield Item(f"table:{name}"[:LONGEST], cell.strip()[:LONGEST], content.place)
    except csv.Error:
        raise Unread("It is called a table and cannot be read as one.") from None


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def _column_names(row: list[str]) -> list[str]:
    """Return the names in the first row, or numbers where it holds figures already."""
    is_heading = bool(row) and not any(_is_number(cell) for cell in row)
    return row if is_heading else [f"column {number}" for number in range(1, len(row) + 1)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def read_gradients(content: Content) -> Iterator[Item]:
    """Yield what of a bval or bvec file is no number; there should be nothing."""
    for word in _decoded(content.whole()).split():
        if not _is_number(word):
            yield Item("gradients:word", word[:LONGEST], content.place)


def read_lines(content: Content) -> Iterator[Item]:
    """Yield each line of a text."""
    for line in _decoded(content.whole()).splitlines():
        if line.strip():
            yield Item("text:line", line.strip()[:LONGEST], content.place)


def read_pages(content: Content) -> Iterator[Item]:
    """Yield what a PDF or an XML document says; what of it cannot be read is remarked upon."""
    raw = content.whole()
    kind = "pdf" if b"%PDF-" in content.head[:1024] else "xml"
    texts, trouble = read_document(raw)
    for text in texts:
        for line in text_of(text).splitlines():
            if line.strip():
                yield Item(f"{kind}:text", line.strip()[:LONGEST], content.place)
    if trouble:
        raise Unread(" ".join(trouble))


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
