"""Private elements that may stay: those known to hold physics, protocol or geometry.

An element is named by group, private creator and its last byte, whichever block the creator
was given. All others go. What stays is still cleaned by what its VR is: text token by token,
UIDs replaced, dates shifted, binary blocks searched and overwritten in place.

Source: in the manner of PS3.15 Table E.3.10-1, widened by what dcm2niix and PET quantification
read; compared with TCIA's private tag knowledge base of 2024-02 in the tests,
which name the elements that it deletes and we keep.
"""

import csv
from functools import lru_cache

from deidentify.elements import TABLES


@lru_cache(maxsize=1)
def safe_elements() -> dict[tuple[int, str], frozenset[int]]:
    """Return (group, creator) -> the last bytes of the elements that may stay."""
    safe: dict[tuple[int, str], frozenset[int]] = {}
    with (TABLES / "safe_private.csv").open(newline="") as file:
        next(file)
        for row in csv.DictReader(file):
            key = (int(row["group"], 16), row["creator"])
            safe[key] = safe.get(key, frozenset()) | _bytes(row["elements"])
    return safe


def _bytes(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


def is_safe(group: int, creator: str, element: int) -> bool:
    """Whether the list names this element; `element` is its last byte, or all of its four."""
    return element & 0xFF in safe_elements().get((group, creator), frozenset())
