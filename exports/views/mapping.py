"""What each kind of series is in BIDS: guessed first, decided by a person, kept as versions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from exports.actions.mappings import save_mapping
from exports.mapping_rows import MappingRow, rows_shown
from exports.models import BidsMapping
from exports.presenting import counted
from exports.series_kinds import described_by
from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.hiding import REASONS, why_hidden, with_hiding
from review.models import Element
from review.views.asking import asked_for

LONGEST_REASON = 250
VERSIONS_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The kinds of series of a project with what they are; htmx asks what they would be called."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    may_export = request.user.may(Permission.EXPORT, project)
    if request.method == "POST" and not may_export:
        raise PermissionDenied
    facts: dict[str, Any] = {"project": project, "may_export": may_export}
    facts |= _hiding(request, project)
    if facts["is_closed"]:
        return render(request, "exports/mapping.html", facts)
    saved = BidsMapping.objects.at(project)
    rows = rows_shown(project, saved, request.POST if "since" in request.POST else None)
    problems: list[str] = []
    if request.method == "POST" and request.POST.get("deed") == "save":
        try:
            return _save(request, project, rows)
        except ValidationError as error:
            problems = error.messages
    facts |= {
        "rows": rows,
        "sentence": _sentence(rows, saved),
        "since": request.POST.get("since") or (saved.number if saved else 0),
        "reason": request.POST.get("reason", "")[:LONGEST_REASON],
        "problems": problems,
        "versions": BidsMapping.objects.of(project)[:VERSIONS_SHOWN],
    }
    part = "#kinds" if request.htmx else ""
    status = 422 if problems and not part else 200
    return render(request, f"exports/mapping.html{part}", facts, status=status)


def _save(request: SignedInRequest, project: Project, rows: list[MappingRow]) -> HttpResponse:
    since = request.POST.get("since", "")
    saved = save_mapping(
        by=request.user,
        project=project,
        rows=[one.row for one in rows],
        reason=request.POST.get("reason", "")[:LONGEST_REASON],
        since=int(since) if since.isdecimal() else 0,
    )
    messages.success(
        request, f"Version {saved.number} is saved. Packages asked for from now on follow it."
    )
    return redirect("export-mapping", project.acronym)


def _hiding(request: SignedInRequest, project: Project) -> dict[str, Any]:
    """Tell whether the review hides descriptions, and whether they were asked for."""
    described = described_by(project)
    if described is None:
        return {"is_closed": False}
    element = with_hiding(Element.objects.filter(pk=described.pk)).get()
    element.project = project
    why = why_hidden(element)
    is_closed = bool(why) and not asked_for(request, project, [element])
    is_asked_for = bool(why) and not is_closed
    return {
        "is_closed": is_closed,
        "why_hidden": REASONS.get(why, ""),
        "element": element,
        "shown_element": element.pk if is_asked_for else None,
    }


def _sentence(rows: list[MappingRow], saved: BidsMapping | None) -> str:
    """Say how things stand."""
    if not rows:
        return "There are no series here yet."
    undecided = sum(one.standing == "unknown" for one in rows)
    guessed = sum(one.standing == "guessed" for one in rows)
    parts = []
    if undecided:
        parts.append(f"{counted(undecided, 'kind')} of series nobody could guess")
    if guessed:
        parts.append(f"{counted(guessed, 'kind')} {'is' if guessed == 1 else 'are'} guessed")
    if not parts:
        return f"Version {saved.number if saved else 0} decides about all kinds of series."
    return " and ".join(parts) + ". Look through them and save."
