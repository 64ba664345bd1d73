"""What is said of each person's role, and done at once: kept, changed, removed."""

from collections.abc import Mapping
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from projects.access import require
from projects.access_reviews.opening import Subject, require_hospital, subjects, unanswered
from projects.actions import remove_member, set_member
from projects.models import AccessAnswer, AccessReview, Answer, AuditEvent, User
from projects.models.people import Source
from projects.roles import HospitalRole, Permission, Role


class Said(NamedTuple):
    """One answer; `role` is the new one where it is Answer.CHANGE, `about` what was shown."""

    answer: Answer
    role: str = ""
    about: str = ""


@transaction.atomic
def answer_review(*, by: User, review: AccessReview, said: Mapping[int, Said]) -> AccessReview:
    """Answer for some of the people of a review, by their ids; it ends with the last of them.

    Args:
        by: owner or data office; for hospital-wide roles the data office, and auditors.
        review: an open one.
        said: what is said of whom. What is said takes effect here.

    Raises PermissionDenied, and ValidationError, in a sentence, if the review has ended, if
    somebody answers for themselves, or if a rule of the project forbids the change: nothing is
    changed then.
    """
    review = AccessReview.objects.select_for_update().get(pk=review.pk)
    if review.project is not None:
        require(by, Permission.MANAGE_MEMBERS, review.project)
    else:
        require_hospital(by)
    if review.closed_at is not None:
        raise ValidationError("This review has ended. The next one opens in half a year.")
    asked = {one.user.pk: one for one in subjects(review)}
    for user, what in said.items():
        if user not in asked:
            raise ValidationError("Somebody in this list has no role any more. Load it again.")
        _answer(by, review, asked[user], what)
    if not unanswered(review):
        review.closed_at = timezone.now()
        review.save(update_fields=["closed_at"])
        AuditEvent.record(by, "ended_access_review", review, people=review.answers.count())
    return review


def _answer(by: User, review: AccessReview, one: Subject, said: Said) -> None:
    if by.is_also(one.user.pk):
        raise ValidationError(
            "Nobody confirms their own access: another owner does, the data office, or an auditor."
        )
    if said.about not in {"", one.role}:
        raise ValidationError(
            f"{one.user.display_name} has another role by now. Load the list again."
        )
    answer = Answer(said.answer)
    if answer != Answer.KEEP:
        _change(by, one, answer, said.role)
    AccessAnswer.objects.update_or_create(
        review=review,
        user=one.user,
        defaults={
            "role": one.role,
            "answer": answer,
            "new_role": said.role if answer == Answer.CHANGE else "",
            "answered_by": by,
            "answered_at": timezone.now(),
        },
    )
    AuditEvent.record(
        by, "confirmed_access", review, user=one.user.pk, answer=str(answer), role=one.role
    )


def _change(by: User, one: Subject, answer: Answer, role: str) -> None:
    member = one.membership
    if member is None:
        _end_hospital_role(by, one.user, answer)
        return
    if member.source == Source.DIRECTORY:
        raise ValidationError(
            f"{one.user.display_name} is in the project through a group of the hospital's "
            "directory. Ask for them to leave the group; the access ends with it."
        )
    if answer == Answer.REMOVE:
        remove_member(by=by, membership=member)
    elif role in Role.values and role != member.role:
        set_member(by=by, project=member.project, user=one.user, role=Role(role))
    else:
        raise ValidationError(f"Choose another role for {one.user.display_name}.")


def _end_hospital_role(by: User, user: User, answer: Answer) -> None:
    """Take a hospital-wide role away; another one is given where people are administered."""
    if by.hospital_role != HospitalRole.DATA_OFFICE:
        raise PermissionDenied("The data office takes hospital-wide roles away.")
    if answer != Answer.REMOVE:
        raise ValidationError("A hospital-wide role is kept or removed here.")
    user.hospital_role = HospitalRole.NONE
    user.save(update_fields=["hospital_role"])
    AuditEvent.record(by, "set_hospital_role", user, hospital_role="none")
