"""Handing a package out from its own page: links, codes, the password, deliveries, revoking."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exports.actions import deliveries as actions
from exports.actions import links
from exports.delivering.forms import LinkForm
from exports.models import Delivery, DownloadLink, Package, PackageDestination
from projects.access import project_at
from projects.errors import KeyUnavailable
from projects.requests import SignedInRequest
from projects.roles import Permission


def _package(
    request: SignedInRequest, acronym: str, pk: int, right: Permission = Permission.EXPORT
) -> Package:
    """Return a package over which the person has a right."""
    project = project_at(request.user, acronym, right)
    packages = Package.objects.select_related("project", "requested_by")
    return get_object_or_404(packages, project=project, pk=pk)


def _done(
    request: SignedInRequest, package: Package, change: Callable[[], Any], sentence: str
) -> HttpResponse:
    """Do something to a package, say how it went, and go back to its page."""
    try:
        change()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, sentence)
    return redirect("export", package.project.acronym, package.pk)


@require_POST
def make_link(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Make a link, and show its address: this once, and to this person alone."""
    package = _package(request, acronym, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        found = [str(sentence) for problems in form.errors.values() for sentence in problems]
        messages.error(request, " ".join(found))
        return redirect("export", acronym, pk)
    try:
        made = links.make_link(by=request.user, package=package, **form.facts())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("export", acronym, pk)
    context: dict[str, Any] = {"project": package.project, "package": package, "link": made.link}
    context["address"] = request.build_absolute_uri(reverse("export-get")) + f"#{made.token}"
    return render(request, "exports/link_made.html", context)


@require_POST
def link_code(request: SignedInRequest, acronym: str, pk: int, link_pk: int) -> HttpResponse:
    """Show the code that belongs to a link for somebody without an account."""
    package = _package(request, acronym, pk)
    link = get_object_or_404(DownloadLink, package=package, pk=link_pk, account=None)
    code = links.show_code(by=request.user, link=link)
    context = {"project": package.project, "package": package, "link": link, "code": code}
    return render(request, "exports/link_code.html", context)


@require_POST
def revoke_link(request: SignedInRequest, acronym: str, pk: int, link_pk: int) -> HttpResponse:
    """Take a link back."""
    package = _package(request, acronym, pk, Permission.WITHDRAW_PACKAGES)
    link = get_object_or_404(DownloadLink, package=package, pk=link_pk)
    sentence = "The link is taken back. A download under way by it ends at its next part."
    return _done(request, package, lambda: links.revoke_link(by=request.user, link=link), sentence)


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The password of an encrypted package; it is shown by a button, and that is written down."""
    package = _package(request, acronym, pk)
    context: dict[str, Any] = {"project": package.project, "package": package}
    if request.method == "POST":
        try:
            context["password"] = actions.show_password(by=request.user, package=package)
        except KeyUnavailable:
            messages.error(request, "This package is not encrypted, or its file is deleted.")
            return redirect("export", acronym, pk)
    return render(request, "exports/password.html", context)


@require_GET
def deliveries(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The deliveries of a package; htmx asks for them as long as one is on its way."""
    package = _package(request, acronym, pk, Permission.WITHDRAW_PACKAGES)
    context = {"project": package.project, "package": package, "may_export": True}
    return render(request, "exports/parts/deliveries_alone.html", context)


@require_POST
def deliver(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Send a package to a destination."""
    package = _package(request, acronym, pk)
    chosen = request.POST.get("destination", "")
    usable = PackageDestination.objects.open_to(package.project)
    destination = get_object_or_404(usable, pk=int(chosen) if chosen.isdecimal() else 0)
    return _done(
        request,
        package,
        lambda: actions.deliver(by=request.user, package=package, destination=destination),
        f"It is on its way to {destination}. You can leave this page.",
    )


@require_POST
def cancel_delivery(
    request: SignedInRequest, acronym: str, pk: int, delivery_pk: int
) -> HttpResponse:
    """Stop a delivery."""
    package = _package(request, acronym, pk, Permission.WITHDRAW_PACKAGES)
    delivery = get_object_or_404(Delivery, package=package, pk=delivery_pk)
    return _done(
        request,
        package,
        lambda: actions.cancel_delivery(by=request.user, delivery=delivery),
        "The delivery is stopped. What arrived so far lies there, unfinished.",
    )


@require_POST
def revoke(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Take a package back: its file goes, its links end, its deliveries stop."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    package = get_object_or_404(Package, project=project, pk=pk)
    return _done(
        request,
        package,
        lambda: actions.revoke_package(by=request.user, package=package),
        f"{package.file_name} is taken back and its file is deleted. Who has it already is "
        "listed below.",
    )
