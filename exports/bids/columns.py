"""What `participants.tsv` can say of a person: from the headers as they leave."""

from collections.abc import Mapping
from dataclasses import dataclass

import pydicom

OLDEST = 89  # BIDS: ages above are written as one group
YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
NOTHING = "n/a"


@dataclass(frozen=True)
class Column:
    """One column: the element that it is read from, and what its data dictionary says."""

    keyword: str
    facts: Mapping[str, object]


COLUMNS: Mapping[str, Column] = {
    "age": Column(
        "PatientAge",
        {"Description": "Age at the first examination in this data set", "Units": "year"},
    ),
    "sex": Column(
        "PatientSex",
        {
            "Description": "Sex as the examination says it",
            "Levels": {"F": "female", "M": "male", "O": "other"},
        },
    ),
    "height": Column("PatientSize", {"Description": "Height", "Units": "m"}),
    "weight": Column("PatientWeight", {"Description": "Weight", "Units": "kg"}),
}


def value_of(data: pydicom.Dataset, name: str) -> str:
    """Return what a header says for a column, as BIDS writes it; `n/a` where it says nothing."""
    try:
        text = str(data.get(COLUMNS[name].keyword, "") or "").strip()
    except (TypeError, ValueError):  # what is written there is no number
        return NOTHING
    if not text:
        return NOTHING
    if name == "age":
        return _age(text)
    if name == "sex":
        return text if text in ("F", "M", "O") else NOTHING
    try:
        number = float(text)
    except ValueError:
        return NOTHING
    return f"{number:g}" if 0 < number < 1000 else NOTHING


def _age(text: str) -> str:
    """Read an age string (PS3.5 section 6.2, AS): `034Y`, `018M`."""
    if len(text) != 4 or not text[:3].isdigit() or text[3] not in YEARS:
        return NOTHING
    years = int(text[:3]) * YEARS[text[3]]
    if years > OLDEST:
        return f"{OLDEST}+"
    return str(int(years)) if years >= 2 else f"{years:.2f}"
