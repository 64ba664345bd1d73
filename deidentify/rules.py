"""A project's own rules: what one element, private creator's element or path is to become.

A rule wins over the profile. Written as CSV with the columns element, action, value:

    element,action,value
    "(0008,103E)",clean,
    "(0008,1140)(0008,1155)",keep,
    "(0051,""SIEMENS MR HEADER"",1F)",remove,
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

_PART = re.compile(
    r"""\(\s*([0-9A-Fa-f]{4})\s*,\s*(?:([0-9A-Fa-f]{4})|"([^"]+)"\s*,\s*([0-9A-Fa-f]{2}))\s*\)"""
)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        element: `(gggg,eeee)`, `(gggg,"CREATOR",ee)`, or several one after the other: the way
            through sequences. One alone holds at every depth.
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
        for match in _PART.finditer(self.element):
            if match.start() != end:
                break
            end = match.end()
            group, element, creator, last = match.groups()
            parts.append((group + (element or f'"{creator}"{last}')).lower())
        if not parts or end != len(self.element):
            raise UnknownProfile(
                'A rule names an element as (gggg,eeee) or (gggg,"CREATOR",ee), or a way to it.'
            )
        return tuple(parts)

    def as_data(self) -> dict[str, str]:
        return asdict(self)


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
