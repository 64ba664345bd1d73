"""/directory/: what groups of the hospital's directory give, and how the last look at it ended."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.directory.forms import GroupForm
from projects.directory.mapping import map_group, unmap_group
from projects.forms import show_problems
from projects.models import (
    DirectoryGroup,
    DirectoryPerson,
    DirectoryRenewal,
    GroupRole,
    Renewal,
    User,
)
from projects.requests import SignedInRequest
from projects.roles import Permission, Role
from projects.tasks import renew_directory


@require_GET
def directory(request: SignedInRequest) -> HttpResponse:
    """The table of groups, the last look, and who has a local account besides."""
    _check(request.user)
    return _page(request, GroupForm())


@require_POST
def add_group(request: SignedInRequest) -> HttpResponse:
    """Let a group give a role in a project."""
    _check(request.user)
    form = GroupForm(request.POST)
    if form.is_valid():
        project, role = form.cleaned_data["project"], Role(form.cleaned_data["role"])
        try:
            map_group(by=request.user, dn=form.cleaned_data["dn"], project=project, role=role)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, f"The group gives {role.label} in {project.acronym} now.")
            return redirect("directory")
    return _page(request, form)


@require_POST
def remove_group(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take away what a group gives in a project."""
    _check(request.user)
    given = get_object_or_404(GroupRole.objects.exclude(project=None), pk=pk)
    unmap_group(by=request.user, given=given)
    messages.success(request, "The group gives that no more; its people have lost it.")
    return redirect("directory")


@require_POST
def renew(request: SignedInRequest) -> HttpResponse:
    """Have a worker compare everybody with the directory now."""
    _check(request.user)
    renew_directory.delay()
    messages.success(
        request,
        "A worker asks the directory now. Load this page again in a while: “The last look” has "
        "another time when it is done.",
    )
    return redirect("directory")


def _check(user: User) -> None:
    """Let the data office in, where there is a directory."""
    if not user.may(Permission.MANAGE_MEMBERS):
        raise PermissionDenied
    if settings.DIRECTORY is None:
        raise Http404


def _page(request: SignedInRequest, form: GroupForm) -> HttpResponse:
    looks = DirectoryRenewal.objects.all()
    given = GroupRole.objects.select_related("group", "project", "created_by").annotate(
        people_count=Count("group__people", filter=Q(group__people__is_gone=False))
    )
    page = {
        "form": form,
        "given": given.order_by("project__acronym", "group__key"),
        "known": DirectoryGroup.objects.values_list("dn", flat=True)[:1000],
        "look": looks.first(),
        "last_done": looks.filter(outcome=Renewal.DONE).first(),
        "people_count": DirectoryPerson.objects.filter(is_gone=False).count(),
        "local": User.objects.filter(directory_person=None, is_active=True, kind="person").order_by(
            "username"
        ),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/directory.html", page, status=status)
