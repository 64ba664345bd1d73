"""When a verdict is refused: each says why in a sentence, as ValidationError."""

from django.core.exceptions import ValidationError

from projects.models import AuditEvent, User
from review.covering import possible_covers, why_not_safe
from review.hiding import hides
from review.models import Element, Verdict
from review.standing import Stamp
from review.states import Covers, ValueStanding
from transfers.actions.verdicts import checked_reason


def covers_for(element: Element, covers: str, *, is_safe: bool) -> str:
    """Return what a verdict on a whole element covers; what is usual if nothing is chosen."""
    if not is_safe:
        return Covers.LISTED  # it holds back all of it, whatever comes
    possible = possible_covers(element)
    if not possible:
        raise ValidationError(why_not_safe(element))
    if covers and covers not in possible:
        raise ValidationError("A verdict on this element cannot cover that.")
    return covers or possible[0]


def reason_for(by: User, element: Element, *, is_safe: bool, reason: str) -> str:
    """Return the reason of a verdict, which only `safe` can do without."""
    if not is_safe or reason.strip():
        return checked_reason(reason)
    if hides(element) and not _was_shown(by, element):
        raise ValidationError(
            "Its values are hidden, and you have not looked at them since they last changed. "
            "Show them first, or say in a few words why it is safe all the same."
        )
    return ""


def _was_shown(by: User, element: Element) -> bool:
    shown = AuditEvent.objects.filter(
        actor=by, verb="showed_values", project=element.project_id, at__gte=element.changed_at
    )
    return shown.filter(facts__element=element.digest).exists()


def refuse_over_unsafe(element: Element) -> None:
    """Refuse to call an element safe past values that were called not safe one by one."""
    unsafe = element.element_values.filter(judged=ValueStanding.UNSAFE).count()
    if unsafe:
        noun = "value that is" if unsafe == 1 else "values that are"
        raise ValidationError(
            f"It has {unsafe:,} {noun} judged not safe. Judge these first, one by one, or make "
            "a rule for them."
        )


def refuse_if_somebody_was_faster(by: User, verdict: Verdict, stamp: Stamp | None) -> None:
    """Refuse a verdict on what somebody else judged after the page was read."""
    if stamp is None:
        return
    since = Verdict.objects.filter(known=verdict.known, pk__gt=stamp.last_verdict)
    if not verdict.covers:
        since = since.filter(value_digest__in=("", verdict.value_digest))
    other = since.exclude(given_by=by).select_related("given_by").first()
    if other is not None:
        raise ValidationError(
            f"{other.given_by.display_name} judged this “{other.get_judged_display().lower()}” "
            "while you were looking. Look at it again before you judge."
        )
