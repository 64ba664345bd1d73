"""What a rule would do, in sentences and in examples, before it is made.

Counts come from the index. Examples are of the values that are there now; where those are hidden,
so is what becomes of them, unless it is the same for all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from deidentify.elements import SINGLE_VALUED_TEXT
from deidentify.plan import Plan
from deidentify.rules import Rule, mark_of
from deidentify.sessions import Session
from deidentify.text import clean_value
from projects.models import Project
from review.models import Element
from review.reach import Reach, changed_instances
from review.rule_choices import Named
from review.templatetags.review_words import grouped
from transfers.models import Outcome, Run
from transfers.planning import rule_key

MOST_EXAMPLES = 5
SHOWN = 80


@dataclass(frozen=True)
class Example:
    """One value that is there now, what becomes of it, and in how many images it is."""

    before: str
    after: str
    instance_count: int


def sentences(rule: Rule, reached: Reach, marks: Collection[int]) -> list[str]:
    """Say how much a rule changes, the number of images first."""
    most = reached.instance_count
    if rule.action in ("replace", "map"):
        most = min(most, changed_instances(rule, reached.elements, marks))
    changes = _several(most, "image")
    exact = reached.is_exact and rule.action in ("remove", "empty")
    told = [
        f"{changes if exact else 'At most ' + changes} of "
        f"{_several(reached.series_count, 'series', 'series')}, "
        f"{_several(reached.study_count, 'study', 'studies')} and "
        f"{_several(reached.participant_count, 'participant')} change."
    ]
    if len(reached.elements) > 1:
        told.append(f"The rule reaches {len(reached.elements)} places where the element stands.")
    if not reached.elements:
        told = ["Nothing of the research copy has the element now; the rule holds for what comes."]
    return told


def runs_said(reached: Reach) -> list[str]:
    """Say which transfers run again, and from what."""
    originals, copies, stuck = _sources(reached.to_run)
    told = []
    if originals:
        told.append(f"{_runs(originals)} again from the originals in quarantine.")
    if copies:
        told.append(
            f"{_runs(copies)} again over the research copy: the originals have left quarantine, "
            "so dates and UIDs stay as they are."
        )
    if stuck:
        told.append(f"{_several(stuck, 'transfer')} cannot run again: no file of it is left here.")
    if reached.unknown:
        told.append(
            f"Among them {_are(len(reached.unknown))} not indexed in whole and may have the "
            "element too."
        )
    return told or ["No transfer has to run again."]


def _sources(transfers: Collection[int]) -> tuple[int, int, int]:
    """Count the transfers whose originals are all there, whose copy is, and those without either.

    By the catalogue, since nobody waits while thousands of files are looked for; whoever starts
    the run looks at the files themselves.
    """
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    latest = Run.objects.filter(~Exists(newer), transfer__in=transfers)
    written = Outcome.objects.filter(run=OuterRef("pk")).exclude(key="")
    gone = Exists(written.filter(instance=None))
    originals = latest.filter(~gone).exclude(transfer__study=None)
    copies = latest.filter(Exists(written), files_erased_at=None).exclude(
        pk__in=originals.values("pk")
    )
    counts = originals.count(), copies.count()
    return (*counts, len(transfers) - sum(counts))


def examples(
    project: Project, rule: Rule, plan: Plan, element: Element, *, is_closed: bool
) -> list[Example]:
    """Return a handful of values before and after, the most frequent first.

    Args:
        is_closed: values are hidden from whoever reads the page.
    """
    rows = element.element_values.select_related("value").order_by("-instance_count", "value")
    found = []
    for row in rows[:MOST_EXAMPLES]:
        text = row.value.text
        is_same_for_all = rule.action not in ("clean", "map")
        after = _after(project, rule, plan, element, text)
        found.append(
            Example(
                before="hidden" if is_closed else _short(text) or "empty",
                after="hidden" if is_closed and not is_same_for_all else _short(after),
                instance_count=row.instance_count,
            )
        )
    return found


def named_ids(rule: Rule, values: Sequence[Named], project: Project) -> set[int]:
    """Return the ids of the values that a table names."""
    key, marks = rule_key(project), {mark for mark, _ in rule.values}
    return {one.value_id for one in values if mark_of(one.text, key) in marks}


def _after(project: Project, rule: Rule, plan: Plan, element: Element, text: str) -> str:
    if rule.action == "clean":
        return _cleaned(plan, element, text) or "empty"
    if rule.action == "map":
        becomes, key = dict(rule.values), rule_key(project)
        parts = [text] if element.vr in SINGLE_VALUED_TEXT else text.split("\\")
        new = (
            becomes.get(mark_of(part, key)) or _other(rule, plan, element, part) for part in parts
        )
        return "\\".join(part for part in new if part) or "empty"
    return {"remove": "removed", "empty": "empty", "dummy": "a dummy"}.get(rule.action, rule.value)


def _other(rule: Rule, plan: Plan, element: Element, part: str) -> str:
    if rule.others == "keep":
        return part
    return _cleaned(plan, element, part) if rule.others == "clean" else ""


def _cleaned(plan: Plan, element: Element, text: str) -> str:
    """Clean a value as if nothing were known of the patient: it only becomes less than this."""
    cleaner = Session(plan, frozenset()).cleaner
    vr = element.vr.split(" ", maxsplit=1)[0]
    value = text.encode("utf-8", "replace")
    new = clean_value(
        cleaner, value, vr, b"ISO_IR 192", only_patient=False, model=False, if_empty=b""
    )
    return new.decode("utf-8", "replace")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _several(number: int, one: str, many: str = "") -> str:
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


def _runs(number: int) -> str:
    return f"{_several(number, 'transfer')} run{'s' if number == 1 else ''}"


def _are(number: int) -> str:
    return f"{_several(number, 'transfer')} {'is' if number == 1 else 'are'}"
