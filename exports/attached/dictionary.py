"""A data dictionary: every element that is left, what the standard says it means, how it varies.

It tells of headers as they go out, and looks at every image once more; it says no value. The
looking is noted series by series, so that another worker goes on with it.
"""

import time
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from pydicom.datadict import dictionary_description, private_dictionary_description

from deidentify.inventory import ElementRow, SeriesInventory, names_in
from exports.building.progress import Progress
from exports.csv_files import write_csv
from exports.element_columns import column_name, column_path, is_creator
from exports.notes import Notes, unnoted_series
from exports.specification import Attachment
from exports.states import Format

COLUMNS = ("element", "tag", "vr", "meaning", "images", "different_values")
MOST_COUNTED = 10_000
"""Different values of one element that are told apart over all series."""


class _Sum(NamedTuple):
    """What is known of one element over all series."""

    row: dict[str, Any]
    values: set[int]
    images: int = 0
    uncounted: int = 0


def look(progress: Progress) -> bool:
    """Look at the images that nobody looked at yet; tell whether all are looked at."""
    with Notes(_notes(progress), progress.position) as notes:
        for images, position in unnoted_series(progress, notes):
            inventory = SeriesInventory()
            for image in images:
                progress.check()
                with progress.open(image) as file:
                    inventory.add(file)
            notes.add(position, [_noted(row) for row in inventory.rows() if _counts(row)])
            if time.monotonic() > progress.until:
                return notes.end == progress.position
    return True


def write_dictionary(progress: Progress, _: Attachment, target: Path) -> None:
    """Write a row for each element, in the order of the tags."""
    sums: dict[str, _Sum] = {}
    with Notes(_notes(progress), progress.position) as notes:
        for (rows,) in notes.read():
            for row in rows:
                known = sums.get(row["path"]) or _Sum(row, set())
                sums[row["path"]] = _added(known, row)
    wanted = _wanted(progress)
    write_csv(
        target,
        COLUMNS,
        (_row(one) for path, one in sorted(sums.items()) if not wanted or path in wanted),
    )


def _counts(row: ElementRow) -> bool:
    return not is_creator(row.path)


def _noted(row: ElementRow) -> dict[str, Any]:
    """Keep of values what tells them apart: their digests, never themselves."""
    return {
        "path": row.path,
        "vr": row.vr,
        "images": row.instances,
        "values": [_mark(value) for value in row.values],
        "uncounted": row.distinct - len(row.values),
    }


def _mark(value: str) -> int:
    # the same for every worker, which Python's own hash is not
    return int.from_bytes(blake2b(value.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _added(known: _Sum, row: dict[str, Any]) -> _Sum:
    uncounted = known.uncounted + row["uncounted"]
    if len(known.values) < MOST_COUNTED:
        known.values.update(row["values"])
    else:
        uncounted += len(row["values"])
    return _Sum(known.row, known.values, known.images + row["images"], uncounted)


def _row(one: _Sum) -> list[str | int]:
    """Return the cells; what could not all be told apart is said as a bound."""
    *_, (tag, creator) = names_in(one.row["path"])
    different = len(one.values) + one.uncounted
    return [
        column_name(one.row["path"]),
        column_tag(one.row["path"]),
        one.row["vr"],
        _meaning(tag, creator),
        one.images,
        f"at most {different}" if one.uncounted else different,
    ]


def column_tag(path: str) -> str:
    """Return the last part of a path: the element's own tag."""
    return path[path.rindex("(") :]


def _meaning(tag: int, creator: str | None) -> str:
    """Return the standard's name of an element, or the one that pydicom knows of a vendor's."""
    try:
        if creator:
            return private_dictionary_description(tag, creator)
        return dictionary_description(tag)
    except KeyError:
        return ""


def _wanted(progress: Progress) -> frozenset[str]:
    """Of a table of headers, its own columns alone."""
    if progress.package.format != Format.HEADERS:
        return frozenset()
    columns = progress.specification.options["columns"]
    return frozenset(filter(None, map(column_path, columns)))


def _notes(progress: Progress) -> Path:
    return progress.folder / "dictionary.jsonl"
