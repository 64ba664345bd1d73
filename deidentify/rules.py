"""A project's own rules: what one element, private creator's element or path is to become.

A rule wins over the profile, and an element's own rule over that of its private block. Written as
CSV with the columns element, action, value; a map has a row for each of its values, with what stood
there in the column of, and what becomes of all other values in the column others:

    element,action,value,of,others
    "(0008,103E)",clean,,,
    "(0008,1140)(0008,1155)",keep,,,
    "(0051,""SIEMENS MR HEADER"",1F)",remove,,,
    "(0029,""SIEMENS CSA HEADER"",xx)",remove,,,
    "(0018,1030)",replace,resting state,,
    "(0008,1070)",map,first operator,KHA,empty
    "(0008,1070)",map,second operator,Ole H.,

What stood there is kept as a mark (`mark_of`), never as it is: a plan is stored, shown and handed
on, and the value may be a name.
"""

import csv
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deidentify.errors import UnknownProfile

ACTIONS = ("keep", "remove", "empty", "dummy", "clean", "uid", "shift", "replace", "map")
LETTERS = {
    "keep": "K", "remove": "X", "empty": "Z", "dummy": "D", "clean": "C", "uid": "U",
    "shift": "S", "replace": "W", "map": "M",
}  # fmt: skip
OTHERS = ("clean", "empty", "remove", "keep")
"""What a map can do with the values it does not name; binary ones are emptied, never cleaned."""
MARK_DIGITS = 32

BLOCK = "xx"
"""Stands for every element of a private creator's block."""

PART = re.compile(
    r"""\(\s*([0-9A-Fa-f]{4})\s*,\s*(?:([0-9A-Fa-f]{4})|"([^"]+)"\s*,\s*([0-9A-Fa-f]{2}|xx))\s*\)"""
)


@dataclass(frozen=True)
class Table:
    """What a map does: marks of values with what each becomes, and what becomes of all others."""

    values: tuple[tuple[str, str], ...]
    others: str


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        element: `(gggg,eeee)`, `(gggg,"CREATOR",ee)`, or several one after the other: the way
            through sequences. One alone holds at every depth. `xx` for the last byte of a
            private element stands for all that its creator reserves.
        action: one of ACTIONS.
        value: what `replace` writes, or `dummy` in place of the profile's own; ASCII.
        values: of a `map`, pairs of a value's mark and what it becomes; ASCII.
        others: of a `map`, one of OTHERS; the first of them if left out.

    Raises:
        UnknownProfile: the element or the action cannot be read.
    """

    element: str
    action: str
    value: str = ""
    values: tuple[tuple[str, str], ...] = ()
    others: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise UnknownProfile(f"A rule's action is one of {', '.join(ACTIONS)}.")
        pairs = tuple((str(mark), str(text)) for mark, text in self.values)
        object.__setattr__(self, "values", pairs)  # as lists, out of a stored plan
        if not all(_is_writable(text) for text in (self.value, *(text for _, text in pairs))):
            raise UnknownProfile(
                "A rule can write printable ASCII only: not every image's character set has more."
            )
        if self.action == "map":
            self._check_table()
        elif self.values or self.others:
            raise UnknownProfile("Only a map names values one by one.")
        self.path  # noqa: B018 - reading it is the check

    def _check_table(self) -> None:
        if not self.values or self.value:
            raise UnknownProfile("A map names at least one value and what it becomes.")
        if len({mark for mark, _ in self.values}) < len(self.values):
            raise UnknownProfile("A map names each value once.")
        if any(not text.strip() or "\\" in text for _, text in self.values):
            raise UnknownProfile("A map makes one value of one: neither nothing nor several.")
        if self.others and self.others not in OTHERS:
            raise UnknownProfile(f"What becomes of other values is one of {', '.join(OTHERS)}.")
        object.__setattr__(self, "others", self.others or OTHERS[0])

    @classmethod
    def of_values(
        cls, element: str, values: Mapping[str, str], others: str = "", *, key: bytes = b""
    ) -> "Rule":
        """Return a map of values as they stand in the images."""
        marked = ((mark_of(text, key), new) for text, new in values.items())
        return cls(element, "map", values=tuple(marked), others=others)

    @property
    def table(self) -> Table | None:
        """What a map does; None for every other action."""
        return Table(self.values, self.others) if self.action == "map" else None

    @property
    def texts(self) -> tuple[str, ...]:
        """What the rule may write."""
        return tuple(text for text in (self.value, *(new for _, new in self.values)) if text)

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

    def as_data(self) -> dict[str, Any]:
        """Return what `Rule(**data)` makes the same rule of, ready for JSON."""
        data: dict[str, Any] = {
            "element": self.element,
            "action": self.action,
            "value": self.value,
        }
        if self.action == "map":  # other rules keep the digest that they had before there were maps
            data |= {"values": [list(pair) for pair in self.values], "others": self.others}
        return data


def block_of(part: str) -> str:
    """Return how a rule names the private block that an element belongs to; "" for public ones."""
    return part[:-2] + BLOCK if '"' in part else ""


def mark_of(value: str, key: bytes = b"") -> str:
    """Return what a map knows a value by: without padding, under the project's key if it has one.

    Args:
        value: one value as text; of a multi-valued element, one of them.
        key: without it nobody can test guesses against a mark; a rule read from a file has none.
    """
    text = value.strip(" \0").encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, "sha256").hex()[:MARK_DIGITS]


def _is_writable(text: str) -> bool:
    return text.isascii() and (text.isprintable() or not text)


def read_rules(path: Path) -> list[Rule]:
    """Read rules from a CSV file with the columns element, action and value; of, others for maps.

    Raises:
        UnknownProfile: the file has other columns, or a row that is no rule.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not {"element", "action"} <= set(reader.fieldnames or ()):
            raise UnknownProfile("The file of rules needs the columns element, action and value.")
        rows = list(reader)
    rules: list[Rule] = []
    maps: set[str] = set()
    for row in rows:
        element, action = row["element"], row["action"]
        if action != "map":
            rules.append(Rule(element, action, row.get("value") or ""))
        elif element not in maps:
            maps.add(element)
            rules.append(_map(element, [one for one in rows if one["element"] == element]))
    return rules


def _map(element: str, rows: Sequence[Mapping[str, str | None]]) -> Rule:
    """Put the rows of one map together."""
    if any(row["action"] != "map" for row in rows):
        raise UnknownProfile("An element has either a map or another rule.")
    others = _only({row.get("others") or "" for row in rows} - {""})
    values = {row.get("of") or "": row.get("value") or "" for row in rows}
    if len(values) < len(rows):
        raise UnknownProfile("A map names each value once.")
    return Rule.of_values(element, values, others)


def _only(found: Iterable[str]) -> str:
    words = list(found)
    if len(words) > 1:
        raise UnknownProfile("A map says once what becomes of the other values.")
    return words[0] if words else ""
