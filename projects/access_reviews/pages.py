"""Pages of access: the list to confirm, all reviews in overview, and who has access to what."""

import csv
from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import project_at
from projects.access_reviews.answering import Said, answer_review
from projects.access_reviews.opening import (
    answers_that_hold,
    may_review_hospital,
    open_review,
    require_hospital,
    subjects,
)
from projects.access_reviews.report import (
    COLUMNS,
    Access,
    access_of,
    access_to,
    all_access,
    may_report_all,
)
from projects.cells import safe_row
from projects.models import AccessReview, Answer, AuditEvent, Project, User
from projects.requests import SignedInRequest
from projects.roles import HospitalRole, Permission, Role


@require_http_methods(["GET", "HEAD", "POST"])
def project_review(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The list of a project's people to confirm, and the answers to it."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    return _review_page(request, project)


@require_http_methods(["GET", "HEAD", "POST"])
def hospital_review(request: SignedInRequest) -> HttpResponse:
    """The list of those with a hospital-wide role to confirm, and the answers to it."""
    require_hospital(request.user)
    return _review_page(request, None)


@require_POST
def start_project_review(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Open a review before its time."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    open_review(by=request.user, project=project)
    return redirect("project-access-review", project.acronym)


@require_POST
def start_hospital_review(request: SignedInRequest) -> HttpResponse:
    """Open a review of the hospital-wide roles before its time."""
    require_hospital(request.user)
    open_review(by=request.user, project=None)
    return redirect("hospital-access-review")


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """All reviews and whether they are overdue, and everybody's access, for those who oversee."""
    _require_report(request.user)
    today = timezone.localdate()
    people = User.objects.exclude(hospital_role=HospitalRole.NONE) | User.objects.filter(
        memberships__isnull=False
    )
    page = {
        "open": AccessReview.objects.open().select_related("project").order_by("due_on"),
        "overdue": AccessReview.objects.overdue(today).count(),
        "ended": AccessReview.objects.exclude(closed_at=None).select_related("project")[:20],
        "people": people.distinct().order_by("last_name", "first_name", "username"),
        "may_answer": request.user.may(Permission.MANAGE_MEMBERS),
    }
    return render(request, "projects/access.html", page)


@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything that one person has access to."""
    _require_report(request.user)
    about = get_object_or_404(User, pk=pk)
    page = {"about": about, "rows": list(access_of(about))}
    return render(request, "projects/access_person.html", page)


@require_safe
def report_all(request: SignedInRequest) -> HttpResponse:
    """Who has access to what in the whole hospital, as a table to take along."""
    _require_report(request.user)
    AuditEvent.record(request.user, "exported_access", request.user)
    return _table(all_access(), "access.csv")


@require_safe
def report_of_project(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Who has access to a project, as a table: for its owner and those who oversee it."""
    project = project_at(request.user, acronym)
    user = request.user
    if not (
        user.may(Permission.MANAGE_MEMBERS, project) or user.may(Permission.VIEW_AUDIT, project)
    ):
        raise PermissionDenied("The owner, and those who oversee the project, take this table.")
    AuditEvent.record(user, "exported_access", project)
    return _table(access_to(project), f"access-{project.acronym}.csv")


def _require_report(user: User) -> None:
    if not may_report_all(user):
        raise PermissionDenied("The data office and auditors see who has access to what.")


def _table(rows: Iterable[Access], name: str) -> HttpResponse:
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    writer.writerows(safe_row(row) for row in rows)
    return answer


def _review_page(request: SignedInRequest, project: Project | None) -> HttpResponse:
    review = AccessReview.objects.open().filter(project=project).first()
    problem = ""
    if request.method == "POST" and review is not None:
        try:
            said = _said(request.POST)
            _refuse_half_said(review, said, request.POST)
            review = answer_review(by=request.user, review=review, said=said)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            return _answered(request, review)
    rows = _rows(request, review) if review else []
    page = {
        "project": project,
        "review": review,
        "problem": problem,
        "rows": rows,
        "answered": sum(row["answer"] is not None for row in rows),
        "last": AccessReview.objects.filter(project=project).exclude(closed_at=None).first(),
        "roles": Role.choices,
        "may_start": project is not None or may_review_hospital(request.user),
    }
    return render(request, "projects/access_review.html", page, status=422 if problem else 200)


def _answered(request: SignedInRequest, review: AccessReview) -> HttpResponse:
    if review.closed_at is not None:
        messages.success(request, "Everybody is confirmed: the review has ended.")
    else:
        messages.success(request, "Saved. The review ends when everybody was answered for.")
    project = review.project
    if project is None:
        return redirect("hospital-access-review")
    if not request.user.may(Permission.MANAGE_MEMBERS, project):
        return redirect("home")
    return redirect("project-access-review", project.acronym)


def _rows(request: SignedInRequest, review: AccessReview) -> list[dict[str, object]]:
    answers = answers_that_hold(review)
    return [
        {
            "subject": one,
            "answer": answers.get(one.user.pk),
            "is_oneself": request.user.is_also(one.user.pk),
            "chosen": request.POST.get(f"answer-{one.user.pk}", ""),
            "chosen_role": request.POST.get(f"role-{one.user.pk}", one.role),
        }
        for one in subjects(review)
    ]


def _refuse_half_said(review: AccessReview, said: Mapping[int, Said], posted: QueryDict) -> None:
    """Raise ValidationError where nothing was answered, or a role chosen without its answer."""
    for one in subjects(review):
        role = posted.get(f"role-{one.user.pk}", one.role)
        if role != one.role and one.user.pk not in said:
            raise ValidationError(
                f"Another role is chosen for {one.user.display_name}: choose “Change to” as well."
            )
    if not said:
        raise ValidationError("Choose an answer for at least one person.")


def _said(posted: QueryDict) -> dict[int, Said]:
    """Read the answers of a form: answer-7=change, role-7=researcher, about-7=owner."""
    said = {}
    for name, value in posted.items():
        word, _, key = name.partition("-")
        if word == "answer" and key.isdecimal() and value in Answer.values:
            role, about = (str(posted.get(f"{name}-{key}", "")) for name in ("role", "about"))
            said[int(key)] = Said(Answer(value), role, about)
    return said
