"""A project's own rules: what one element, private creator's element or path is to become.

A rule wins over the profile, and an element's own rule over that of its private block. Written as
CSV with the columns element, action, value:

    element,action,value
    "(0008,103E)",clean,
    "(0008,1140)(0008,1155)",keep,
    "(0051,""SIEMENS MR HEADER"",1F)",remove,
    "(0029,""SIEMENS CSA HEADER"",xx)",remove,
    "(0018,1030)",replace,resting state
"""

import csv
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from deidentify.errors import UnknownProfile

ACTIONS = ("keep", "remove", "empty", "dummy", "clean", "uid", "shift", "replace")
LETTERS = {
    "keep": "K", "remove": "X", "empty": "Z", "dummy": "D", "clean": "C", "uid": "U",
    "shift": "S", "replace": "W",
}  # fmt: skip

BLOCK = "xx"
"""Stands for every element of a private creator's block."""

PART = re.compile(
    r"""\(\s*([0-9A-Fa-f]{4})\s*,\s*(?:([0-9A-Fa-f]{4})|"([^"]+)"\s*,\s*([0-9A-Fa-f]{2}|xx))\s*\)"""
)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        element: `(gggg,eeee)`, `(gggg,"CREATOR",ee)`, or several one after the other: the way
            through sequences. One alone holds at every depth. `xx` for the last byte of a
            private element stands for all that its creator reserves.
        action: one of ACTIONS.
        value: what `replace` writes, or `dummy` in place of the profile's own; ASCII.

    Raises:
        UnknownProfile: the element or the action cannot be read.
    """

    element: str
    action: str
    value: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise UnknownProfile(f"A rule's action is one of {', '.join(ACTIONS)}.")
        if not self.value.isascii() or not (self.value.isprintable() or not self.value):
            raise UnknownProfile("A rule can write printable ASCII only.")
        self.path  # noqa: B018 - reading it is the check

    @property
    def path(self) -> tuple[str, ...]:
        """The way to the element: `0008103e`, or `0051"SIEMENS MR HEADER"1f` for private ones."""
        parts = []
        end = 0
        for match in PART.finditer(self.element):
            if match.start() != end:
                break
            end = match.end()
            group, element, creator, last = match.groups()
            parts.append((group + (element or f'"{creator}"{last}')).lower())
        if not parts or end != len(self.element):
            raise UnknownProfile(
                'A rule names an element as (gggg,eeee) or (gggg,"CREATOR",ee), or a way to it.'
            )
        if any(part.endswith(f'"{BLOCK}') for part in parts[:-1]):
            raise UnknownProfile("A rule can name a whole private block only at its end.")
        return tuple(parts)

    @property
    def creator(self) -> str | None:
        """The private creator of the element, as it is written; None for a public one."""
        found: str | None = [match.group(3) for match in PART.finditer(self.element)][-1]
        return found

    def covers(self, way: tuple[str, ...]) -> bool:
        """Tell whether the rule decides about the element at `way`, named as `path` names it."""
        if not way:
            return False
        path = self.path
        wanted = {way[-1], block_of(way[-1])}
        return path[-1] in wanted and (len(path) == 1 or path[:-1] == way[:-1])

    def as_data(self) -> dict[str, str]:
        return asdict(self)


def block_of(part: str) -> str:
    """Return how a rule names the private block that an element belongs to; "" for public ones."""
    return part[:-2] + BLOCK if '"' in part else ""


def read_rules(path: Path) -> list[Rule]:
    """Read rules from a CSV file with the columns element, action and value.

    Raises:
        UnknownProfile: the file has other columns, or a row that is no rule.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not {"element", "action"} <= set(reader.fieldnames or ()):
            raise UnknownProfile("The file of rules needs the columns element, action and value.")
        return [
            Rule(element=row["element"], action=row["action"], value=row.get("value") or "")
            for row in reader
        ]
