"""What differs between two outputs of one image: which elements, and in what way; no values.

Private creators are left out: they come and go with the elements they vouch for.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from deidentify.inventory import ElementRow, SeriesInventory

REMOVED, EMPTIED, CHANGED, ADDED = "removed", "emptied", "changed", "added"


class Change(NamedTuple):
    """One element that is different.

    Args:
        path: as `inventory.ElementRow` has it, without item numbers.
        keyword: of the data dictionary, "" for private and unknown elements.
        what: REMOVED, EMPTIED, CHANGED or ADDED.
    """

    path: str
    keyword: str
    what: str


def differences(earlier: Path, later: Path) -> list[Change]:
    """Compare two files element by element; what goes with its sequence is not told apart."""
    before, after = _elements(earlier), _elements(later)
    return [
        *_outermost(_gone(before, after, REMOVED)),
        *_changed(before, after),
        *_outermost(_gone(after, before, ADDED)),
    ]


def _elements(path: Path) -> dict[str, ElementRow]:
    inventory = SeriesInventory()
    inventory.add(path)
    return {row.path: row for row in inventory.rows() if not _is_creator(row.tag)}


def _is_creator(tag: str) -> bool:
    """Tell whether a tag as `0043,0010` reserves a private block (PS3.5 7.8.1)."""
    group, _, element = tag.partition(",")
    return int(group, 16) % 2 == 1 and "x" not in element and 0x10 <= int(element, 16) <= 0xFF


def _gone(here: dict[str, ElementRow], there: dict[str, ElementRow], what: str) -> Iterator[Change]:
    for path, row in here.items():
        if path not in there:
            yield Change(path, row.keyword, what)


def _changed(before: dict[str, ElementRow], after: dict[str, ElementRow]) -> Iterator[Change]:
    for path, row in before.items():
        now = after.get(path)
        if now is None or now.values == row.values:
            continue
        is_empty = set(now.values) == {""}
        yield Change(path, row.keyword, EMPTIED if is_empty else CHANGED)


def _outermost(changes: Iterable[Change]) -> Iterator[Change]:
    """Leave out what stands inside a sequence that is itself in the list."""
    sequence = ""
    for change in sorted(changes):
        if sequence and change.path.startswith(f"{sequence}("):
            continue
        sequence = change.path
        yield change
