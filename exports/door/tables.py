"""Tables of a package, row by row: however long they are, and with each row's own participant."""

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from deidentify.beyond import Item
from deidentify.beyond.content import Stream
from deidentify.beyond.items import Unread
from deidentify.leaks.finding import CERTAIN
from deidentify.leaks.shapes import real_date
from exports.door.found import Found
from exports.door.people import People, plain_label
from exports.door.texts import Texts
from exports.specification.attachment_kinds import is_birth_column

ENDINGS = (".csv", ".tsv")
TOGETHER = 1 << 19
"""Characters of rows that are searched at a time."""
_BYTES = {0xDC00 + code: code for code in range(128, 256)}


class Row(NamedTuple):
    """One row: what its cells are called, and what they say."""

    names: list[str]
    cells: list[str]


def search_table(
    stream: Stream, member: str, *, owner: int | None, people: People, texts: Texts
) -> Iterator[Found]:
    """Yield what is found in a table. Raises Unread if it is none.

    Args:
        stream: its bytes.
        member: what it is called in the package.
        owner: whose all of it is; None if each row may be another's.
        people: of the package; a row with somebody's pseudonym in it is that one's.
        texts: searches the cells.
    """
    batch: list[Row] = []
    size = 0
    for row in _rows(stream, member):
        batch.append(row)
        size += sum(map(len, row.cells))
        if size > TOGETHER:
            yield from _in_rows(batch, member, owner, people, texts)
            batch, size = [], 0
    yield from _in_rows(batch, member, owner, people, texts)


def _in_rows(
    rows: list[Row], member: str, owner: int | None, people: People, texts: Texts
) -> Iterator[Found]:
    births = [at for at, name in enumerate(rows[0].names) if is_birth_column(name)] if rows else []
    for row in rows if births else ():
        yield from _somebody_elses_birth(row, births, member, owner=owner, people=people)
    if texts.is_clean(owner, "\n".join("\t".join(row.cells) for row in rows)):
        return
    for row in rows:
        whose = owner or _owner(row, people)
        if texts.is_clean(whose, "\t".join(row.cells)):
            continue
        for number, cell in enumerate(row.cells):
            name = row.names[number] if number < len(row.names) else f"column {number + 1}"
            if cell:
                yield from texts.in_item(whose, Item(f"table:{name}", cell, member))


def _owner(row: Row, people: People) -> int | None:
    """Return whose a row is: the only participant that a cell of it names."""
    labels = (people.by_label.get(plain_label(cell)) for cell in row.cells if 0 < len(cell) < 100)
    owners = {owner for owner in labels if owner}
    return owners.pop() if len(owners) == 1 else None


def _somebody_elses_birth(
    row: Row, births: list[int], member: str, *, owner: int | None, people: People
) -> Iterator[Found]:
    """Yield birth dates that are another participant's than the row is of."""
    for at in births:
        said = row.cells[at] if at < len(row.cells) else ""
        born = people.born.get(real_date(said.replace("-", "").replace(".", "")))
        if born and (owner or _owner(row, people)) not in born:
            yield Found("birth_date", f"table:{row.names[at]}", member, CERTAIN, "another's")


def _rows(stream: Stream, member: str) -> Iterator[Row]:
    text = io.TextIOWrapper(
        io.BufferedReader(cast(Any, _Raw(stream))),
        "utf-8-sig",
        errors="surrogateescape",
        newline="",
    )
    names: list[str] = []
    try:
        lines = (line.translate(_BYTES) for line in text)
        first = next(lines, "")
        separator = "\t" if member.casefold().endswith(".tsv") else max(",;\t|", key=first.count)
        for number, cells in enumerate(csv.reader(_put_back(first, lines), delimiter=separator)):
            if not number:
                names = cells
            yield Row(names, cells)
    except csv.Error as error:
        raise Unread("It is called a table and cannot be read as one.") from error


def _put_back(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


class _Raw(io.RawIOBase):
    """A stream as the standard library reads it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes."""
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)
