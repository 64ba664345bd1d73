"""Which rules a project may make about an element, and which it may not, in sentences.

A rule made at the hold desk takes something away: it removes, empties, cleans or replaces by a
dummy. One made in the review can also replace by a text, or value by value. It never keeps what the
profile would take, never touches what makes an image an image, never leaves out what the standard
requires of that kind of image, and never writes what its element cannot hold or what looks like an
identifier.

Source: DICOM PS3.3 (types of attributes, by iod_types), PS3.5 section 7.4; PS3.15 Annex E.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from deidentify import iod_types
from deidentify.decisions import PIXELS, Decision, Where
from deidentify.elements import BINARY_VRS, TEXT_VRS, lookup, named
from deidentify.errors import UnknownProfile
from deidentify.leaks.patterns import matches
from deidentify.norwegian import NUMBER, is_identity_number
from deidentify.plan import Plan
from deidentify.private_elements import true_vr
from deidentify.rules import BLOCK, LETTERS, PART, Rule
from deidentify.stored_text import NUMBERS, stored

TAKING = ("remove", "empty", "clean", "dummy")
"""Actions that a rule of the hold desk can have, the surest first."""
WRITING = ("replace", "map")
REVIEWING = (*TAKING, *WRITING)
"""Actions that a rule made in the review can have."""
MOST_WRITTEN = 200
STRENGTH = {
    "X": 5, "Z": 4, "D": 3, "W": 3, "R": 3, "N": 3, "E": 3, "U": 2, "C": 2, "S": 2, "G": 2, "Q": 2,
    "M": 2, "P": 2, "Y": 2, "B": 2, "A": 1, "H": 1, "T": 1,
}  # fmt: skip
HOLDS = {
    "AE": "at most 16 characters",
    "AS": "an age such as 045Y",
    "CS": "at most 16 capitals, digits, spaces and underscores",
    "DA": "a date as YYYYMMDD",
    "DS": "a number of at most 16 characters",
    "DT": "a date and time",
    "IS": "a whole number of at most 12 characters",
    "LO": "at most 64 characters",
    "LT": "at most 10,240 characters",
    "PN": "at most 64 characters",
    "SH": "at most 16 characters",
    "ST": "at most 1,024 characters",
    "TM": "a time of day",
    "UR": "a web address without spaces",
}
"""What a VR holds, in words, for those that a rule may write into."""
WHAT_IT_IS = frozenset(
    {0x00080005, 0x00080016, 0x00080018, 0x00080060, 0x0020000D, 0x0020000E, 0x00200052}
)
"""Character set, SOP class, modality, and the UIDs that join images to series and studies."""
_ITEM = re.compile(r"\[\d+\]")
_WAY = re.compile(r'(?:\((?:[0-9A-Fa-f]{4}),(?:[0-9A-Fa-f]{4}|"[^"]+",[0-9A-Fa-f]{2})\))+')


@dataclass(frozen=True)
class Scope:
    """One thing that a rule can be about, in words.

    Args:
        name: `element`, `way` or `block`.
        element: as Rule names it.
        sentence: what it reaches.
        actions: those of TAKING that make sense.
    """

    name: str
    element: str
    sentence: str
    actions: tuple[str, ...] = TAKING


def plain_path(path: str) -> str:
    """Return the path of a finding without item numbers; "" if it names no element.

    Findings in file names, in the preamble, in the file meta information or behind the data set
    have paths that no rule can name, and so has a private element without a creator.
    """
    found = _WAY.match(_ITEM.sub("", path))
    return found.group() if found else ""


def scopes(path: str) -> list[Scope]:
    """Return what a rule could be about, given where something was found; the narrowest last.

    Empty if no rule can reach the place.
    """
    plain = plain_path(path)
    if not plain:
        return []
    parts = [match.group() for match in PART.finditer(plain)]
    last = parts[-1]
    is_private = '"' in last
    actions = tuple(a for a in TAKING if a != "dummy") if is_private else TAKING
    choices = [Scope("element", last, "This element, wherever it stands in an image.", actions)]
    if is_private:
        block = f"{last[:-3]}{BLOCK})"
        choices.append(
            Scope("block", block, "All elements of this private block.", actions=("remove",))
        )
    if len(parts) > 1:
        choices.append(Scope("way", plain, "This element at this place only.", actions))
    return choices


def refusal(
    rule: Rule,
    plan: Plan,
    sop_class_uids: Collection[str],
    *,
    found_at: str = "",
    allowed: Collection[str] = TAKING,
    vrs: Collection[str] = (),
) -> str:
    """Return why a project may not have this rule, as a sentence; "" if it may.

    Args:
        rule: with an action of `allowed`.
        plan: the project's present one; what it does already must not become less.
        sop_class_uids: of the images that the rule would reach.
        found_at: the path where something was found, if the rule is made because of it.
        allowed: TAKING at the hold desk, REVIEWING in the review.
        vrs: the element's, where the data says them; else the standard's.
    """
    try:
        way = rule.path
    except UnknownProfile as error:
        return str(error)
    if rule.action not in allowed:
        return f"A rule made here can {', '.join(TAKING[:-1])}, or replace by a {TAKING[-1]}."
    last = way[-1]
    if last.endswith(f'"{BLOCK}'):
        return "" if rule.action == "remove" else "A whole private block can only be removed."
    tags = tuple(_tag(part) for part in way)
    return (
        _untouchable(tags, plan)
        or _required(rule, tags, sop_class_uids)
        or (_required(rule, _tags_at(found_at), sop_class_uids) if found_at else "")
        or _unwritable(rule, tags, vrs)
        or _weaker(rule, tags, plan, sop_class_uids)
    )


def _untouchable(tags: tuple[int, ...], plan: Plan) -> str:
    """Elements without which there is no image, or that de-identification writes itself."""
    tag, name = tags[-1], named(tags[-1])
    if tag >> 16 < 8:
        return f"{name} belongs to the file itself, not to the image; it is written anew anyway."
    if tag in PIXELS or tag >> 16 == 0x7FE0:
        return "The picture itself cannot be ruled away; look at it, and reject the images instead."
    if tag >> 16 == 0x0028 and tag & 0xFFFF < 0x0200 and len(tags) == 1:
        return f"{name} says how the picture is to be read; without it there is no image."
    if len(tags) == 1 and tag in WHAT_IT_IS:
        return f"{name} makes the image what it is; no rule may touch it."
    if len(tags) == 1 and tag in plan.writes:
        return f"{name} is written by de-identification itself; no rule may take its place."
    return ""


def _required(rule: Rule, tags: tuple[int, ...], sop_class_uids: Collection[str]) -> str:
    """What the standard requires of these kinds of images, empty or not."""
    takes = rule.others if rule.action == "map" else rule.action
    if takes not in ("remove", "empty"):
        return ""
    kinds = {iod_types.type_of(uid, tags) or "3" for uid in sop_class_uids}
    name = named(tags[-1])
    if any(kind.startswith("1") for kind in kinds):
        return (
            f"{name} is required in these images with a value (Type 1), so it cannot be removed "
            "or emptied; replace it by a dummy."
        )
    if takes == "remove" and any(kind.startswith("2") for kind in kinds):
        return f"{name} is required in these images (Type 2), so it cannot be removed; empty it."
    return ""


def _unwritable(rule: Rule, tags: tuple[int, ...], vrs: Collection[str]) -> str:
    """Whether what a rule writes fits its element, and says nothing of a person."""
    if rule.action not in WRITING:
        return ""
    name = named(tags[-1])
    if rule.action == "replace" and not rule.value.strip():
        return "Say what is to be written; to write nothing, empty the element."
    if any(len(text) > MOST_WRITTEN for text in rule.texts):
        return f"A rule writes at most {MOST_WRITTEN} characters."
    for vr in vrs or [_vr(rule, tags[-1])]:
        if vr == "UI":
            return f"{name} holds UIDs, which are replaced one by one; a text would join them all."
        if vr not in HOLDS and vr not in NUMBERS and vr not in ("UC", "UT"):
            return f"{name} holds no text (VR {vr}), so nothing can be written into it."
        if any(stored(vr, text) is None for text in rule.texts):
            return (
                f"What is to be written does not fit {name}: it holds {HOLDS.get(vr, 'numbers')}."
            )
    if any(looks_identifying(text) for text in rule.texts):
        return "What is to be written looks like an identifier of a person; choose something else."
    return ""


def looks_identifying(text: str) -> bool:
    """Whether a text has the form of an identity number, an address, a phone number or the like."""
    numbers = ("".join(re.findall(r"\d", found.group())) for found in NUMBER.finditer(text))
    return any(map(is_identity_number, numbers)) or any(matches(text.encode()))


def _weaker(rule: Rule, tags: tuple[int, ...], plan: Plan, sop_class_uids: Collection[str]) -> str:
    """A rule wins over the profile, so it must not do less than the profile does somewhere."""
    present = [_decided(plan, rule, tags, uid) for uid in {*sop_class_uids, ""}]
    strongest = max(STRENGTH.get(decision.action, 0) for decision in present)
    keeps = rule.action == "map" and rule.others == "keep"
    if (0 if keeps else STRENGTH.get(_letter(rule, tags[-1]), 0)) >= strongest:
        return ""
    if keeps:
        return (
            f"The plan looks into {named(tags[-1])} already, so values that the table does not "
            "name cannot be kept as they are; clean or empty them."
        )
    return (
        f"The plan does more than that with {named(tags[-1])} already in some images; "
        "choose a surer action, or only the place concerned."
    )


def _letter(rule: Rule, tag: int) -> str:
    """Return what a rule really does; what is no text is not cleaned like one (decisions.py)."""
    vr = _vr(rule, tag)
    if rule.action == "clean" and vr not in TEXT_VRS and vr not in ("UN", "SQ"):
        return "B" if vr in BINARY_VRS else "T"
    return LETTERS[rule.action]


def _decided(plan: Plan, rule: Rule, tags: tuple[int, ...], uid: str) -> Decision:
    where = Where(parents=rule.path[:-1], tags=tags[:-1], sop_class_uid=uid)
    return plan.decide(where, tags[-1], _vr(rule, tags[-1]), rule.creator)


def decided(plan: Plan, rule: Rule, uid: str = "") -> Decision:
    """Return what a plan does with the element that a rule is about, in a SOP class or any."""
    return _decided(plan, rule, tuple(_tag(part) for part in rule.path), uid)


def _vr(rule: Rule, tag: int) -> str:
    if rule.creator is not None:
        return true_vr(tag >> 16, rule.creator, tag & 0xFF)
    found = lookup(tag)
    return found[0] if found else "UN"


def _tag(part: str) -> int:
    """Return the number of an element; of a private one, in the first block."""
    if '"' not in part:
        return int(part, 16)
    group, _, last = part.split('"')
    return int(group, 16) << 16 | 0x1000 | int(last, 16)


def _tags_at(path: str) -> tuple[int, ...]:
    plain = plain_path(path)
    return tuple(_tag(part) for part in Rule(plain, "remove").path) if plain else (0,)
