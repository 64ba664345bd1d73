"""The editor of a specification: its fields, what it would give, and saving a version."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from exports.actions import specifications as actions
from exports.editing import ROWS, Draft
from exports.editor_page import editor_facts
from exports.models import SpecificationSheet
from exports.previewing import preview
from exports.specification import Problem, SpecificationError, read_specification
from exports.versions import versions_said
from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission

LONGEST_REASON = 250


@require_http_methods(["GET", "HEAD", "POST"])
def specification(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The fields of one specification; what is sent is looked at, gets a row, or is saved."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    sheet = get_object_or_404(SpecificationSheet, project=project, pk=pk)
    if request.method != "POST":
        return _page(request, project, sheet, Draft.of(sheet.newest.content))
    if not request.user.may(Permission.EXPORT, project):
        raise PermissionDenied
    draft = Draft.read(request.POST)
    deed, _, rest = request.POST.get("deed", "").partition(":")
    place, _, number = rest.partition(":")
    if deed == "save":
        return _save(request, project, sheet, draft)
    if deed == "add" and place in ROWS:
        draft.add_row(place)
        return _page(request, project, sheet, draft, added=place)
    if deed == "remove" and place in ROWS and number.isdecimal():
        draft.remove_row(place, int(number))
    return _page(request, project, sheet, draft)


@require_POST
def look(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """What the fields as they stand would give; nothing is saved."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    sheet = get_object_or_404(SpecificationSheet, project=project, pk=pk)
    draft = Draft.read(request.POST)
    facts = _looked(request, project, draft) | {"sheet": sheet, "project": project}
    facts |= {"fields": draft.fields(), "is_answer": True}
    return render(request, "exports/parts/preview.html", facts)


def _save(
    request: SignedInRequest, project: Project, sheet: SpecificationSheet, draft: Draft
) -> HttpResponse:
    why = request.POST.get("why", "").strip()[:LONGEST_REASON]
    over = request.POST.get("over", "")
    try:
        version = actions.save_version(
            by=request.user,
            sheet=sheet,
            specification=read_specification(draft.as_data()),
            why=why,
            over=int(over) if over.isdecimal() else None,
        )
    except SpecificationError as error:
        return _page(request, project, sheet, draft, problems=error.problems)
    except ValidationError as error:
        problems = [Problem("why", sentence) for sentence in error.messages]
        return _page(request, project, sheet, draft, problems=problems)
    messages.success(request, f"Version {version.number} is saved.")
    return redirect("export-specification", project.acronym, sheet.pk)


def _page(
    request: SignedInRequest,
    project: Project,
    sheet: SpecificationSheet,
    draft: Draft,
    *,
    problems: list[Problem] | None = None,
    added: str = "",
) -> HttpResponse:
    newest = sheet.newest
    facts: dict[str, Any] = {"project": project, "sheet": sheet, "version": newest}
    facts |= editor_facts(project, draft, added=added)
    facts |= {
        "may_export": request.user.may(Permission.EXPORT, project),
        "next_number": newest.number + 1,
        "versions": versions_said(sheet),
        "why": request.POST.get("why", ""),
        "problems": draft.by_field(problems or []),
    }
    is_looked_at = request.POST.get("deed") == "look" and not request.htmx
    if is_looked_at:
        facts |= _looked(request, project, draft)
    facts["is_first"] = not is_looked_at and facts["may_export"]
    facts["general"] = facts["problems"].get("", "")
    status = 422 if problems else 200
    return render(request, "exports/editor.html", facts, status=status)


def _looked(request: SignedInRequest, project: Project, draft: Draft) -> dict[str, Any]:
    """Return what the preview shows, or what is wrong with the fields."""
    try:
        specification = read_specification(draft.as_data())
    except SpecificationError as error:
        problems = draft.by_field(error.problems)
        return {"problems": problems, "general": problems.get("", ""), "has_problems": True}
    shows_hidden = bool(request.POST.get("shows_hidden"))
    shown = preview(
        by=request.user, project=project, specification=specification, shows_hidden=shows_hidden
    )
    return {"preview": shown, "problems": {}}
