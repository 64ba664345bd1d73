"""What people say of what is left in the data: safe, not safe or unsure, and who confirms it.

A verdict never covers what its giver cannot have seen: each form carries a stamp of what its page
knew (review.standing.Stamp). Where the project asks for two people, `safe` counts when somebody
else confirms it or says the same; the other verdicts count at once, since they only hold back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.actions.showing import search_values
from review.hiding import hides, with_hiding
from review.judging import (
    digests_of,
    handling_digest,
    known_element,
    put_confirmed,
    put_on_element,
    put_on_values,
    stand_anew,
    waits_still,
)
from review.models import Element, ElementValue, KnownElement, ProjectIndex, Verdict
from review.refusing import (
    covers_for,
    reason_for,
    refuse_if_somebody_was_faster,
    refuse_over_unsafe,
)
from review.standing import Stamp, is_rebuilt
from review.states import Judgement, ValueStanding
from review.value_patterns import ValuePattern
from transfers.actions.verdicts import checked_reason
from transfers.models import PlanVersion
from transfers.planning import current_plan

AT_ONCE = 2000
"""Elements that one click can judge."""


@dataclass(frozen=True)
class PatternPreview:
    """What a pattern would judge."""

    fits: int
    of: int
    examples: list[str]


@transaction.atomic
def judge(
    *,
    by: User,
    project: Project,
    element: Element,
    judged: str,
    reason: str = "",
    value: ElementValue | None = None,
    pattern: str = "",
    covers: str = "",
    stamp: Stamp | None = None,
) -> Verdict:
    """Give a verdict on an element, on one of its values, or on the values that fit a pattern.

    Args:
        by: somebody who may judge in the project.
        project, element: what it is about.
        judged: of review.states.Judgement.
        reason: needed unless it is `safe`, and then for hidden values that nobody was shown.
        value: of the element; then the verdict is on this value alone.
        pattern: an expression for whole values; then it is on those that fit, and on later ones.
        covers: of review.states.Covers, for a whole element; what is usual if left out.
        stamp: what the page knew on which it was given; all that is there if left out.

    Returns the verdict, or the waiting one of somebody else that it confirmed. Raises
    PermissionDenied, and ValidationError in a sentence.
    """
    _require(by, project, Permission.JUDGE)
    judgement = _checked(judged)
    _lock(project)
    verdict = _judge(
        by=by,
        element=_current(project, element),
        plan=current_plan(project),
        judgement=judgement,
        reason=reason,
        value=value,
        pattern=pattern,
        covers=covers,
        stamp=stamp,
    )
    if verdict.covers:
        stand_anew([element.pk])
    return verdict


@transaction.atomic
def judge_many(
    *,
    by: User,
    project: Project,
    elements: Sequence[int],
    judged: str,
    reason: str = "",
    stamp: Stamp | None = None,
) -> tuple[int, list[str]]:
    """Give the same verdict on many elements; return on how many, and what was left out and why.

    Raises PermissionDenied, and ValidationError if nothing was chosen or the verdict is no verdict.
    """
    _require(by, project, Permission.JUDGE)
    judgement = _checked(judged)
    if judgement != Judgement.SAFE:
        checked_reason(reason)
    _lock(project)
    rows = project.elements.filter(pk__in=elements[:AT_ONCE])
    chosen = list(with_hiding(rows).prefetch_related("decisions").order_by("pk"))
    plan = current_plan(project)
    if not chosen:
        raise ValidationError("Choose at least one element.")
    given, left = 0, dict[str, int]()
    for element in chosen:
        element.project = project
        try:
            _judge(
                by=by,
                element=element,
                plan=plan,
                judgement=judgement,
                reason=reason,
                stamp=stamp,
            )
        except ValidationError as error:
            for message in error.messages:
                left[message] = left.get(message, 0) + 1
        else:
            given += 1
    stand_anew([element.pk for element in chosen])
    return given, [
        message if number == 1 else f"{number} elements: {message}"
        for message, number in left.items()
    ]


@transaction.atomic
def confirm_verdict(*, by: User, verdict: Verdict) -> None:
    """Confirm, as the second person, that something is safe.

    Raises PermissionDenied, and ValidationError for one's own verdict, and for one that waits no
    more or was given when the plan did something else.
    """
    project = verdict.project
    _require(by, project, Permission.JUDGE)
    _lock(project)
    verdict = Verdict.objects.select_related("known", "project").get(pk=verdict.pk)
    element = project.elements.filter(digest=verdict.known.digest).first()
    if element is None or not waits_still(verdict.known, verdict):
        raise ValidationError("This verdict does not wait any more; look at the element again.")
    element.project = project
    _confirm(by, verdict.known, element, verdict)


def preview_pattern(
    *, by: User, project: Project, element: Element, pattern: str
) -> PatternPreview:
    """Say which of an element's values a pattern fits. Raises as `judge` does."""
    _require(by, project, Permission.JUDGE)
    fitting = ValuePattern(pattern).values_of(element)
    few = ElementValue.objects.filter(element=element, value__in=fitting[:5])
    hidden = hides(element)
    if hidden:
        search_values(by=by, project=project)
    texts = [] if hidden else list(few.values_list("value__text", flat=True))
    return PatternPreview(len(fitting), element.value_count, [text[:80] for text in texts])


