"""The packages of a project, newest first, and asking for a new one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exports.actions import packages as actions
from exports.choosing import choices
from exports.forms import PackageForm
from exports.presenting import in_all, rows, shown, summary
from exports.previewing import preview
from exports.starts import specification_of, starts
from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.currency import refuse_unsigned

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def packages(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The packages of a project, newest first, and the form for a new one."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    if request.method == "POST":
        return _request(request, project)
    return _page(request, project, form=None)


@require_safe
def package_row(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """One package's line; htmx asks for it as long as the package is moving."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    package = get_object_or_404(rows(project), pk=pk)
    context = {"project": project, "shown": shown(package)}
    context["may_export"] = request.user.may(Permission.EXPORT, project)
    context["may_withdraw"] = request.user.may(Permission.WITHDRAW_PACKAGES, project)
    return render(request, "exports/packages.html#row", context)


@require_POST
def look(request: SignedInRequest, acronym: str) -> HttpResponse:
    """What the chosen specification would give of the chosen participants; nothing is asked for."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    form = PackageForm(request.POST, choices=choices(project), starts=starts(project))
    context: dict[str, Any] = {"project": project, "may_export": True}
    if form.is_valid():
        specification = specification_of(project, form.cleaned_data["specification"])
        context["preview"] = specification and preview(
            by=request.user,
            project=project,
            specification=specification,
            participants=form.chosen(),
            shows_hidden=bool(request.POST.get("shows_hidden")),
        )
    return render(request, "exports/parts/new_preview.html", context)


def _request(request: SignedInRequest, project: Project) -> HttpResponse:
    project_at(request.user, project.acronym, Permission.EXPORT)
    form = PackageForm(request.POST, choices=choices(project), starts=starts(project))
    if not form.is_valid():
        return _page(request, project, form=form)
    specification = specification_of(project, form.cleaned_data["specification"])
    assert specification is not None  # noqa: S101 - the form knows what there is
    try:
        package = actions.request_package(
            by=request.user,
            project=project,
            specification=specification,
            participants=form.chosen(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, project, form=form)
    messages.success(request, f"{package.file_name} is being built. You can leave this page.")
    return redirect("export", project.acronym, package.pk)


def _page(request: SignedInRequest, project: Project, *, form: PackageForm | None) -> HttpResponse:
    found = list(rows(project)[: SHOWN + 1])
    context: dict[str, Any] = {"project": project, "sentence": summary(found)}
    context |= {"packages": [shown(one) for one in found[:SHOWN]], "is_cut": len(found) > SHOWN}
    context["may_export"] = request.user.may(Permission.EXPORT, project)
    context["may_withdraw"] = request.user.may(Permission.WITHDRAW_PACKAGES, project)
    context["unsigned"] = _why_unsigned(project)
    context["may_manage_places"] = request.user.may(Permission.MANAGE_DESTINATIONS, project)
    if context["may_export"]:
        possible = choices(project)
        context |= {"choices": possible, "totals": in_all(possible)}
        initial = {"specification": request.GET.get("specification", "")}
        context["form"] = form or PackageForm(
            choices=possible, starts=starts(project), initial=initial
        )
    status = 422 if form is not None else 200
    return render(request, "exports/packages.html", context, status=status)


def _why_unsigned(project: Project) -> str:
    """Say why nothing can be exported until somebody signs off; "" if it can."""
    try:
        refuse_unsigned(project)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
