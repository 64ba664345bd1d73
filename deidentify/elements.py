"""The data dictionary: VR and keyword of the public elements, and what each VR is like.

Source: DICOM PS3.6; the value representations of PS3.5 section 6.2.
"""

from functools import lru_cache
from pathlib import Path

TABLES = Path(__file__).parent / "tables"

LONG_VRS = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])
SHORT_VRS = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
ALL_VRS = LONG_VRS | SHORT_VRS
TEXT_VRS = frozenset(["SH", "LO", "ST", "LT", "UT", "UC", "PN"])
SINGLE_VALUED_TEXT = frozenset(["ST", "LT", "UT", "UR"])  # a backslash is a letter like any other
BINARY_VRS = frozenset(["OB", "OW", "UN", "OD", "OF", "OL", "OV"])
MOST_LETTERS = {
    "AE": 16, "AS": 4, "CS": 16, "DA": 8, "DS": 16, "DT": 26, "IS": 12, "LO": 64, "PN": 64,
    "SH": 16, "TM": 14, "UI": 64,
}  # fmt: skip


@lru_cache(maxsize=1)
def _dictionary() -> tuple[dict[int, tuple[str, str]], dict[str, tuple[str, str]]]:
    plain: dict[int, tuple[str, str]] = {}
    repeating: dict[str, tuple[str, str]] = {}
    with (TABLES / "elements.txt").open() as file:
        next(file)
        for line in file:
            tag, vr, keyword = line.rstrip("\n").split(" ", 2)
            if "x" in tag:
                repeating[tag] = (vr, keyword)
            else:
                plain[int(tag, 16)] = (vr, keyword)
    return plain, repeating


def lookup(tag: int) -> tuple[str, str] | None:
    """Return (VR, keyword) of a public element; None if the dictionary lacks it."""
    plain, repeating = _dictionary()
    found = plain.get(tag)
    if found is None and repeating:
        text = f"{tag:08x}"
        found = repeating.get(f"{text[:2]}xx{text[4:]}")
        if found is None and text[:4] == "0020":
            found = repeating.get(f"{text[:6]}xx")
    return found


def keyword(tag: int) -> str:
    """Return the keyword of a public element, "" if it has none."""
    found = lookup(tag)
    return found[1] if found else ""


def named(tag: int) -> str:
    """Return how a sentence names an element: its keyword, or (gggg,eeee)."""
    return keyword(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
