"""Deciding about a package that is held at the door, and looking where something was found."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from exports.actions.findings import (
    confirm_package,
    reject_package,
    release_package,
    show_finding,
    withdraw_package_release,
)
from exports.models import Package, PackageFinding
from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission

READY = "It is released, and can be downloaded."
WAITS = "It is released by you, and waits for a second person."


@require_POST
def release(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Let a package go with what was found in it."""
    reason = request.POST.get("reason", "")

    def deed(package: Package) -> str:
        return READY if release_package(by=request.user, package=package, reason=reason) else WAITS

    return _decide(request, acronym, pk, deed)


@require_POST
def confirm(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Confirm a release as the second person."""

    def deed(package: Package) -> str:
        return READY if confirm_package(by=request.user, package=package) else WAITS

    return _decide(request, acronym, pk, deed)


@require_POST
def withdraw(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Take one's own release back."""

    def deed(package: Package) -> str:
        withdraw_package_release(by=request.user, package=package)
        return "Your release is withdrawn."

    return _decide(request, acronym, pk, deed)


@require_POST
def reject(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Keep a package from leaving."""
    reason = request.POST.get("reason", "")

    def deed(package: Package) -> str:
        reject_package(by=request.user, package=package, reason=reason)
        return "It is rejected, and its file is deleted."

    return _decide(request, acronym, pk, deed)


@require_POST
def where(request: SignedInRequest, acronym: str, pk: int, finding: int) -> HttpResponse:
    """Where exactly something was found, for those who may see identified data."""
    project = project_at(request.user, acronym, Permission.SEE_IDENTIFIED)
    found = get_object_or_404(
        PackageFinding.objects.select_related("package__project"),
        pk=finding,
        package=pk,
        package__project=project,
    )
    path, members = show_finding(by=request.user, finding=found)
    facts = {
        "project": project,
        "package": found.package,
        "finding": found,
        "path": path,
        "members": members,
    }
    return render(request, "exports/finding.html", facts)


def _decide(
    request: SignedInRequest, acronym: str, pk: int, deed: Callable[[Package], str]
) -> HttpResponse:
    project = project_at(request.user, acronym, Permission.RESOLVE_FINDINGS)
    package = get_object_or_404(Package, project=project, pk=pk)
    try:
        messages.success(request, deed(package))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("export", project.acronym, package.pk)
