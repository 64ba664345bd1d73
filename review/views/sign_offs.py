"""The sign-off of a project: what stands against it, signing it, and the records of the past."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import project_at
from projects.models import AuditEvent, AuditSeal, Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.sign_offs import MOST_EXCEPTIONS, confirm_sign_off, sign_off
from review.currency import blocked_by, currency, open_elements
from review.models import SignOff
from review.narrowing import number_of
from review.standing import Stamp, progress, stamp_of
from review.telling_sign_offs import counted
from transfers.planning import current_plan
from transfers.screening import screen_for_project

OPEN_SHOWN = MOST_EXCEPTIONS


@require_http_methods(["GET", "HEAD", "POST"])
def sign_off_page(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Whether a sign-off is current and why not, the form for a new one, and all that were made."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    if request.method == "POST":
        chosen = {number_of(text) for text in request.POST.getlist("exception")}
        try:
            signed = sign_off(
                by=request.user,
                project=project,
                stamp=Stamp.read(request.POST.get("stamp", "")),
                exceptions=chosen,
                reason=request.POST.get("reason", ""),
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return _page(request, project, chosen=chosen, status=422)
        waits = "" if signed.counts else " It counts when a second person confirms it."
        messages.success(request, f"{project.acronym} is signed off.{waits}")
        return redirect("review-sign-off", project.acronym)
    return _page(request, project)


@require_POST
def confirm(request: SignedInRequest, acronym: str, number: int) -> HttpResponse:
    """Confirm a sign-off as the second person."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    signed = get_object_or_404(SignOff.objects.select_related("project"), **_of(project, number))
    try:
        confirm_sign_off(by=request.user, signed=signed)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The sign-off is confirmed, and counts now.")
    return redirect("review-sign-off", project.acronym)


@require_safe
def record(request: SignedInRequest, acronym: str, number: int) -> HttpResponse:
    """The record itself, to the byte: its SHA-256 stands on the page."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    signed = get_object_or_404(SignOff, **_of(project, number))
    AuditEvent.record(request.user, "downloaded_sign_off", signed, form="json")
    return _file(signed.text.encode(), "application/json", f"{_name(signed)}.json")


@require_safe
def record_page(request: SignedInRequest, acronym: str, number: int) -> HttpResponse:
    """The record as one page for the project's file."""
    from review.sign_off_pdf import draw_sign_off  # fonts and all: nobody else should wait for it

    project = project_at(request.user, acronym, Permission.REVIEW)
    rows = SignOff.objects.select_related("project", "second_by")
    signed = get_object_or_404(rows, **_of(project, number))
    AuditEvent.record(request.user, "downloaded_sign_off", signed, form="pdf")
    seal = AuditSeal.objects.covering(signed.event_id) if signed.event_id else None
    return _file(draw_sign_off(signed, seal), "application/pdf", f"{_name(signed)}.pdf")


def _page(
    request: SignedInRequest,
    project: Project,
    *,
    chosen: set[int] | None = None,
    status: int = 200,
) -> HttpResponse:
    stamp = stamp_of(project)
    left_open = open_elements(project).order_by("-risk_score", "path")
    people = project.sign_offs.select_related("signed_by", "second_by", "plan_version")
    screen = screen_for_project(project)
    facts = {
        "project": project,
        "stamp": stamp,
        "currency": currency(project),
        "progress": progress(project),
        "against": blocked_by(project),
        "open_count": left_open.count(),
        "open": left_open[:OPEN_SHOWN],
        "most": MOST_EXCEPTIONS,
        "chosen": chosen or set(),
        "reason": request.POST.get("reason", ""),
        "data": counted(project),
        "plan": current_plan(project),
        "sign_offs": [(one, screen(one.note)) for one in people.defer("text")],
        "may_sign": request.user.may(Permission.SIGN_OFF, project),
    }
    return render(request, "review/sign_off.html", facts, status=status)


def _of(project: Project, number: int) -> dict[str, object]:
    return {"project": project, "number": number}


def _name(signed: SignOff) -> str:
    return f"{signed.project.acronym}-sign-off-{signed.number}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
