"""Profiles and options: which columns of Table E.1-1 are active, and what no row names.

Source: DICOM PS3.15 Annex E; the codes are context group CID 7050 of PS3.16.
"""

from collections.abc import Collection, Sequence
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
    "pixel_data": ("113101", "Clean Pixel Data Option"),
    "visual_features": ("113102", "Clean Recognizable Visual Features Option"),
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
# What is done to pixels is done by whoever hands the engine a cleaner of pixels.
PIXEL_OPTIONS = {
    "clean-pixel-data": "pixel_data",
    "clean-recognizable-visual-features": "visual_features",
}
ALL_COLUMNS = OPTIONS | PIXEL_OPTIONS
# Of the birth date, Table E.1-1 leaves nothing; a project may be allowed to keep more.
BIRTH_DATES = {
    "birth-date-empty": "",
    "birth-date-year": "year",
    "birth-date-january": "january",
    "birth-date-kept": "kept",
}
COARSE_TIMES = "coarse-times"
# The last is the default. era-2024-hex is what the program of 2024 gives to projects that
# began before 2023 and are still run with their hexadecimal UIDs.
ERAS = ("era-2019", "era-2021", "era-2023", "era-2024-hex", "era-2024")
MMIV = "mmiv-2019"

PROFILES: dict[str, frozenset[str]] = {
    "basic": frozenset(),
    "research": frozenset(
        {
            "safe_private",
            "device",
            "patient_characteristics",
            "modified_dates",
            "descriptors",
            "structured_content",
            "graphics",
        }
    ),
    MMIV: frozenset(),
}


@dataclass(frozen=True)
class Profile:
    """A named profile with the options that are active in it.

    Args:
        name: one of PROFILES.
        columns: of Table E.1-1, and of PIXEL_OPTIONS.
        era: of mmiv-2019.
        birth_date: what stays of it: "", year, january or kept.
        coarse_times: times are cut to the hour.
    """

    name: str
    columns: frozenset[str]
    era: str = ""
    birth_date: str = ""
    coarse_times: bool = False

    @property
    def keeps_references(self) -> bool:
        """Whether references to images stay, with new UIDs, where their type lets them go."""
        return self.name != "basic"

    def has(self, column: str) -> bool:
        return column in self.columns

    def option_names(self) -> list[str]:
        """The active options as they are written, sorted."""
        names = [name for name, column in ALL_COLUMNS.items() if self.has(column)]
        names += [name for name, kept in BIRTH_DATES.items() if kept and kept == self.birth_date]
        return sorted([*names, COARSE_TIMES] if self.coarse_times else names)


def choose(name: str, options: Sequence[str], *, cleaned_pixels: Collection[str] = ()) -> Profile:
    """Return the profile `name` with `options` added (`modified-dates`) or taken out (`no-…`).

    Args:
        name: one of PROFILES.
        options: of OPTIONS, PIXEL_OPTIONS, BIRTH_DATES or COARSE_TIMES; of ERAS for mmiv-2019.
        cleaned_pixels: those of PIXEL_OPTIONS that the caller carries out itself.

    Raises:
        UnknownProfile: the profile or an option does not exist, is not built yet, or two
            options exclude each other.
    """
    if name not in PROFILES:
        raise UnknownProfile(_why_not(name))
    if name == MMIV:
        return _era(options)
    columns = set(PROFILES[name])
    births = [option for option in options if option in BIRTH_DATES]
    for option in options:
        if option in PIXEL_OPTIONS:
            if option not in cleaned_pixels:
                raise UnknownProfile(f"The option {option} comes with a later version.")
            columns.add(PIXEL_OPTIONS[option])
        elif option in OPTIONS:
            columns.add(OPTIONS[option])
        elif option.removeprefix("no-") in OPTIONS:
            columns.discard(OPTIONS[option.removeprefix("no-")])
        elif option != COARSE_TIMES and option not in BIRTH_DATES:
            known = ", ".join((*OPTIONS, *PIXEL_OPTIONS, *BIRTH_DATES, COARSE_TIMES))
            raise UnknownProfile(f"There is no option {option}. There are {known}.")
    if "full-dates" in options and "modified-dates" not in options:
        columns.discard("modified_dates")
    if {"full_dates", "modified_dates"} <= columns:
        raise UnknownProfile("Dates are either full or modified, not both.")
    if len(set(births)) > 1:
        raise UnknownProfile(f"A birth date has one way to go, not {' and '.join(births)}.")
    return Profile(
        name=name,
        columns=frozenset(columns),
        birth_date=BIRTH_DATES[births[0]] if births else "",
        coarse_times=COARSE_TIMES in options,
    )


def _era(options: Sequence[str]) -> Profile:
    if others := [option for option in options if option not in ERAS]:
        raise UnknownProfile(
            f"The profile {MMIV} takes one of {', '.join(ERAS)} as option, not {others[0]}."
        )
    return Profile(name=MMIV, columns=PROFILES[MMIV], era=options[-1] if options else ERAS[-1])


def _why_not(name: str) -> str:
    known = ", ".join(PROFILES)
    if name == "dcm4chee" or name.startswith("deidentify:"):
        return f"Profiles of dcm4chee come with a later version. There are {known}."
    if name.endswith((".yaml", ".yml")):
        return f"Profiles of Flywheel come with a later version. There are {known}."
    if name.endswith((".script", ".xml")):
        return f"Scripts of the CTP come with a later version. There are {known}."
    return f"There is no profile of that name. There are {known}."
