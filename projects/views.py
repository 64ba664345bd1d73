"""Pages on which a project is made and governed: its facts, sites, events, and people."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects import actions
from projects.access import project_at
from projects.forms import (
    EventForm,
    MemberForm,
    NewProjectForm,
    RoleForm,
    SettingsForm,
    SiteForm,
    show_problems,
)
from projects.models import Membership, Project
from projects.requests import SignedInRequest
from projects.roles import PERMITTED, Permission, Role

SUGGESTIONS = 8


@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: SignedInRequest) -> HttpResponse:
    """Make a project; the data office does."""
    if not request.user.may(Permission.CREATE_PROJECT):
        raise PermissionDenied
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = actions.create_project(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, f"{project.acronym} was made, with number {project.number}.")
            return redirect("project-detail", project.acronym)
    status = 422 if form.is_bound else 200
    return render(request, "projects/new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Change what a project says of itself."""
    project = project_at(request.user, acronym, Permission.MANAGE_PROJECT)
    form = SettingsForm(request.POST or None, instance=project)
    form.fields["ae_title"].disabled = not request.user.may(Permission.SEE_QUARANTINE)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_project(by=request.user, project=project, **form.changes())
        except ValidationError as error:
            project.refresh_from_db()
            show_problems(form, error)
        else:
            messages.success(request, "The changes are saved.")
            return redirect("project-settings", project.acronym)
    return _settings_page(request, project, form=form)


@require_POST
def add_site(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Add a place where participants are included."""
    project = project_at(request.user, acronym, Permission.MANAGE_PROJECT)
    form = SiteForm(request.POST)
    if form.is_valid():
        try:
            actions.add_site(by=request.user, project=project, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            return redirect("project-settings", project.acronym)
    return _settings_page(request, project, site_form=form)


@require_POST
def add_event(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Add a time point at the end."""
    project = project_at(request.user, acronym, Permission.MANAGE_PROJECT)
    form = EventForm(request.POST)
    if form.is_valid():
        try:
            actions.add_event(by=request.user, project=project, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            return redirect("project-settings", project.acronym)
    return _settings_page(request, project, event_form=form)


def _settings_page(
    request: SignedInRequest,
    project: Project,
    *,
    form: SettingsForm | None = None,
    site_form: SiteForm | None = None,
    event_form: EventForm | None = None,
) -> HttpResponse:
    forms = (form, site_form, event_form)
    page = {
        "project": project,
        "form": form or SettingsForm(instance=project),
        "site_form": site_form or SiteForm(prefix=None, auto_id="site_%s"),
        "event_form": event_form or EventForm(auto_id="event_%s"),
        "participants": project.participants.count(),
    }
    status = 422 if any(one is not None and one.errors for one in forms) else 200
    return render(request, "projects/settings.html", page, status=status)


@require_safe
def people(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Who is what in a project."""
    return _people_page(request, project_at(request.user, acronym, Permission.VIEW_PROJECT))


@require_POST
def add_member(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Bring somebody into the project."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    form = MemberForm(request.POST, project=project)
    if form.is_valid():
        user = form.cleaned_data["user"]
        if project.memberships.filter(user=user).exists():
            form.add_error("user", f"{user.display_name} is in the project already.")
            return _people_page(request, project, form)
        try:
            actions.set_member(by=request.user, project=project, user=user, **form.given())
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, f"{user.display_name} is in {project.acronym} now.")
            return redirect("project-people", project.acronym)
    return _people_page(request, project, form)


@require_POST
def change_role(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Give a member another role, or other limits."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    member = get_object_or_404(project.memberships.select_related("user"), pk=pk)
    form = RoleForm(request.POST, project=project)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            actions.set_member(by=request.user, project=project, user=member.user, **form.given())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{member.user.display_name}: {role.label}.")
    else:
        found = [str(said) for problems in form.errors.values() for said in problems]
        messages.error(request, " ".join(found))
    return redirect("project-people", project.acronym)


@require_POST
def remove_member(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """End somebody's membership."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    member = get_object_or_404(
        Membership.objects.filter(project=project).select_related("user", "project"), pk=pk
    )
    name = member.user.display_name
    try:
        actions.remove_member(by=request.user, membership=member)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{name} is no longer in {project.acronym}.")
        if not request.user.hospital_role and member.user_id == request.user.pk:
            return redirect("project-list")
    return redirect("project-people", project.acronym)


def _people_page(
    request: SignedInRequest, project: Project, form: MemberForm | None = None
) -> HttpResponse:
    rights = [
        (permission.label, [role in PERMITTED[permission] for role in Role])
        for permission in Permission
        if any(role in PERMITTED[permission] for role in Role)
    ]
    page = {
        "project": project,
        "members": project.memberships.in_order(),
        "roles": Role.choices,
        "sites": list(project.sites.all()),
        "role_names": [role.label.partition(" (")[0] for role in Role],
        "rights": rights,
        "form": form or MemberForm(project=project),
        "may_manage": request.user.may(Permission.MANAGE_MEMBERS, project),
    }
    return render(request, "projects/people.html", page, status=422 if form else 200)


@require_POST
def check_pseudonym(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Say, while somebody types, whether an identifier is known, new, or does not fit."""
    project = project_at(request.user, acronym, Permission.CANCEL_TRANSFER, partly=True)
    typed = request.POST.get("pseudonym", "").strip()
    theirs = project.participants.visible_to(request.user)
    known = theirs.filter(pseudonym__icontains=typed)[:SUGGESTIONS] if typed else []
    page = {
        "project": project,
        "typed": typed,
        "is_known": bool(typed) and theirs.filter(pseudonym=typed).exists(),
        "fits": bool(typed) and project.pattern.matches(typed),
        "known": [one.pseudonym for one in known if one.pseudonym != typed],
        "next": actions.next_pseudonym(project, actions.only_site(request.user, project)),
    }
    return render(request, "projects/pseudonym_check.html", page)
