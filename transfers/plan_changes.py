"""What another plan would do otherwise, element by element, as people read it."""

from typing import NamedTuple

from deidentify.listing import Row


class Change(NamedTuple):
    """An element that would become something else: as rules name it, its name, before, after."""

    element: str
    name: str
    before: str
    after: str


def changes_between(before: list[Row], after: list[Row]) -> list[Change]:
    """Return the elements of which two plans make something else, in the order of the second."""
    was = {row.element: row for row in before}
    becomes = {row.element: row for row in after}
    changes = [
        Change(row.element, row.name, _meaning(was.get(row.element)), row.meaning)
        for row in after
        if _meaning(was.get(row.element)) != row.meaning
    ]
    gone = [row for row in before if row.element not in becomes]
    return [*changes, *(Change(row.element, row.name, row.meaning, _meaning(None)) for row in gone)]


def _meaning(row: Row | None) -> str:
    return row.meaning if row else "as what no row names"
