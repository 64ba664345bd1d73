"""Columns of a table that hold elements of headers, named as specifications name elements."""

from collections.abc import Iterable, Mapping

from deidentify.inventory import ElementRow, names_in
from exports.specification.elements import ElementPath, Step, UnknownElement

MOST_VALUES = 20
BETWEEN = " | "


def column_name(path: str) -> str:
    """Name a path of the index by keywords: `ReferencedStudySequence.ReferencedSOPInstanceUID`."""
    return ".".join(_step(tag, creator).name for tag, creator in names_in(path))


def column_path(name: str) -> str:
    """Return the path that a column's name stands for; "" if it names no element."""
    try:
        return ElementPath.parse(name).path
    except UnknownElement:
        return ""


def cells_of(rows: Iterable[ElementRow], wanted: frozenset[str]) -> dict[str, str]:
    """Return the values by path, several side by side; all elements if none is wanted.

    Sequences have no value of their own, and private creators stand in the names of columns.
    """
    return {
        row.path: joined(row.values, row.distinct)
        for row in rows
        if (row.path in wanted if wanted else row.vr != "SQ" and not is_creator(row.path))
    }


def joined(values: Mapping[str, int], distinct: int) -> str:
    """Return different values side by side, at most 20 of them, in their own order."""
    shown = sorted(values)[:MOST_VALUES]
    if distinct > len(shown):
        shown.append(f"… ({distinct} values)")
    return BETWEEN.join(shown)


def is_creator(path: str) -> bool:
    """Tell whether a path leads to a private creator (PS3.5 section 7.8.1)."""
    tag, creator = names_in(path)[-1]
    return bool(tag >> 16 & 1) and creator is None and 0x10 <= tag & 0xFFFF <= 0xFF


def _step(tag: int, creator: str | None) -> Step:
    if creator is None:
        return Step(tag >> 16, tag & 0xFFFF)
    return Step(tag >> 16, tag & 0xFF, creator)
