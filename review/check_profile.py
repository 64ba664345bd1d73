"""What a profile of PS3.15 would still do with the elements of foreign data."""

from collections.abc import Mapping
from typing import NamedTuple

from deidentify.decisions import ACTIONS, Where, part
from deidentify.identity import SECRET_BYTES, Identity
from deidentify.inventory import names_in
from deidentify.leaks.shapes import is_placeholder
from deidentify.plan import Plan, compile_plan
from review.check_sums import ElementSum

PROFILES = {
    "basic": "Basic profile of PS3.15",
    "research": "This portal's profile for research",
}
CERTAIN = {"X", "Z"}
"""What the letters leave nothing of: a value that stands there was left by nobody's profile."""
CHANGES = {"D", "U", "S", "A", "E", "H", "Y", "R", "W", "N"}
"""What the letters put something else in the place of: whether they have cannot be told."""


class Would(NamedTuple):
    """What a profile would do with an element that holds values.

    `is_certain`: it would leave nothing, so it cannot have been applied.
    """

    action: str
    because: str
    is_certain: bool

    @property
    def row(self) -> str:
        """The row that decided; nothing where it would only repeat the words."""
        return "" if self.action == "W" else self.because

    @property
    def words(self) -> str:
        """The action in words."""
        return "replaced by the project's own" if self.action == "W" else ACTIONS[self.action]


def what_it_would_do(profile: str, elements: Mapping[str, ElementSum]) -> dict[str, Would]:
    """Return the elements that a profile would remove, empty or replace, by their path."""
    nobody = Identity(project="CHECK", pseudonym="CHECK", secret=bytes(SECRET_BYTES))
    plan = compile_plan(profile, identity=nobody)
    found: dict[str, Would] = {}
    gone: set[str] = set()
    for path, element in sorted(elements.items()):
        if any(path.startswith(parent) and path != parent for parent in gone):
            continue  # it goes with the sequence that it lies in
        would = _decided(plan, path, element)
        if would is not None:
            found[path] = would
            if would.action == "X":
                gone.add(path)
    return found


def _decided(plan: Plan, path: str, element: ElementSum) -> Would | None:
    *parents, last = names_in(path)
    if last.tag & 0xFFFF == 0:
        return None  # lengths of groups, which say nothing
    values = [text for text in element.values if text and not is_placeholder(text)]
    if not values:
        return None
    for sop_class_uid in sorted(element.sop_classes):
        where = Where(
            parents=tuple(part(parent.tag, parent.creator) for parent in parents),
            tags=tuple(parent.tag for parent in parents),
            sop_class_uid=sop_class_uid,
        )
        decision = plan.decide(where, last.tag, element.vr, last.creator)
        if decision.action in CERTAIN | CHANGES:
            return Would(decision.action, decision.because, decision.action in CERTAIN)
    return None
