"""Signing off what is left in a project's data: one record, who stands for it, what it left open.

Nothing that was called not safe can be signed off, whatever the reason. What is merely not judged
can be left open by name, a few elements with a reason that stays on the record. Where the project
asks for two people, the sign-off counts when somebody else confirms it.
"""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from projects.canonical import canonical, digest_of
from projects.chain.links import moment
from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.currency import WAITS, blocked_by, currency, newest_sign_off, open_elements
from review.models import ProjectIndex, SignOff
from review.standing import Stamp, stamp_of
from review.telling_sign_offs import person_in_words, tell_sign_off
from transfers.actions.verdicts import checked_reason
from transfers.planning import current_plan
from transfers.screening import screen_for_project

MOST_EXCEPTIONS = 20


@transaction.atomic
def sign_off(
    *,
    by: User,
    project: Project,
    stamp: Stamp | None,
    exceptions: Collection[int] = (),
    reason: str = "",
) -> SignOff:
    """Sign off a project's data as it is.

    Args:
        by: somebody who may sign off.
        project: whose data it is.
        stamp: what the page knew that was signed; nothing may have changed since.
        exceptions: elements that are left open by name; all that are open must be among them.
        reason: why they may stay open; needed if there are any.

    Raises PermissionDenied, and ValidationError in a sentence for whatever stands against it.
    """
    _require(by, project)
    ProjectIndex.objects.get_or_create(project=project)
    ProjectIndex.objects.select_for_update().get(project=project)
    if stamp is not None and stamp != stamp_of(project):
        raise ValidationError(
            "Data came in or somebody judged while you were reading. Read it again, then sign."
        )
    if against := blocked_by(project):
        raise ValidationError(" ".join(against))
    left_open = list(open_elements(project).order_by("path"))
    if unnamed := sum(element.pk not in exceptions for element in left_open):
        noun = "1 element is" if unnamed == 1 else f"{unnamed:,} elements are"
        raise ValidationError(f"{noun} not judged. Judge the rest, or leave them open by name.")
    if len(left_open) > MOST_EXCEPTIONS:
        raise ValidationError(
            f"At most {MOST_EXCEPTIONS} elements can be left open; these are {len(left_open):,}."
        )
    reason = checked_reason(reason) if left_open else ""
    plan, now = current_plan(project), timezone.now()
    last = newest_sign_off(project)
    facts = tell_sign_off(
        project,
        plan=plan,
        exceptions=left_open,
        reason=reason,
        screen=screen_for_project(project),
    )
    number = last.number + 1 if last else 1
    text = canonical(
        facts | {"sign_off": number, "signed_at": moment(now), "signed_by": person_in_words(by)}
    )
    signed = SignOff.objects.create(
        project=project,
        number=number,
        plan_version=plan,
        text=text,
        digest=digest_of(text),
        last_verdict=facts["verdicts"]["newest"],
        exceptions=[element.digest for element in left_open],
        note=reason,
        signed_by=by,
        signed_at=now,
        needs_second=project.two_person_review,
    )
    event = AuditEvent.record(
        by,
        "signed_off",
        signed,
        project=project,
        why=reason,
        digest=signed.digest,
        exceptions=len(left_open),
    )
    SignOff.objects.filter(pk=signed.pk).update(event_id=event.pk)
    return signed


@transaction.atomic
def confirm_sign_off(*, by: User, signed: SignOff) -> None:
    """Confirm a sign-off as the second person.

    Raises PermissionDenied, and ValidationError for one's own, for one that is not the newest or
    waits no more, and if it does not say how things are any more.
    """
    project = signed.project
    _require(by, project)
    ProjectIndex.objects.select_for_update().get(project=project)
    now = currency(project)
    newest = now.sign_off
    if newest is None or newest.pk != signed.pk or newest.counts:
        raise ValidationError("This sign-off does not wait for anybody any more.")
    if by.is_also(newest.signed_by_id):
        raise ValidationError("You signed this yourself; somebody else must confirm it.")
    if others := [sentence for sentence in now.why_not if sentence != WAITS]:
        raise ValidationError(f"It cannot be confirmed: {' '.join(others)}")
    newest.second_by, newest.second_at = by, timezone.now()
    newest.save(update_fields=["second_by", "second_at"])
    AuditEvent.record(by, "confirmed_sign_off", newest, project=project, number=newest.number)


def _require(by: User, project: Project) -> None:
    if not by.may(Permission.SIGN_OFF, project):
        raise PermissionDenied
