"""Private elements that may stay: those known to hold physics, protocol or geometry.

An element is named by group, private creator and its last byte, whichever block the creator
was given. All others go. What stays is still cleaned by what its VR is: text token by token,
UIDs replaced, dates shifted, binary blocks searched. The table tells the VR, so that an element
stored without one (implicit VR, or UN) is cleaned as what it is.

Source: PS3.15 Table E.3.10-1 (2026d) without pixels and other blocks that nobody can read; what
dcm2niix and PET quantification read; and the signatures of known VR that TCIA's private tag
knowledge base of 2024-02 keeps, or replaces as UIDs or dates, without those that tell of a person,
a site or a device. The tests name the elements that it deletes and we keep.
"""

import csv
from functools import lru_cache

from deidentify.elements import TABLES, TEXT_VRS

_READ_AS = TEXT_VRS | {"AS", "CS", "DA", "DS", "DT", "IS", "SQ", "TM", "UI", "UR"}


@lru_cache(maxsize=1)
def safe_elements() -> dict[tuple[int, str], dict[int, str]]:
    """Return (group, creator) -> the last bytes of the elements that may stay -> their VR.

    The VR is UN where it is not known.
    """
    safe: dict[tuple[int, str], dict[int, str]] = {}
    with (TABLES / "safe_private.csv").open(newline="") as file:
        next(file)
        for row in csv.DictReader(file):
            listed = safe.setdefault((int(row["group"], 16), row["creator"]), {})
            listed.update(dict.fromkeys(_bytes(row["elements"]), row["vr"]))
    return safe


def _bytes(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        found.extend(range(int(first, 16), int(last or first, 16) + 1))
    return found


def is_safe(group: int, creator: str, element: int) -> bool:
    """Whether the list names this element; `element` is its last byte, or all of its four."""
    return element & 0xFF in safe_elements().get((group, creator), {})


def true_vr(group: int, creator: str, element: int) -> str:
    """Return the VR to clean an element by that is stored without one; UN if none is known.

    Binary numbers are OB here: bytes that nobody declared to be numbers are searched like any
    others, and numbers come out of that as they went in.
    """
    vr = safe_elements().get((group, creator), {}).get(element & 0xFF, "UN")
    return vr if vr in _READ_AS or vr == "UN" else "OB"
