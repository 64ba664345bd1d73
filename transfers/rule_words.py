"""A project's rule in words: what it is about and what becomes of it, without the values it takes.

A map tells what it writes and how many values it names; what stood there is known by marks alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from deidentify.rules import Rule
from transfers.models import PlanVersion
from transfers.places import rule_place
from transfers.plan_choices import said
from transfers.planning import rules_of

DOES = {
    "keep": "kept",
    "remove": "removed",
    "empty": "emptied",
    "clean": "cleaned: names and numbers of the patient are taken out of it",
    "dummy": "replaced by a dummy",
    "uid": "replaced by a new UID",
    "shift": "shifted with all dates of the participant",
}
OTHERS = {
    "clean": "cleaned",
    "empty": "emptied",
    "remove": "removed",
    "keep": "kept",
}
MOST_TEXTS = 5


def does(rule: Rule) -> str:
    """Say what becomes of an element."""
    if rule.value:
        return f"replaced by “{rule.value}”"
    if rule.action != "map":
        return DOES.get(rule.action, rule.action)
    texts = sorted(Counter(text for _, text in rule.values))
    shown = ", ".join(f"“{text}”" for text in texts[:MOST_TEXTS])
    more = f" and {len(texts) - MOST_TEXTS} more" if len(texts) > MOST_TEXTS else ""
    values = "one value becomes" if len(rule.values) == 1 else f"{len(rule.values)} values become"
    return f"{values} {shown}{more}; every other value is {OTHERS[rule.others]}"


def rule_sentence(rule: Rule) -> str:
    """Say a whole rule: `Protocol Name, wherever it stands: removed.`"""
    place = rule_place(rule.element)
    return f"{place[:1].upper()}{place[1:]}: {does(rule)}."


def differences_said(earlier: PlanVersion | None, later: PlanVersion) -> list[str]:
    """Say how two plan versions differ, in sentences; empty if they do the same."""
    if earlier is None:
        return [f"The project began with the profile {later.profile}."]
    return [*_choices(earlier, later), *_rules(rules_of(earlier), rules_of(later))]


def _choices(earlier: PlanVersion, later: PlanVersion) -> Iterator[str]:
    before = dict(said(earlier.profile, earlier.options))
    for question, answer in said(later.profile, later.options):
        was = before.pop(question, None)
        if was is None:
            yield f"{question}: {answer}."
        elif was != answer:
            yield f"{question}: {answer}, before {was}."


def _rules(before: Iterable[Rule], after: Iterable[Rule]) -> Iterator[str]:
    was = {rule.path: rule for rule in before}
    now = {rule.path: rule for rule in after}
    for path, rule in now.items():
        if path not in was:
            yield f"New rule. {rule_sentence(rule)}"
        elif was[path] != rule:
            yield f"Changed rule. {rule_sentence(rule)} Before it was {does(was[path])}."
    for path, rule in was.items():
        if path not in now:
            yield f"Withdrawn rule. {rule_sentence(rule)}"
