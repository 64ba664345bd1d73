"""What a rule about an element could do, the fitting first, each with what stands in its way.

Read by the page that turns "not safe" into a rule. What may not be is said with the reason, not
left out: whoever looks for it must not think that it was forgotten.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from deidentify.elements import SINGLE_VALUED_TEXT, TEXT_VRS
from deidentify.plan import Plan
from deidentify.rules import BLOCK, Rule
from deidentify.ruling import REVIEWING, refusal, scopes
from projects.models import Project
from review.models import Element
from review.reach import Reach
from transfers.places import rule_place
from transfers.planning import rule_key

WORDS = {
    "remove": ("Remove it", "The element is gone from every image."),
    "empty": ("Empty it", "The element stays, without a value."),
    "clean": (
        "Clean it",
        "What the engine knows of each patient, and what looks like a name, a number or a date of "
        "a person, is taken out; the rest of the text stays.",
    ),
    "dummy": ("Replace it by a dummy", "Every image gets a value that says nothing."),
    "replace": ("Replace it by a text", "Every image gets the text that you write."),
    "map": (
        "Replace value by value",
        "Each value becomes what you write beside it. What is written is the same in every "
        "image that has the value.",
    ),
}
FEW = 20
"""Distinct values up to which a table of them is offered."""
LONGEST_NAMED = 256


@dataclass(frozen=True)
class Choice:
    """One thing that a rule can be about: its name in the form, the element, a sentence."""

    name: str
    element: str
    sentence: str


@dataclass(frozen=True)
class Offer:
    """One thing that a rule can do: its name, words, and why it may not be ("" if it may)."""

    action: str
    label: str
    help: str
    refused: str


@dataclass(frozen=True)
class Named:
    """One value that a table could name: how the form calls it, and the value."""

    key: str
    text: str
    value_id: int


def choices_of(element: Element) -> list[Choice]:
    """Return what a rule could be about, the widest that is not a whole block first."""
    order = {"element": 0, "way": 1, "block": 2}
    found = sorted(scopes(element.path), key=lambda scope: order[scope.name])
    return [Choice(scope.name, scope.element, rule_place(scope.element)) for scope in found]


def offers(choice: Choice, element: Element, plan: Plan, reached: Reach) -> list[Offer]:
    """Return all actions for one choice, the fitting first and the refused last."""
    kinds, vrs = reached.sop_class_uids(), reached.vrs
    found = []
    for action in _fitting(element):
        label, help_text = WORDS[action]
        sentence = _impossible(choice.element, action, element)
        if not sentence:
            rule = _sample(choice.element, action, vrs)
            sentence = refusal(rule, plan, kinds, allowed=REVIEWING, vrs=vrs)
        found.append(Offer(action, label, help_text, sentence))
    return sorted(found, key=lambda offer: bool(offer.refused))


def named_values(element: Element) -> list[Named]:
    """Return the values that a table could name, the most frequent first; empty if too many.

    Of an element with several values in one image, each of them is named by itself.
    """
    if not may_be_named(element):
        return []
    rows = element.element_values.select_related("value").order_by("-instance_count", "value")
    is_one = element.vr in SINGLE_VALUED_TEXT
    found: dict[str, Named] = {}
    for row in rows:
        parts = [row.value.text] if is_one else row.value.text.split("\\")
        for number, part in enumerate(parts):
            if part and len(part) <= LONGEST_NAMED and part not in found:
                found[part] = Named(f"{row.value_id}-{number}", part, row.value_id)
    return list(found.values())


def may_be_named(element: Element) -> bool:
    """Whether an element has so few values that a person can name each of them."""
    return 0 < element.value_count <= FEW and not element.unlisted_count


def rule_of(
    project: Project,
    choice: Choice,
    action: str,
    *,
    text: str = "",
    table: Iterable[tuple[str, str]] = (),
    others: str = "",
) -> Rule:
    """Put a rule together. Raises UnknownProfile for what no rule can be.

    Args:
        text: what `replace` writes.
        table: of a `map`, values with what each becomes; those without are left out.
        others: of a `map`, what becomes of all other values.
    """
    if action == "map":
        values = {value: new.strip() for value, new in table if new.strip()}
        return Rule.of_values(choice.element, values, others, key=rule_key(project))
    return Rule(choice.element, action, text.strip() if action == "replace" else "")


def _fitting(element: Element) -> list[str]:
    """Return the actions in the order in which they fit an element."""
    vrs = set(element.vr.split(" or "))
    is_cleaned = any(row.action in "CT" for row in element.decisions.all())
    if element.is_private:
        order = ["remove", "empty", "clean"]
    elif may_be_named(element) and not vrs & {"LT", "ST", "UT"}:
        order = ["replace", "map", "empty", "remove", "clean"]
    elif vrs & (TEXT_VRS | {"UN"}) and not is_cleaned:
        order = ["clean", "empty", "remove"]
    else:  # it was cleaned, and something is left all the same
        order = ["empty", "remove", "dummy"]
    return [*order, *(action for action in REVIEWING if action not in order)]


def _impossible(name: str, action: str, element: Element) -> str:
    """Say why an action makes no sense for an element, whatever the plan and the standard say."""
    if name.endswith(f"{BLOCK})") and action != "remove":
        return "A whole private block can only be removed."
    if action == "map" and not may_be_named(element):
        return f"It has more than {FEW} different values, too many to name one by one."
    if action == "dummy" and element.is_private:
        return "Nobody knows what a dummy of a private element should look like."
    return ""


def _sample(name: str, action: str, vrs: Collection[str]) -> Rule:
    """Return a rule to ask about: what it would write fits, so that all else is judged."""
    fitting = {"DA": "20000101", "DT": "20000101", "TM": "12", "AS": "050Y"}
    texts = [fitting[vr] for vr in vrs if vr in fitting]
    text = texts[0] if texts else "1"
    if action == "map":
        return Rule.of_values(name, {"X": text})
    return Rule(name, action, text if action == "replace" else "")