def _judge(
    *,
    by: User,
    element: Element,
    plan: PlanVersion,
    judgement: Judgement,
    reason: str = "",
    value: ElementValue | None = None,
    pattern: str = "",
    covers: str = "",
    stamp: Stamp | None = None,
) -> Verdict:
    """Check and write a verdict; nothing is written before everything is checked."""
    project = element.project
    if stamp and stamp.as_of and element.first_seen_at > stamp.as_of:
        raise ValidationError("It came in after the page was read. Look at it first.")
    known = known_element(element)
    is_safe = judgement == Judgement.SAFE
    reason = reason_for(by, element, is_safe=is_safe, reason=reason)
    verdict = Verdict(
        project=project,
        known=known,
        judged=judgement,
        reason=reason,
        plan_version=plan,
        handling=handling_digest(element),
        given_by=by,
        given_at=timezone.now(),
        needs_second=is_safe and project.two_person_review,
    )
    fitting: list[int] = []
    if value is not None:
        verdict.value_digest = value.value.digest
        fitting = [value.value_id]
    elif pattern.strip():
        checked = ValuePattern(pattern)
        if is_safe:
            checked.refuse_names()
        verdict.pattern, fitting = checked.text, _fitting(checked, element, stamp, is_safe=is_safe)
    else:
        verdict.covers = covers_for(element, covers, is_safe=is_safe)
    refuse_if_somebody_was_faster(by, verdict, stamp)
    if is_safe and (waiting := _same_of_another(by, verdict)):
        _confirm(by, known, element, waiting)
        return waiting
    if verdict.covers and is_safe:
        refuse_over_unsafe(element)
    digests = digests_of(fitting)
    if value is not None and not digests:
        raise ValidationError("An empty value needs no verdict.")
    verdict.value_count = element.value_count if verdict.covers else len(digests)
    verdict.save()
    if verdict.covers:
        put_on_element(known, element, verdict, as_of=stamp.as_of if stamp else None)
    else:
        put_on_values(known, element, verdict, digests)
    kind = "value" if value is not None else "pattern" if verdict.pattern else "element"
    AuditEvent.record(
        by,
        "judged",
        verdict,
        project=project,
        why=reason,
        judged=str(judgement),
        on=kind,
        values=verdict.value_count,
    )
    return verdict


def _confirm(by: User, known: KnownElement, element: Element, verdict: Verdict) -> None:
    if by.is_also(verdict.given_by_id):
        raise ValidationError("You gave this verdict yourself; somebody else must confirm it.")
    if verdict.handling != handling_digest(element):
        raise ValidationError(
            "The plan does something else with this element since the verdict was given. "
            "Look at it again, and give a verdict of your own."
        )
    verdict.second_by, verdict.second_at = by, timezone.now()
    verdict.save(update_fields=["second_by", "second_at"])
    put_confirmed(known, element, verdict)
    AuditEvent.record(by, "confirmed_verdict", verdict, project=element.project)


def _same_of_another(by: User, verdict: Verdict) -> Verdict | None:
    """Return the verdict of somebody else that waits for just this one."""
    if not verdict.needs_second:
        return None
    waiting = (
        Verdict.objects.filter(
            known=verdict.known,
            judged=verdict.judged,
            covers=verdict.covers,
            value_digest=verdict.value_digest,
            pattern=verdict.pattern,
            needs_second=True,
            second_by=None,
            handling=verdict.handling,
        )
        .exclude(given_by__in=by.accounts)
        .first()
    )
    return waiting if waiting and waits_still(verdict.known, waiting) else None


def _fitting(
    pattern: ValuePattern, element: Element, stamp: Stamp | None, *, is_safe: bool
) -> list[int]:
    """Return the values a pattern judges: none that is judged worse already, none unseen."""
    fitting = pattern.values_of(element)
    if not fitting:
        raise ValidationError("No value of this element is as the pattern says.")
    rows = ElementValue.objects.filter(element=element, value__in=fitting)
    if stamp and stamp.as_of:
        rows = rows.filter(first_seen_at__lte=stamp.as_of)
    if is_safe:
        rows = rows.exclude(judged__in=(ValueStanding.UNSAFE, ValueStanding.UNSURE))
    return list(rows.values_list("value_id", flat=True))


def _checked(judged: str) -> Judgement:
    if judged not in Judgement.values:
        raise ValidationError("A verdict is safe, not safe or unsure.")
    return Judgement(judged)


def _current(project: Project, element: Element) -> Element:
    found = project.elements.filter(pk=element.pk).first()
    if found is None:
        raise ValidationError("This element is not in the data any more.")
    found.project = project
    return found


def _require(by: User, project: Project, right: Permission) -> None:
    if not by.may(right, project):
        raise PermissionDenied


def _lock(project: Project) -> None:
    """Wait for merges and for other people's verdicts. Raises ValidationError during a rebuild."""
    ProjectIndex.objects.get_or_create(project=project)
    ProjectIndex.objects.select_for_update().get(project=project)
    if is_rebuilt(project):
        raise ValidationError("The index is being built anew. Judge when it is whole again.")
