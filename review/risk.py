"""What a person should look at first: reasons with points, and the order that follows from them.

Free of Django: the inventory of a project, of a package and of foreign data all ask here. Points
are data; the manual prints them. A score sorts, it decides nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from deidentify.inventory import names_in
from deidentify.looks import LOOKS, looks_of
from deidentify.private_elements import is_safe

__all__ = [
    "LEVELS",
    "LOOKS",
    "REASONS",
    "Facts",
    "Reason",
    "Risk",
    "in_words",
    "looks_of",
    "scored",
]


class Reason(NamedTuple):
    """Why an element is to be looked at: its points, and a sentence with {n} for a number."""

    points: int
    sentence: str
    one: str
    """The sentence for one of them; the same where nothing is counted."""


def _counted(points: int, what: str) -> Reason:
    return Reason(points, "{n} values look like " + what + ".", "1 value looks like " + what + ".")


def _said(points: int, sentence: str) -> Reason:
    return Reason(points, sentence, sentence)


REASONS: dict[str, Reason] = {
    "identity_number": _counted(300, LOOKS["I"]),
    "name": _counted(240, LOOKS["N"]),
    "mail": _counted(220, LOOKS["M"]),
    "phone": _counted(160, LOOKS["T"]),
    "address": _counted(160, LOOKS["A"]),
    "hospital": _counted(100, LOOKS["H"]),
    "private_unknown": _said(
        60, "A private element that is not on the safe list: nobody vouches for what it holds."
    ),
    "path": _counted(60, LOOKS["U"]),
    "bytes": Reason(
        40, "{n} values are bytes that hold readable text.", "1 value is bytes that hold text."
    ),
    "perhaps_name": Reason(
        30, "{n} values hold a word that may be a name.", "1 value holds a word that may be a name."
    ),
    "date": Reason(
        30, "{n} values hold a date in their text.", "1 value holds a date in its text."
    ),
    "capped": Reason(
        20,
        "{n} more values are counted but not listed, so nobody can look at them.",
        "1 more value is counted but not listed, so nobody can look at it.",
    ),
    "identifier": _counted(20, LOOKS["C"]),
    "private": _said(10, "A private element of the safe list: its maker decides what it holds."),
    "by_default": _said(10, "Kept by default: no row of the standard's table names it."),
    "free_text": _said(10, "Free text: somebody may have typed anything."),
    "many_values": _said(10, "Many different values ({n}): more than people look through."),
    "lone_values": Reason(
        10,
        "{n} values occur with one participant only.",
        "1 value occurs with one participant only.",
    ),
    "differs_within": _said(5, "It differs within a participant."),
    "nested": _said(5, "It lies {n} sequences deep, where few look."),
    "written": _said(0, "De-identification wrote it itself."),
    "uid": _said(0, "A UID: replaced, or the name of a kind of thing."),
    "figures": _said(0, "Numbers, dates or times by their kind; no text."),
    "harmless": _said(0, "Codes or bytes that look like nothing in particular."),
    "empty": _said(0, "It is empty everywhere."),
}
"""Points by reason; the sum is the score."""

LEVELS = (10, 40, 100, 200)
"""The scores from which the risk is 1, 2, 3 and 4; below the first it is 0."""

OF_LOOKS = {
    "I": "identity_number",
    "N": "name",
    "M": "mail",
    "T": "phone",
    "A": "address",
    "H": "hospital",
    "U": "path",
    "D": "date",
    "C": "identifier",
    "P": "perhaps_name",
    "B": "bytes",
}
FREE_TEXT = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UN", "UR", "UT"})
CODED = frozenset({"AE", "CS"})
NO_TEXT = frozenset(
    {"AS", "AT", "DA", "DS", "DT", "FD", "FL", "IS", "OD", "OF", "OL", "OV", "OW", "SL", "SQ", "SS"}
    | {"SV", "TM", "UL", "US", "UV"}
)
UNSURE = frozenset({"perhaps_name", "date", "identifier"})
"""What counts in free text only; elsewhere codes and figures look so by nature."""
MISPLACED = frozenset({"identity_number", "name", "mail"})
"""What counts even where figures belong: DS and DA are letters in a file like any text."""
MANY = 20
DEEP = 2
BY_DEFAULT = "no row names it"


@dataclass(frozen=True)
class Facts:
    """What is known of one element of a project, a package or a check.

    Args:
        path: as ElementRow.path; anything else for what is no DICOM element.
        vr: as most have it; "LT" for texts of other files.
        actions: what plans did with it, letters of deidentify.decisions.ACTIONS; none if unknown.
        rows: the rows that decided.
        participant_count, value_count, unlisted_count, participant_value_count: as Element's.
        lone_value_count: listed values that only one participant has.
        looks: how many values have which combination of letters of LOOKS.
        is_empty: it has no value anywhere.
    """

    path: str
    vr: str
    actions: Collection[str] = ()
    rows: Collection[str] = ()
    participant_count: int = 0
    value_count: int = 0
    unlisted_count: int = 0
    participant_value_count: int = 0
    lone_value_count: int = 0
    looks: Mapping[str, int] = field(default_factory=dict)
    is_empty: bool = False


class Risk(NamedTuple):
    """How soon an element should be looked at: 0 to 4, what sorts, and why."""

    level: int
    score: int
    reasons: list[tuple[str, int]]


def scored(facts: Facts) -> Risk:
    """Weigh an element: the sum of the points of its reasons, the weightiest first."""
    found = dict(_reasons(facts))
    score = sum(REASONS[code].points for code in found)
    level = sum(score >= least for least in LEVELS)
    return Risk(level, score, sorted(found.items(), key=lambda one: -REASONS[one[0]].points))


def in_words(reasons: Iterable[tuple[str, int]]) -> list[str]:
    """Return the sentences of reasons as they are kept; codes of a later program are left out."""
    return [
        (REASONS[code].one if number == 1 else REASONS[code].sentence).format(n=f"{number:,}")
        for code, number in reasons
        if code in REASONS
    ]


def _reasons(facts: Facts) -> Iterable[tuple[str, int]]:
    if facts.actions and set(facts.actions) == {"W"}:
        return [("written", 0)]
    vrs = set(facts.vr.split(" or "))
    if vrs == {"UI"}:
        return [("uid", 0)]
    if facts.is_empty:
        return [("empty", 0)]
    is_free = bool(vrs & FREE_TEXT)
    seen = _of_values(facts)
    if not is_free:
        seen = {code: n for code, n in seen.items() if code not in UNSURE}
    if vrs <= NO_TEXT:
        seen = {code: n for code, n in seen.items() if code in MISPLACED}
    found = [*seen.items(), *_of_place(facts, is_text=is_free)]
    found += _of_sums(facts, is_text=is_free or bool(vrs & CODED))
    return found or [("figures" if vrs <= NO_TEXT else "harmless", 0)]


def _of_place(facts: Facts, *, is_text: bool) -> Iterable[tuple[str, int]]:
    """What follows from where an element is and what decided about it."""
    if is_text:
        yield "free_text", 0
    names = names_in(facts.path)
    if names and names[-1].tag >> 16 & 1 and not _is_creator(names[-1].tag):
        name = names[-1]
        is_known = name.creator is not None and is_safe(name.tag >> 16, name.creator, name.tag)
        yield ("private" if is_known else "private_unknown"), 0
    if is_text and len(names) > DEEP:
        yield "nested", len(names) - 1
    if is_text and any(row.startswith(BY_DEFAULT) for row in facts.rows):
        yield "by_default", 0


def _of_values(facts: Facts) -> dict[str, int]:
    """What follows from what the listed values look like."""
    found: dict[str, int] = {}
    for letters, number in facts.looks.items():
        for letter in letters:
            code = OF_LOOKS[letter]
            found[code] = found.get(code, 0) + number
    return found


def _of_sums(facts: Facts, *, is_text: bool) -> Iterable[tuple[str, int]]:
    """What follows from how many values there are, and with whom."""
    if not is_text:
        return
    if facts.unlisted_count:
        yield "capped", facts.unlisted_count
    if facts.value_count >= MANY:
        yield "many_values", facts.value_count
    if facts.lone_value_count and facts.participant_count > 1:
        yield "lone_values", facts.lone_value_count
    if facts.participant_value_count > facts.participant_count:
        yield "differs_within", 0


def _is_creator(tag: int) -> bool:
    """Tell whether a tag is that of a Private Creator element (PS3.5 section 7.8.1)."""
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF
