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
def _dictionary() -> dict[str, str]:
    """Tag as in the file -> the rest of its line, which is read when it is asked for."""
    text = (TABLES / "elements.txt").read_text()
    return {line[:8]: line[9:] for line in text.splitlines()[1:]}


@lru_cache(maxsize=16_384)
def lookup(tag: int) -> tuple[str, str] | None:
    """Return (VR, keyword) of a public element; None if the dictionary lacks it."""
    lines = _dictionary()
    text = f"{tag:08x}"
    found = lines.get(text) or lines.get(f"{text[:2]}xx{text[4:]}")
    if found is None and text[:4] == "0020":
        found = lines.get(f"{text[:6]}xx")
    if found is None:
        return None
    vr, _, keyword = found.partition(" ")
    return vr, keyword


def keyword(tag: int) -> str:
    """Return the keyword of a public element, "" if it has none."""
    found = lookup(tag)
    return found[1] if found else ""


def named(tag: int) -> str:
    """Return how a sentence names an element: its keyword, or (gggg,eeee)."""
    return keyword(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
