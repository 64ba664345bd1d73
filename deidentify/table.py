"""Table E.1-1 of PS3.15 as the engine reads it: one row per attribute, a letter per option.

The edition is the first line of the file and part of every plan. A second file has what the
table forgets: attributes like those beside them that it does list.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from deidentify.elements import TABLES

OPTION_COLUMNS = (
    "safe_private", "uids", "device", "institution", "patient_characteristics",
    "full_dates", "modified_dates", "descriptors", "structured_content", "graphics",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One attribute: the Basic Profile's action code and the options that change it."""

    tag: str
    name: str
    basic: str
    options: Mapping[str, str]
    source: str = "E.1-1"


@lru_cache(maxsize=1)
def _read() -> tuple[str, dict[str, Row]]:
    with (TABLES / "ps3_15_e1_1.csv").open(newline="") as file:
        edition = next(file).lstrip("# ").strip()
        rows = {
            line["tag"]: Row(
                tag=line["tag"],
                name=line["name"],
                basic=line["basic"],
                options={name: line[name] for name in OPTION_COLUMNS if line[name]},
            )
            for line in csv.DictReader(file)
        }
    return edition, rows


@lru_cache(maxsize=1)
def _beyond() -> dict[str, Row]:
    with (TABLES / "beyond_e1_1.csv").open(newline="") as file:
        next(file)
        return {
            line["tag"]: Row(
                tag=line["tag"],
                name=line["name"],
                basic=line["basic"],
                options={name: line[name] for name in ("device", "institution") if line[name]},
                source="beyond E.1-1",
            )
            for line in csv.DictReader(file)
        }


def edition() -> str:
    """Return which editions of PS3.15 the rows come from."""
    return _read()[0]


def rows() -> Mapping[str, Row]:
    """Return every row by its tag: eight hex digits, `50xxxxxx`, `60xx3000`, `private`."""
    return _read()[1]


def row_for(tag: int) -> Row | None:
    """Return the row of a public element, those of repeating groups included."""
    table = rows()
    text = f"{tag:08x}"
    if found := table.get(text) or _beyond().get(text):
        return found
    if text[:2] == "50":
        return table["50xxxxxx"]
    if text[:2] == "60":
        # Without its bits the rest of an overlay describes nothing: the group goes as a whole.
        return table.get(f"60xx{text[4:]}") or table["60xx3000"]
    return None
