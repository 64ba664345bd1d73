"""The destinations of packages, for the data office: where to, for which projects."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exports.actions.destinations import save_destination
from exports.actions.links import allow_outside_links
from exports.delivering.forms import DestinationForm
from exports.delivering.hosts import is_allowed
from exports.models import PackageDestination
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission


def _refuse_others(request: SignedInRequest) -> None:
    if not request.user.may(Permission.MANAGE_DESTINATIONS):
        raise PermissionDenied


@require_safe
def destinations(request: SignedInRequest) -> HttpResponse:
    """All destinations, and which projects may hand packages to people who are not in them."""
    _refuse_others(request)
    found = PackageDestination.objects.prefetch_related("projects")
    projects = Project.objects.order_by("acronym").select_related("outside_links__allowed_by")
    context = {
        "destinations": [(one, is_allowed(one)) for one in found],
        "hosts": settings.DELIVERY_HOSTS,
        "projects": projects,
    }
    return render(request, "exports/destinations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def destination(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """One destination, or a new one."""
    _refuse_others(request)
    row = get_object_or_404(PackageDestination, pk=pk) if pk else PackageDestination()
    form = DestinationForm(request.POST or None, instance=row)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = save_destination(
                    by=request.user,
                    destination=form.instance,
                    projects=form.cleaned_data["projects"],
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, f"{saved} is kept.")
                return redirect("export-destinations")
    context = {"form": form, "row": row, "hosts": settings.DELIVERY_HOSTS}
    return render(request, "exports/destination.html", context, status=status)


@require_POST
def outside(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Let a project hand packages to people who are not in it, or stop that."""
    _refuse_others(request)
    project = get_object_or_404(Project, acronym=acronym)
    allowed = request.POST.get("allowed") == "yes"
    allow_outside_links(by=request.user, project=project, allowed=allowed)
    said = "may hand packages to others now" if allowed else "hands packages to its own people only"
    messages.success(request, f"{project.acronym} {said}.")
    return redirect("export-destinations")
