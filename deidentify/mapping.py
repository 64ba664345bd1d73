"""Values replaced one by one by a project's own table, and what becomes of those it does not name.

A rule that maps is decided like any other (decisions.py, letter M); here is what it does to an
element. The table knows values by their marks, so a plan holds none of them (rules.py).
"""

import struct
from collections.abc import Callable

from deidentify import iso2022
from deidentify.changes import Met, change_of
from deidentify.decisions import Where
from deidentify.elements import BINARY_VRS, SINGLE_VALUED_TEXT, TEXT_VRS
from deidentify.encoding import encode, padded
from deidentify.plan import Plan
from deidentify.rules import Table, mark_of
from deidentify.stored_text import NUMBERS, stored
from deidentify.text import decoded
from deidentify.under_way import UnderWay

NewElement = Callable[[UnderWay, bytes], bytes | None]


def mapped(plan: Plan, where: Where, met: Met, table: Table, *, explicit: bool) -> NewElement:
    """Return what makes a whole new element of a whole element; None where its value stays.

    An element of which nothing is left under `remove` becomes no bytes at all.

    Args:
        plan: its identity has the key of the table's marks.
        where: the place of the element.
        met: the element as it was first met; its VR and header are those of all that follow.
        table: of the rule.
        explicit: VRs are written out.
    """
    values = _Values(plan, where, met, table)
    is_padded = met.meant not in ("OB", "OW", "UN")

    def new_element(walk: UnderWay, element: bytes) -> bytes | None:
        value = element[met.start :]
        value = value.rstrip(b" \0") if is_padded and met.meant not in NUMBERS else value
        new = values.new(walk, value)
        if new is None:
            return b""
        if new == value:
            return None
        return encode(met.tag, met.vr, padded(new, met.meant), explicit=explicit)

    return new_element


class _Values:
    """The table for elements of one VR."""

    def __init__(self, plan: Plan, where: Where, met: Met, table: Table) -> None:
        self.vr = met.meant
        self.key = plan.identity.rule_key
        # A text that this VR cannot hold is no value of it: nothing is written in its place.
        self.becomes = {mark: stored(self.vr, text) or b"" for mark, text in table.values}
        is_cleaned = (
            table.others == "clean" and self.vr not in BINARY_VRS and self.vr not in NUMBERS
        )
        self.others = table.others if is_cleaned or table.others != "clean" else "empty"
        self.clean = change_of(plan, where, "C" if self.vr in TEXT_VRS else "T", met.tag, self.vr)

    def new(self, walk: UnderWay, value: bytes) -> bytes | None:
        """Return the new value; None if the element goes."""
        if self.vr in NUMBERS:
            return self._numbers(value)
        if b"\x1b" in value:
            return self._escaped(walk, value)
        text, codec = decoded(value, walk.charset)
        parts: list[bytes] = []
        for part in self._parts(text):
            new = self.becomes.get(mark_of(part, self.key))
            if new is None:
                new = self._other(walk, part.encode(codec))
            if new is not None:
                parts.append(new)
        if not any(parts):
            return None if self.others == "remove" else b""
        return b"\\".join(parts)

    def _parts(self, text: str) -> list[str]:
        is_one = self.vr in SINGLE_VALUED_TEXT or self.vr in BINARY_VRS
        return [text] if is_one else text.split("\\")

    def _other(self, walk: UnderWay, part: bytes) -> bytes | None:
        """Return what becomes of a value that the table does not name; None if it goes."""
        if self.others == "keep":
            return part
        if self.others == "clean":
            return self.clean(walk, part)
        return None if self.others == "remove" else b""

    def _escaped(self, walk: UnderWay, value: bytes) -> bytes | None:
        """The same for texts with escape sequences, whose values cannot be cut out of the bytes.

        So where the table names one of several values, what it does not name is emptied.
        """
        marks = [
            mark_of(part, self.key) for part in self._parts(iso2022.read(value, walk.charset)[0])
        ]
        if not any(mark in self.becomes for mark in marks):
            return self._other(walk, value)
        return b"\\".join(self.becomes.get(mark, b"") for mark in marks)

    def _numbers(self, value: bytes) -> bytes | None:
        """Binary numbers: one that the table does not name takes all others with it."""
        width = struct.calcsize(f"<{NUMBERS[self.vr]}")
        if len(value) % width:
            return None if self.others == "remove" else b""
        parts: list[bytes] = []
        for (number,) in struct.iter_unpack(f"<{NUMBERS[self.vr]}", value):
            new = self.becomes.get(mark_of(str(number), self.key))
            if new is None and self.others == "keep":
                new = struct.pack(f"<{NUMBERS[self.vr]}", number)
            if not new:
                return None if self.others == "remove" else b""
            parts.append(new)
        return b"".join(parts)
