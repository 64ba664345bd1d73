"""What a run over the research copy can no longer do, in words, element by element.

What was taken does not come back, though a newer plan would keep it; and what only an original
can be made into, a UID drawn or a date moved, is not made of a copy that still has the original's.

Source: DICOM PS3.15 E.1.1.
"""

from collections.abc import Iterator, Sequence

from deidentify.decisions import ACTIONS, Decision
from deidentify.elements import keyword
from deidentify.listing import BY_TYPE, listed
from deidentify.plan import Plan
from deidentify.rules import BLOCK, Rule
from deidentify.ruling import decided

TAKEN = f"XZDWESUNYM{BY_TYPE}"
"""Letters after which the original value is gone, but for UIDs and dates that say as much."""
SAME_USE = frozenset("SUN")
"""Of these, what stands there now serves as the original did."""
WEAKER = frozenset("KTCAHBGPQ")
ONCE = frozenset("USN")
KEPT = frozenset("KTCAHBGP")


def limits(earlier: Sequence[Plan], newer: Plan) -> list[list[str]]:
    """Return [element, name, sentence] of all that differs and cannot be brought about.

    Args:
        earlier: the plans that the copy has been through.
        newer: what it is to be brought to.
    """
    found: dict[str, list[str]] = {}
    for element, name, was, wanted in _pairs(earlier, newer):
        if element not in found and (sentence := _sentence(was, wanted)):
            found[element] = [element, name, sentence]
    return list(found.values())


def _sentence(was: str, wanted: str) -> str:
    if wanted in ONCE and was in KEPT:
        return (
            f"The plan asks for this: {ACTIONS[wanted]}. It was kept before, and only an original "
            "can be made into that; it stays, and the images that have it are held."
        )
    if wanted not in WEAKER or was not in TAKEN:
        return ""
    if was in SAME_USE:
        return "Its original could be kept now, but is gone: what was written instead stays."
    return "It could be kept now, but is gone: what was taken does not come back."


def _pairs(earlier: Sequence[Plan], newer: Plan) -> Iterator[tuple[str, str, str, str]]:
    """Yield element, name, what became of it before and what is to become of it."""
    for rule in _rules([*earlier, newer]):
        was = _strongest([decided(plan, rule) for plan in earlier])
        yield rule.element.upper(), _name(rule), was, decided(newer, rule).action
    before = [{row.element: row.action for row in listed(plan)} for plan in earlier]
    for row in listed(newer):
        letters = [rows[row.element] for rows in before if row.element in rows]
        if letters and any(letter != row.action for letter in letters):
            taken = [letter for letter in letters if letter in TAKEN]
            yield row.element, row.name, (taken or letters)[0], row.action


def _rules(plans: Sequence[Plan]) -> Iterator[Rule]:
    """Yield the rules about single elements that some of the plans have and others have not."""
    for rule in dict.fromkeys(rule for plan in plans for rule in plan.rules):
        is_everywhere = all(rule in plan.rules for plan in plans)
        if not is_everywhere and not rule.path[-1].endswith(f'"{BLOCK}'):
            yield rule


def _strongest(decisions: Sequence[Decision]) -> str:
    letters = [decision.action for decision in decisions]
    return next((letter for letter in letters if letter in TAKEN), letters[0])


def _name(rule: Rule) -> str:
    last = rule.path[-1]
    return keyword(int(last, 16)) if '"' not in last else ""
