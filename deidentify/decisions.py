"""What becomes of an element: the layers that decide, asked from the top.

    1. the project's own rules
    2. what de-identification itself writes at the top level
    3. what may never stay wherever it stands (group lengths, commands, padding)
    4. private elements: the safe list, or removal
    5. the row of Table E.1-1, with the active options and the attribute's type in its IOD
    6. what no row names, by its VR

Source: DICOM PS3.15 Annex E, sections E.1 to E.3.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deidentify import iod_types, table
from deidentify.content import CLEANED_UNDER, PERSON_NAME
from deidentify.elements import BINARY_VRS, TEXT_VRS, lookup
from deidentify.private_elements import is_safe
from deidentify.profiles import Profile
from deidentify.rules import LETTERS, Rule, Table, block_of

# Letters of PS3.15 (K X Z D U C) and the engine's own.
ACTIONS = {
    "K": "kept",
    "X": "removed",
    "Z": "emptied",
    "D": "replaced by a dummy",
    "U": "UID replaced",
    "C": "text cleaned",
    "T": "kept, searched for the patient's own names and numbers",
    "S": "date shifted",
    "A": "age capped",
    "E": "person replaced by the pseudonym, or by a dummy if it is not the patient",
    "H": "time cut to the hour",
    "Y": "birth date cut to what the project keeps",
    "W": "written",
    "Q": "sequence entered",
    "R": "sequence entered, texts replaced by dummies",
    "B": "bytes searched; vendor headers cleaned inside, all else overwritten in place",
    "G": "compressed protocol opened and cleaned",
    "N": "hashed as the existing installation does",
    "P": "kept if it is a body part that DICOM defines",
    "L": "left as an earlier run made it",
    "M": "replaced value by value, by the project's own table",
}
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
GE_PROTOCOL = (0x0025, "GEMS_SERS_01", 0x1B)
# What a compound code becomes: type in the IOD -> letter.
OF_TYPE = {"1": "D", "2": "Z", "3": "X"}
DATE_VRS = frozenset({"DA", "DT", "TM"})
MEASURED_VRS = frozenset({"OW", "OF", "OD", "OL", "OV"})
NUMBER_VRS = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "SV", "UV", "AT"})
SOP_CLASS_UID = 0x00080016
BIRTH_DATE, AGE = 0x00100030, 0x00101010


RULE = "rule of the project"


class Decision(NamedTuple):
    """What to do with an element, and which layer said so."""

    action: str
    because: str
    value: str = ""
    table: Table | None = None

    @property
    def by_rule(self) -> bool:
        """Whether the project itself wants it so."""
        return self.because.startswith(RULE)


@dataclass(frozen=True)
class Where:
    """The place in a data set that a decision is about.

    Args:
        parents: the sequences entered, as Rule.path names them.
        tags: the same as numbers.
        sop_class_uid: decides the types of attributes.
        strict: inside a sequence whose texts become dummies.
    """

    parents: tuple[str, ...] = ()
    tags: tuple[int, ...] = ()
    sop_class_uid: str = ""
    strict: bool = False


def part(tag: int, creator: str | None) -> str:
    """Return how Rule.path names one element."""
    if creator is None:
        return f"{tag:08x}"
    return f'{tag >> 16:04x}"{creator.lower()}"{tag & 0xFF:02x}'


class Decider:
    """Decides for one profile, a project's rules and what is written at the top level."""

    def __init__(
        self, profile: Profile, *, rules: Sequence[Rule] = (), writes: Collection[int] = ()
    ) -> None:
        self.profile = profile
        self.writes = frozenset(writes)
        self.rules: Mapping[tuple[str, ...], Rule] = {rule.path: rule for rule in rules}
        # A birth date beside an age tells the date of an examination, or the other way round.
        self._keeps_births = bool(profile.birth_date) or any(
            rule.path[-1] == f"{BIRTH_DATE:08x}"
            and rule.action in ("keep", "shift", "clean", "map")
            for rule in rules
        )

    def decide(self, where: Where, tag: int, vr: str, creator: str | None = None) -> Decision:
        """Decide about one element.

        Args:
            where: its place.
            tag: 0xggggeeee.
            vr: as stored; UN where implicit VR hides a private one.
            creator: private creator, None for public elements.
        """
        if self.rules and (rule := self._rule(where, part(tag, creator))):
            return self._ruled(rule, vr)
        if not where.tags and tag in self.writes:
            return Decision("W", "written by de-identification")
        if forbidden := never_stays(tag):
            return Decision("X", forbidden)
        if tag >> 16 & 1:
            return self._private(tag, vr, creator)
        if tag in PIXELS:
            return Decision("K", "pixel data")
        if tag == AGE and self._keeps_births:
            return Decision("X", "an age beside a birth date would tell more than either")
        if tag == BIRTH_DATE and self.profile.birth_date:
            return Decision("Y", f"option birth-date-{self.profile.birth_date}")
        row = table.row_for(tag)
        if row is not None:
            return self._listed(where, tag, vr, row)
        known = lookup(tag)
        if known is None:
            return Decision("X", "unknown public element")
        if tag >> 24 == 0x7F and tag >> 16 != 0x7FE0:
            return Decision("X", "variable pixel data, retired")
        if vr in BINARY_VRS:
            # Measurements stay as they are; what may hold letters, or should, is searched.
            return Decision("K" if known[0] in MEASURED_VRS else "B", "no row names it")
        if known[0] in TEXT_VRS and vr in NUMBER_VRS:
            return Decision("X", "a text that is stored as a number")
        return self._unlisted(where, tag, vr)

    def _rule(self, where: Where, name: str) -> Rule | None:
        # A rule of several parts is a way from the top; one alone holds anywhere.
        for last in (name, block_of(name)):
            rule = self.rules.get((*where.parents, last)) or self.rules.get((last,))
            if rule is not None:
                return rule
        return None

    def _ruled(self, rule: Rule, vr: str) -> Decision:
        letter = LETTERS[rule.action]
        if letter == "D" and rule.value:
            letter = "W"  # a dummy of the project's own
        because = f"{RULE}: {rule.element} {rule.action}"
        if vr == "SQ":
            letter = {"K": "Q", "C": "Q", "D": "R"}.get(letter, letter)
            letter = letter if letter in "QRXZ" else "X"
        elif letter == "C" and vr not in TEXT_VRS:
            letter = "B" if vr in BINARY_VRS else "T"
        elif letter == "S" and vr not in ("DA", "DT"):
            letter = "D"
        return Decision(letter, because, rule.value, rule.table)

    def _private(self, tag: int, vr: str, creator: str | None) -> Decision:
        if not self.profile.has("safe_private"):
            return Decision("X", "E.1-1 Private Attributes")
        group, last = tag >> 16, tag & 0xFF
        if creator is None or not is_safe(group, creator, last):
            return Decision("X", "private element that is not on the safe list")
        because = "private element on the safe list"
        if (group, creator, last) == GE_PROTOCOL:
            return Decision("G", because)
        return Decision(_safe_action(vr, self.profile), because)

    def _listed(self, where: Where, tag: int, vr: str, row: table.Row) -> Decision:
        letter, option = self._optioned(row)
        if self.profile.has(column := CLEANED_UNDER.get(tag, "")):
            letter, option = "C", column
        because = f"{row.source} {row.name}: {row.basic}"
        if option:
            because += f", {letter} by {option.replace('_', ' ')}"
        if letter == "K":
            return Decision(self._kept(vr), because)
        if letter == "C":
            return Decision(self._cleaned(where, tag, vr, row), because)
        return Decision(self._settled(where, tag, vr, row.basic), because)

    def _optioned(self, row: table.Row) -> tuple[str, str]:
        """The row's letter under the active options; a date is shifted before it is kept."""
        active = {name: code for name, code in row.options.items() if self.profile.has(name)}
        for name in ("modified_dates", "full_dates"):
            if name in active:
                return active[name], name
        for letter in "KC":
            for name, code in active.items():
                if code == letter:
                    return letter, name
        return row.basic, ""

    def _cleaned(self, where: Where, tag: int, vr: str, row: table.Row) -> str:
        if vr == "SQ":
            return "Q"
        if tag == PERSON_NAME:
            return "E"
        if vr in ("DA", "DT"):
            return "S"
        if vr == "TM" or tag == 0x00080201:
            return self._kept(vr)
        if tag >> 24 in (0x50, 0x60):
            return "X"  # bits that nobody can read are not cleaned by keeping them
        if vr in TEXT_VRS:
            return "C"
        if vr in ("AE", "CS"):
            return "T"
        return self._settled(where, tag, vr, row.basic)

    def _settled(self, where: Where, tag: int, vr: str, code: str) -> str:
        """Choose the letter of a code by the attribute's type in its IOD.

        Of a compound code, type 1 takes the dummy (or the new UIDs), type 2 is emptied, type 3
        is removed; 1C and 2C count like 1 and 2, since here the attribute is present. A plain
        X or Z gives way only where the IOD would break. Where the SOP class is unknown, the
        letter that keeps the instance readable is taken.
        """
        kind = iod_types.type_of(where.sop_class_uid, (*where.tags, tag))
        if "U*" in code:
            # Emptied, type 2 would leave a list of referenced series that nothing refers to.
            return "X" if kind == "3" and not self.profile.keeps_references else "Q"
        if code == "U":
            return "U" if vr == "UI" else "X"
        if kind is None:
            letter = code[-1]
        elif code == "X":
            letter = "X" if vr == "SQ" or kind == "1C" else OF_TYPE[kind[0]]
        elif code == "Z":
            letter = "D" if kind[0] == "1" and vr != "SQ" else "Z"
        else:
            letter = "D" if code == "D" else OF_TYPE[kind[0]]
        if letter == "D":
            return {"SQ": "R", "UI": "U"}.get(vr, "D")
        return letter

    def _unlisted(self, where: Where, tag: int, vr: str) -> Decision:
        because = "no row names it"
        if vr == "UI":
            if tag == SOP_CLASS_UID:
                return Decision("K", "names a kind of thing, no instance")
            return Decision("K" if self.profile.has("uids") else "U", because)
        if vr == "SQ":
            return Decision("R" if where.strict else "Q", because)
        if where.strict and (vr in TEXT_VRS or vr in DATE_VRS or vr == "UR"):
            return Decision("D", f"{because}, inside a sequence of dummies")
        if vr in DATE_VRS:
            if self.profile.has("modified_dates"):
                return Decision(self._kept(vr) if vr == "TM" else "S", because)
            if self.profile.has("full_dates"):
                return Decision(self._kept(vr), because)
        if vr == "AE" and self.profile.has("device"):
            return Decision("T", because)
        if vr in DATE_VRS or vr in ("PN", "UR", "AE"):
            return Decision(self._settled(where, tag, vr, "X/Z/D"), because)
        if vr == "AS":
            return Decision("A", because)
        if vr in TEXT_VRS:
            return Decision("C", because)
        # Codes are no free text, but people have been seen to type names into them.
        return Decision("T" if vr == "CS" and tag != 0x00080005 else "K", because)

    def _kept(self, vr: str) -> str:
        """How an element that an option keeps is handled: structure still has to be entered."""
        if vr == "SQ":
            return "Q"
        if vr == "AS":
            return "A"
        if vr in ("TM", "DT") and self.profile.coarse_times:
            return "H"
        if vr in BINARY_VRS:
            return "B"
        return "T" if vr in TEXT_VRS or vr in ("AE", "CS") else "K"


def never_stays(tag: int) -> str:
    """Return why an element goes wherever it stands, "" if it need not."""
    group = tag >> 16
    if tag & 0xFFFF == 0:
        return "group length, retired"
    if group < 8:
        return "command or file meta element inside a data set"
    if group in (0x4FFE, 0xFFFA, 0xFFFC):
        return "padding, or a digital signature that no longer holds"
    return ""


def _safe_action(vr: str, profile: Profile) -> str:
    if vr == "SQ":
        return "Q"
    if vr == "UI":
        return "K" if profile.has("uids") else "U"
    if vr in ("DA", "DT"):
        if profile.has("full_dates"):
            return "K"
        return "S" if profile.has("modified_dates") else "X"
    if vr == "TM" and profile.coarse_times:
        return "H"
    if vr == "AS":
        return "A"
    if vr in ("PN", "UR"):
        return "X"
    if vr in TEXT_VRS:
        return "C"
    if vr in ("AE", "CS"):
        return "T"
    return "B" if vr in BINARY_VRS else "K"
