"""Profiles and options: which columns of Table E.1-1 are active, and what no row names.

Source: DICOM PS3.15 Annex E; the codes are context group CID 7050 of PS3.16.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from deidentify.errors import UnknownProfile

# Option on the command line -> column of the table.
OPTIONS = {
    "retain-safe-private": "safe_private",
    "retain-uids": "uids",
    "retain-device-identity": "device",
    "retain-institution-identity": "institution",
    "retain-patient-characteristics": "patient_characteristics",
    "full-dates": "full_dates",
    "modified-dates": "modified_dates",
    "clean-descriptors": "descriptors",
    "clean-structured-content": "structured_content",
    "clean-graphics": "graphics",
}
BASIC_CODE = ("113100", "Basic Application Confidentiality Profile")
CODES = {
    "graphics": ("113103", "Clean Graphics Option"),
    "structured_content": ("113104", "Clean Structured Content Option"),
    "descriptors": ("113105", "Clean Descriptors Option"),
    "full_dates": (
        "113106",
        "Retain Longitudinal Temporal Information Full Dates Option",
    ),
    "modified_dates": (
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
    ),
    "patient_characteristics": ("113108", "Retain Patient Characteristics Option"),
    "device": ("113109", "Retain Device Identity Option"),
    "uids": ("113110", "Retain UIDs Option"),
    "safe_private": ("113111", "Retain Safe Private Option"),
    "institution": ("113112", "Retain Institution Identity Option"),
}
NOT_YET = {
    "clean-pixel-data": "Cleaning pixels comes with a later version.",
    "clean-recognizable-visual-features": "Removing faces comes with a later version.",
}
ERAS = ("era-2019", "era-2021", "era-2023", "era-2024")
MMIV = "mmiv-2019"

PROFILES: dict[str, frozenset[str]] = {
    "basic": frozenset(),
    "research": frozenset(
        {"safe_private", "device", "patient_characteristics", "modified_dates", "descriptors"}
    ),
    MMIV: frozenset(),
}


@dataclass(frozen=True)
class Profile:
    """A named profile with the options that are active in it."""

    name: str
    columns: frozenset[str]
    era: str = ""

    @property
    def keeps_references(self) -> bool:
        """Whether references to images stay, with new UIDs, where their type lets them go."""
        return self.name != "basic"

    def has(self, column: str) -> bool:
        return column in self.columns


def choose(name: str, options: Sequence[str]) -> Profile:
    """Return the profile `name` with `options` added (`modified-dates`) or taken out (`no-…`).

    Raises:
        UnknownProfile: the profile or an option does not exist, is not built yet, or two
            options exclude each other.
    """
    if name not in PROFILES:
        raise UnknownProfile(_why_not(name))
    columns = set(PROFILES[name])
    era = ERAS[-1] if name == MMIV else ""
    for option in options:
        if option in ERAS and name == MMIV:
            era = option
        elif name == MMIV:
            raise UnknownProfile(f"The profile {MMIV} takes one of {', '.join(ERAS)} as option.")
        elif option in NOT_YET:
            raise UnknownProfile(NOT_YET[option])
        elif option in OPTIONS:
            columns.add(OPTIONS[option])
        elif option.removeprefix("no-") in OPTIONS:
            columns.discard(OPTIONS[option.removeprefix("no-")])
        else:
            raise UnknownProfile(f"There is no option {option}. There are {', '.join(OPTIONS)}.")
    if "full-dates" in options and "modified-dates" not in options:
        columns.discard("modified_dates")
    if {"full_dates", "modified_dates"} <= columns:
        raise UnknownProfile("Dates are either full or modified, not both.")
    return Profile(name=name, columns=frozenset(columns), era=era)


def _why_not(name: str) -> str:
    known = ", ".join(PROFILES)
    if name == "dcm4chee" or name.startswith("deidentify:"):
        return f"Profiles of dcm4chee come with a later version. There are {known}."
    if name.endswith((".yaml", ".yml")):
        return f"Profiles of Flywheel come with a later version. There are {known}."
    if name.endswith((".script", ".xml")):
        return f"Scripts of the CTP come with a later version. There are {known}."
    return f"There is no profile of that name. There are {known}."
