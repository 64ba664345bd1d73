"""When a review of access opens, whom it asks about, and who may answer."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from projects.access import require
from projects.models import (
    AccessAnswer,
    AccessReview,
    AuditEvent,
    DataKey,
    Membership,
    Project,
    User,
)
from projects.models.access_reviews import DAYS_TO_ANSWER, EVERY
from projects.models.people import Kind
from projects.roles import HospitalRole, Permission, Role


class Subject(NamedTuple):
    """Somebody whose role is asked about; `membership` is None for a hospital-wide role."""

    user: User
    role: str
    label: str
    membership: Membership | None


def open_due_reviews() -> list[AccessReview]:
    """Open a review of every project and of the hospital-wide roles whose last is half a year old.

    A project nobody is in any longer has nothing to review. Calling it again does no harm.
    """
    before = timezone.now() - EVERY
    waiting = AccessReview.objects.open().filter(project=OuterRef("pk"))
    members = Membership.objects.filter(project=OuterRef("pk"))
    due = (
        Project.objects.annotate(reviewed_at=Max("access_reviews__closed_at"))
        .filter(Exists(members), ~Exists(waiting))
        .filter(Q(reviewed_at=None, created_at__lt=before) | Q(reviewed_at__lt=before))
    )
    opened = [_open(None, project) for project in due]
    hospital = AccessReview.objects.filter(project=None)
    if not hospital.open().exists():
        last: datetime | None = hospital.aggregate(last=Max("closed_at"))["last"]
        begun = last or DataKey.objects.earliest("pk").created_at
        if begun < before:
            opened.append(_open(None, None))
    return opened


@transaction.atomic
def open_review(*, by: User, project: Project | None) -> AccessReview:
    """Open a review before its time; return the one that is open already, if there is one.

    Raises PermissionDenied.
    """
    if project is not None:
        require(by, Permission.MANAGE_MEMBERS, project)
    else:
        require_hospital(by)
    found = AccessReview.objects.open().filter(project=project).first()
    return found or _open(by, project)


def subjects(review: AccessReview) -> list[Subject]:
    """Return everybody that a review asks about, as things stand now."""
    if review.project is not None:
        members = review.project.memberships.in_order()
        return [Subject(one.user, one.role, one.get_role_display(), one) for one in members]
    people = User.objects.exclude(hospital_role=HospitalRole.NONE).filter(is_active=True)
    return [
        Subject(one, one.hospital_role, one.get_hospital_role_display(), None)
        for one in people.order_by("hospital_role", "last_name", "username")
    ]


def answers_that_hold(review: AccessReview) -> dict[int, AccessAnswer]:
    """Return what was said in a review, by person, as long as it is said of the role they have.

    Somebody who was confirmed, or removed, and given another role since is asked about again.
    """
    held = {one.user.pk: one.role for one in subjects(review)}
    answers = review.answers.select_related("answered_by")
    return {one.user_id: one for one in answers if held.get(one.user_id) == one.leaves}


def unanswered(review: AccessReview) -> list[Subject]:
    """Return those of whose present role nothing was said since the review opened."""
    answered = answers_that_hold(review)
    return [one for one in subjects(review) if one.user.pk not in answered]


def reviews_for(user: User) -> QuerySet[AccessReview]:
    """Return the open reviews that a person may answer in, or, as an auditor, looks after."""
    found = Q(project__in=Project.objects.permitting(user, Permission.MANAGE_MEMBERS))
    if may_review_hospital(user):
        found |= Q(project=None)
    return AccessReview.objects.open().filter(found).select_related("project").order_by("due_on")


def reviews_waiting_for(user: User) -> QuerySet[AccessReview]:
    """Return those that a person's home page names.

    Owners get theirs. The data office could answer in all of them, and is told when one is
    overdue; the hospital-wide roles are its own, and the auditors'.
    """
    own = user.memberships.current().filter(role=Role.OWNER).values("project")
    is_late = Q(due_on__lt=timezone.localdate())
    return reviews_for(user).filter(Q(project__in=own) | Q(project=None) | is_late)


def may_review_hospital(user: User) -> bool:
    """Tell whether somebody answers for hospital-wide roles: the data office and auditors.

    Auditors change nothing by it: they say that a role is still right, so that the only person in
    the data office need not, and must not, confirm themselves.
    """
    reviewers = (HospitalRole.DATA_OFFICE, HospitalRole.AUDITOR)
    return user.is_active and user.kind == Kind.PERSON and user.hospital_role in reviewers


def require_hospital(by: User) -> None:
    """Raise PermissionDenied for somebody who does not answer for hospital-wide roles."""
    if not may_review_hospital(by):
        raise PermissionDenied("The data office and auditors review the hospital-wide roles.")


def _open(by: User | None, project: Project | None) -> AccessReview:
    due = timezone.localdate() + timedelta(days=DAYS_TO_ANSWER)
    with transaction.atomic():
        review = AccessReview.objects.create(project=project, due_on=due)
        AuditEvent.record(by, "opened_access_review", review)
    return review
