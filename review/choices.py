"""What the inventory's page offers to narrow and to order by: chips, menus, headings."""

from dataclasses import dataclass

from review.element_counts import ElementCounts
from review.lists import Lists, by_label
from review.models import Across, Within
from review.narrowing import KINDS, RISKS, SINCES, TO_JUDGE, VERDICTS, VRS, Narrowing
from review.states import Standing

# the heading, what it sorts by, whether it is a number; "" is a heading that sorts by nothing
HEADINGS = (
    ("Risk", "risk", True),
    ("Tag", "tag", False),
    ("Name", "name", False),
    ("VR", "vr", False),
    ("What the plan did", "", False),
    ("Images", "instances", True),
    ("Values", "values", True),
    ("Participants", "participants", False),
    ("Within one", "within", False),
    ("Verdict", "verdict", False),
)


@dataclass(frozen=True)
class Choice:
    """One choice: its label, the address that makes it, or takes it back while it is made."""

    label: str
    query: str
    is_made: bool
    count: int | None = None


@dataclass(frozen=True)
class Menu:
    """A closed list from which one choice is made."""

    name: str
    made: str
    choices: list[Choice]


@dataclass(frozen=True)
class Heading:
    """A column: the address that sorts by it, and how it sorts now (as aria-sort says it)."""

    label: str
    query: str
    order: str
    is_number: bool


def chips(narrowing: Narrowing, counts: ElementCounts, lists: Lists) -> list[Choice]:
    """Return the choices made most often, each with how many elements of the project it has.

    What no element is has no chip.
    """
    offered = [
        ("To judge", "verdict", TO_JUDGE, counts.to_judge),
        ("New", "verdict", Standing.NEW.value, counts.new),
        *((label, "kind", kind, getattr(counts, kind, None)) for kind, label in KINDS.items()),
    ]
    if len(lists.modalities) > 1:
        offered += [(label, "modality", name, None) for name, label in lists.modalities.items()]
    made = [
        Choice(label, narrowing.query(**{name: "" if is_made else value}), is_made, count)
        for label, name, value, count in offered
        for is_made in [getattr(narrowing, name) == value]
        if count != 0 or is_made or value == TO_JUDGE
    ]
    everything = Narrowing(sort=narrowing.sort)
    return [*made, Choice("All", everything.query(), not narrowing.filters, counts.elements)]


def menus(narrowing: Narrowing, lists: Lists) -> list[Menu]:
    """Return the closed lists; one in which there is nothing to choose between is left out."""
    vrs = {vr: vr for vr in lists.vrs if vr in VRS}
    offered = (
        ("Verdict", "verdict", VERDICTS),
        ("Risk", "risk", RISKS),
        ("New", "since", SINCES),
        ("Manufacturer", "manufacturer", by_label(lists.manufacturers)),
        ("Scanner", "scanner", by_label(lists.scanners)),
        ("Event", "event", by_label(lists.events)),
        ("Site", "site", by_label(lists.sites)),
        ("VR", "vr", vrs),
        ("Across participants", "across", dict(Across.choices)),
        ("Within one", "within", dict(Within.choices)),
    )
    return [
        _menu(narrowing, label, name, choices)
        for label, name, choices in offered
        if len(choices) > 1 or getattr(narrowing, name)
    ]


def headings(narrowing: Narrowing) -> list[Heading]:
    """Return the columns; a number sorts from the highest first."""
    found = []
    for label, name, is_number in HEADINGS:
        is_falling = is_number or name == "participants"
        orders = (f"-{name}", name) if is_falling else (name, f"-{name}")
        following = orders[1] if narrowing.sort == orders[0] else orders[0]
        query = narrowing.query(sort=following) if name else ""
        order = {name: "ascending", f"-{name}": "descending"}.get(narrowing.sort, "")
        found.append(Heading(label, query, order if name else "", is_number))
    return found


def _menu(narrowing: Narrowing, label: str, name: str, choices: dict[str, str]) -> Menu:
    chosen = getattr(narrowing, name)
    offered = [("", "Any"), *choices.items()]
    return Menu(
        label,
        choices.get(chosen, ""),
        [
            Choice(words, narrowing.query(**{name: value}), value == chosen)
            for value, words in offered
        ],
    )
