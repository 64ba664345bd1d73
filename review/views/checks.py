"""The check of data that never went through here: send, wait, look, delete.

Everything is the sender's alone: for anybody else the page is not there. With script, a browser
sends in portions and shows how far it is; without, one form does it all.
"""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.requests import SignedInRequest
from review.actions.checks import (
    add_to_check,
    begin_check,
    close_check,
    delete_check_now,
    may_check,
    show_values_of_check,
)
from review.check_profile import PROFILES
from review.check_reading import shown_elements, shown_findings
from review.models import Check, CheckElement, CheckState
from review.models.checks import KEPT
from review.narrowing import page_number

ELEMENTS_A_PAGE = 100
DICOM = "dicom"
KINDS = {
    "": "All",
    "dicom": "DICOM headers",
    "beside": "Beside the headers",
    "acted-on": "The profile would change",
}


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest) -> HttpResponse:
    """The form, the checks that one has, and what the form does where there is no script."""
    if not may_check(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _form(request)
    files = request.FILES.getlist("files") + request.FILES.getlist("folder")
    try:
        begun = begin_check(by=request.user, profile=request.POST.get("profile", ""))
    except ValidationError as error:
        return _form(request, error.messages[0])
    try:
        add_to_check(by=request.user, check=begun, files=files)
        close_check(by=request.user, check=begun)
    except ValidationError as error:
        delete_check_now(by=request.user, check=begun)
        return _form(request, error.messages[0])
    return redirect("review-checked", token=begun.token)


@require_POST
def begin(request: SignedInRequest) -> JsonResponse:
    """Open a check for the script, and say where it goes on."""
    try:
        begun = begin_check(by=request.user, profile=request.POST.get("profile", "basic"))
    except ValidationError as error:
        return JsonResponse({"problem": error.messages[0]}, status=422)
    return JsonResponse(
        {
            "files": reverse("review-check-files", args=[begun.token]),
            "close": reverse("review-check-close", args=[begun.token]),
            "page": reverse("review-checked", args=[begun.token]),
        }
    )


@require_POST
def files(request: SignedInRequest, token: UUID) -> JsonResponse:
    """Take one portion of files."""
    mine = _mine(request, token)
    try:
        count = add_to_check(
            by=request.user,
            check=mine,
            files=request.FILES.getlist("files"),
            names=request.POST.getlist("names"),
        )
    except ValidationError as error:
        return JsonResponse({"problem": error.messages[0]}, status=422)
    except OSError:
        problem = "There is no room left here. Nothing of this portion was kept."
        return JsonResponse({"problem": problem}, status=507)
    return JsonResponse({"count": count})


@require_POST
def close(request: SignedInRequest, token: UUID) -> JsonResponse:
    """Everything is sent: have it looked at."""
    mine = _mine(request, token)
    try:
        close_check(by=request.user, check=mine)
    except ValidationError as error:
        return JsonResponse({"problem": error.messages[0]}, status=422)
    return JsonResponse({"page": reverse("review-checked", args=[mine.token])})


@require_safe
def checked(request: SignedInRequest, token: UUID) -> HttpResponse:
    """How far a check is, and what was found; htmx asks for the progress alone. No values."""
    mine = _mine(request, token)
    facts = {"section": "check", "check": mine, "profile": PROFILES[mine.profile]}
    if mine.state != CheckState.DONE:
        return render(request, f"review/checked.html{'#progress' if request.htmx else ''}", facts)
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})  # it is done: show the whole page
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    page = Paginator(_of_kind(mine, kind), ELEMENTS_A_PAGE).get_page(page_number(request.GET))
    facts |= {
        "findings": shown_findings(mine.findings.all()),
        "elements": shown_elements(page.object_list),
        "page": page,
        "kind": kind,
        "kinds": [(label, word, _of_kind(mine, word).count()) for word, label in KINDS.items()],
        "hours": int(KEPT.total_seconds() // 3600),
    }
    return render(request, "review/checked.html", facts)


@require_POST
def values(request: SignedInRequest, token: UUID) -> HttpResponse:
    """The values of one element, or what is behind one finding, because somebody asked."""
    mine = _mine(request, token)
    facts: dict[str, object] = {"section": "check", "check": mine}
    if "finding" in request.POST:
        row = get_object_or_404(mine.findings, pk=_number(request.POST["finding"]))
        facts["finding"] = shown_findings([row])[0]
    else:
        found = get_object_or_404(mine.elements, pk=_number(request.POST.get("element", "")))
        facts["element"] = shown_elements([found])[0]
    show_values_of_check(by=request.user, check=mine)
    part = "#values" if request.htmx else ""
    return render(request, f"review/check_values.html{part}", facts)


@require_POST
def delete(request: SignedInRequest, token: UUID) -> HttpResponse:
    """Delete a check, its results and its files, at once."""
    delete_check_now(by=request.user, check=_mine(request, token))
    messages.success(request, "The check is deleted: its files, and everything found in them.")
    return redirect("review-check")


def _form(request: SignedInRequest, problem: str = "") -> HttpResponse:
    facts = {
        "section": "check",
        "checks": Check.objects.of(request.user),
        "profiles": PROFILES,
        "chosen": request.POST.get("profile", "basic"),
        "problem": problem,
        "hours": int(KEPT.total_seconds() // 3600),
    }
    return render(request, "review/check.html", facts, status=422 if problem else 200)


def _of_kind(mine: Check, kind: str) -> QuerySet[CheckElement]:
    rows = mine.elements.all()
    if kind == DICOM:
        return rows.filter(kind=DICOM)
    if kind == "beside":
        return rows.exclude(kind=DICOM)
    if kind == "acted-on":
        return rows.filter(is_acted_on=True)
    return rows


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _mine(request: SignedInRequest, token: UUID) -> Check:
    """Return a check of the person who asks; those of others are not there for them."""
    if not may_check(request.user):
        raise PermissionDenied
    return get_object_or_404(Check.objects.of(request.user), token=token)
