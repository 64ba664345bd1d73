"""One package: how far it is, what is in it, who took it, and what can be done with it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from exports.actions import packages as actions
from exports.contents import contents_of
from exports.downloads import send
from exports.history import history
from exports.models import Package
from exports.presenting import rows, shown
from exports.states import State
from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission

MOST_NAMED = 200


@require_safe
def package(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """One package; htmx asks for what moves in it as long as it is being built."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    found = get_object_or_404(rows(project), pk=pk)
    context: dict[str, Any] = {"project": project, "package": found, "shown": shown(found)}
    context["may_export"] = request.user.may(Permission.EXPORT, project)
    context["may_withdraw"] = request.user.may(Permission.WITHDRAW_PACKAGES, project)
    names = found.participants.order_by("pseudonym").values_list("pseudonym", flat=True)
    context |= {
        "contents": contents_of(found),
        "history": history(found),
        "participants": list(names[:MOST_NAMED]),
        "more_participants": max(found.participants.count() - MOST_NAMED, 0),
    }
    template = "exports/package.html" + ("#live" if request.htmx else "")
    return render(request, template, context)


@require_POST
def cancel(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Stop a package that is being built."""
    project = project_at(request.user, acronym, Permission.WITHDRAW_PACKAGES)
    package = get_object_or_404(Package, project=project, pk=pk)
    try:
        actions.cancel_package(by=request.user, package=package)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, f"{package.file_name} is cancelled.")
    return redirect("export", project.acronym, package.pk)


@require_safe
def download(request: SignedInRequest, acronym: str, pk: int) -> HttpResponseBase:
    """The file of a package, whole or from a byte on. Each download is written down."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    package = get_object_or_404(Package, project=project, pk=pk, state=State.READY)
    try:
        return send(request, by=request.user, package=package)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("export", project.acronym, package.pk)
