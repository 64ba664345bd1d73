"""What a project can choose about de-identification, in words, and as the engine's options.

The engine knows options by name (deidentify/profiles.py); a project chooses among sentences. One
table ties the two, so that a page never offers what the engine does not have.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from deidentify.profiles import COARSE_TIMES, ERAS, MMIV, OPTIONS, PROFILES

PROFILE_WORDS = {
    "research": "Research: keeps what images need to be analysed, cleans the texts",
    "basic": "Basic: removes all that the standard lets go",
    MMIV: "mmiv-2019: as the earlier installation did, for projects that began there",
}
DATE_WORDS = {
    "modified-dates": "Moved by a number of days that is one participant's, everywhere the same",
    "full-dates": "Kept as they are",
    "": "Removed or replaced by a dummy",
}
TIME_WORDS = {
    "": "Kept to the second",
    COARSE_TIMES: "Cut to the hour, so that they match no clinical system",
}
BIRTH_WORDS = {
    "birth-date-empty": "Removed",
    "birth-date-year": "The year alone",
    "birth-date-january": "The first of January of the year",
    "birth-date-kept": "Kept as it is",
}
ERA_WORDS = dict.fromkeys(ERAS, "") | {
    "era-2019": "2019",
    "era-2021": "2021",
    "era-2023": "2023",
    "era-2024-hex": "2024, for a project that began before 2023",
    "era-2024": "2024",
}


class Switch(NamedTuple):
    """An option that is on or off: what its box says, and what it means."""

    label: str
    help: str


SWITCHES: dict[str, Switch] = {
    "clean-descriptors": Switch(
        "Clean descriptions word by word",
        "Series and study descriptions stay, without what names somebody. Off: they are removed.",
    ),
    "clean-structured-content": Switch(
        "Keep reports, cleaned", "Structured reports stay with their texts cleaned. Off: emptied."
    ),
    "clean-graphics": Switch(
        "Keep annotations, cleaned",
        "Presentation states, overlays and waveform notes stay, cleaned. Off: removed.",
    ),
    "retain-safe-private": Switch(
        "Keep safe private elements",
        "Vendor elements that are known to be safe, such as b-values, gradients and SUV factors.",
    ),
    "retain-patient-characteristics": Switch(
        "Keep sex, age, size and weight", "Ages above 89 become 90."
    ),
    "retain-device-identity": Switch(
        "Keep the scanner's identity", "Station name, serial number and the like."
    ),
    "retain-institution-identity": Switch(
        "Keep the institution",
        "Its name, address and departments. It narrows down who somebody is.",
    ),
    "retain-uids": Switch(
        "Keep the original UIDs",
        "Whoever has the clinical archive finds every image again: for data that stays inside.",
    ),
}
DATES = ("modified-dates", "full-dates")


class Choice(NamedTuple):
    """What a project has chosen, part by part.

    Args:
        profile: one of the engine's.
        era: for mmiv-2019; the other parts are then of no meaning.
        dates, times, birth_date: keys of the tables above.
        switches: those of SWITCHES that are on.
    """

    profile: str
    era: str = ERAS[-1]
    dates: str = "modified-dates"
    times: str = ""
    birth_date: str = "birth-date-empty"
    switches: frozenset[str] = frozenset()


def options_of(choice: Choice) -> list[str]:
    """Return a choice as options of the engine: what differs from the profile, and no more."""
    if choice.profile == MMIV:
        return [choice.era]
    columns = PROFILES[choice.profile]
    wanted = choice.switches | ({choice.dates} if choice.dates else set())
    options = []
    for option, column in OPTIONS.items():
        if option in wanted and column not in columns:
            options.append(option)
        elif option not in wanted and column in columns:
            options.append(f"no-{option}")
    if choice.times:
        options.append(choice.times)
    if choice.birth_date != "birth-date-empty":
        options.append(choice.birth_date)
    return options


def choice_of(profile: str, options: Iterable[str]) -> Choice:
    """Return what options of the engine mean, part by part."""
    given = set(options)
    if profile == MMIV:
        era = next((era for era in ERAS if era in given), ERAS[-1])
        return Choice(profile=MMIV, era=era)
    columns = PROFILES[profile]
    on = {option for option, column in OPTIONS.items() if column in columns}
    on -= {option.removeprefix("no-") for option in given if option.startswith("no-")}
    if "full-dates" in given and "modified-dates" not in given:
        on.discard("modified-dates")
    on |= given & set(OPTIONS)
    return Choice(
        profile=profile,
        dates=next((dates for dates in DATES if dates in on), ""),
        times=COARSE_TIMES if COARSE_TIMES in given else "",
        birth_date=next((birth for birth in BIRTH_WORDS if birth in given), "birth-date-empty"),
        switches=frozenset(on & set(SWITCHES)),
    )


def said(profile: str, options: Iterable[str]) -> list[tuple[str, str]]:
    """Return what a plan version chose, as pairs of a question and the answer."""
    choice = choice_of(profile, options)
    told = [("Profile", profile)]
    if profile == MMIV:
        return [*told, ("Era", _said(ERA_WORDS, choice.era))]
    kept = [switch.label for name, switch in SWITCHES.items() if name in choice.switches]
    return [
        *told,
        ("Dates", _said(DATE_WORDS, choice.dates)),
        ("Times", _said(TIME_WORDS, choice.times)),
        ("Birth date", _said(BIRTH_WORDS, choice.birth_date)),
        ("Besides", "; ".join(kept) or "nothing"),
    ]


def _said(words: Mapping[str, str], key: str) -> str:
    return words.get(key, key)
