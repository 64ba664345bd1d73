"""Views of the inventory under a name: made, changed and deleted from its page."""

from urllib.parse import parse_qsl

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.views import change_view, delete_view, save_view
from review.forms import SavedViewForm
from review.lists import Lists
from review.models import SavedView
from review.narrowing import Narrowing


@require_POST
def save(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Keep what the inventory's address says under a name."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    narrowing = _narrowing(request, project)
    form = SavedViewForm(request.POST)
    if form.is_valid():
        try:
            save_view(
                by=request.user, project=project, choices=narrowing.choices, **form.cleaned_data
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "The view is saved. You find it under Views.")
    else:
        messages.error(request, "Give the view a name of at most 60 letters.")
    return redirect(_back(project, narrowing))


@require_POST
def change(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Rename a view, share it, or keep it to oneself."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    view = _view(request, project, pk)
    form = SavedViewForm(request.POST)
    if form.is_valid():
        try:
            change_view(by=request.user, view=view, **form.cleaned_data)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "The view is changed.")
    else:
        messages.error(request, "Give the view a name of at most 60 letters.")
    return redirect(_back(project, _narrowing(request, project)))


@require_POST
def delete(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Let go of a view."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    delete_view(by=request.user, view=_view(request, project, pk))
    messages.success(request, "The view is deleted. Nothing of what it showed has changed.")
    return redirect(_back(project, _narrowing(request, project)))


def _view(request: SignedInRequest, project: Project, pk: int) -> SavedView:
    return get_object_or_404(project.saved_views.usable_by(request.user), pk=pk)


def _narrowing(request: SignedInRequest, project: Project) -> Narrowing:
    """Read where somebody was; what is in no closed list is left out."""
    said = dict(parse_qsl(request.POST.get("back", "")))
    return Narrowing.read(said, lists=Lists.of(project))


def _back(project: Project, narrowing: Narrowing) -> str:
    return f"{reverse('review', args=[project.acronym])}?{narrowing.query()}"
