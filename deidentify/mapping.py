"""Values replaced one by one by a project's own table, and what becomes of those it does not name.

A rule that maps is decided like any other (decisions.py, letter M); here is what it does to an
element. The table knows values by their marks, so a plan holds none of them (rules.py).
"""

import struct
from collections.abc import Callable

from deidentify import iso2022
from deidentify.changes import FIGURES, Met, change_of
from deidentify.decisions import Where
from deidentify.elements import BINARY_VRS, SINGLE_VALUED_TEXT, TEXT_VRS
from deidentify.encoding import encode, padded
from deidentify.plan import Plan
from deidentify.rules import Table, mark_of
from deidentify.stored_text import NUMBERS, stored
from deidentify.text import decoded
from deidentify.under_way import UnderWay

CHANGING = "CTSAHYPEGND"
"""Letters of what a plan makes of a value that is text; see decisions.ACTIONS."""
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
    """The table for elements of one VR.

    People name values as they see them in what was written, so a value is looked up as it stands
    and as the plan would write it if there were no rules.
    """

    def __init__(self, plan: Plan, where: Where, met: Met, table: Table) -> None:
        self.vr = met.meant
        self.key = plan.identity.rule_key
        # A text that this VR cannot hold is no value of it: nothing is written in its place.
        self.becomes = {mark: stored(self.vr, text) or b"" for mark, text in table.values}
        is_binary = self.vr in NUMBERS or self.vr in BINARY_VRS
        self.others = "empty" if table.others == "clean" and is_binary else table.others
        letter = plan.underneath(where, met.tag, self.vr, met.creator).action
        if letter not in CHANGING + "XRZW":
            letter = "F" if self.vr in FIGURES else "C" if self.vr in TEXT_VRS else "T"
        self.letter = letter
        self.change = change_of(plan, where, letter, met.tag, self.vr)

    def new(self, walk: UnderWay, value: bytes) -> bytes | None:
        """Return the new value; None if the element goes."""
        if self.vr in NUMBERS:
            return self._numbers(value)
        if b"\x1b" in value:
            return self._escaped(walk, value)
        text, codec = decoded(value, walk.charset)
        stand = [part.encode(codec) for part in self._parts(text)]
        treated = self._split(self._treated(walk, value), walk.charset)
        if len(treated) != len(stand):
            treated = [self._treated(walk, part) or b"" for part in stand]
        parts = [
            new
            for part, instead in zip(stand, treated, strict=True)
            if (new := self._one(part, instead, walk.charset)) is not None
        ]
        if not any(parts):
            return None if self.others == "remove" or self.letter in "XR" else b""
        return b"\\".join(parts)

    def _one(self, part: bytes, instead: bytes, charset: bytes) -> bytes | None:
        """Return what becomes of one value; None if it goes.

        Args:
            part: as it stands.
            instead: as the plan would write it if there were no rules.
        """
        for known in (part, instead):
            new = self.becomes.get(mark_of(decoded(known, charset)[0], self.key))
            if new is not None:
                return new
        if self.others == "keep":
            return part
        if self.others == "clean":
            return instead
        return None if self.others == "remove" else b""

    def _treated(self, walk: UnderWay, value: bytes) -> bytes | None:
        """Return what the plan would write if there were no rules; None where nothing is left."""
        return None if self.letter in "XRZW" else self.change(walk, value)

    def _parts(self, text: str) -> list[str]:
        is_one = self.vr in SINGLE_VALUED_TEXT or self.vr in BINARY_VRS
        return [text] if is_one else text.split("\\")

    def _split(self, value: bytes | None, charset: bytes) -> list[bytes]:
        if value is None:
            return []
        text, own = decoded(value, charset)
        return [part.encode(own) for part in self._parts(text)]

    def _escaped(self, walk: UnderWay, value: bytes) -> bytes | None:
        """The same for texts with escape sequences, whose values cannot be cut out of the bytes.

        So where the table names one of several values, what it does not name is emptied.
        """
        treated = self._treated(walk, value) or b""
        for known in (value, treated):
            text = iso2022.read(known, walk.charset)[0]
            marks = [mark_of(part, self.key) for part in self._parts(text)]
            if any(mark in self.becomes for mark in marks):
                return b"\\".join(self.becomes.get(mark, b"") for mark in marks)
        if self.others == "keep":
            return value
        if self.others == "clean":
            return treated
        return None if self.others == "remove" else b""

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
