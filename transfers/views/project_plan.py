"""/projects/BICAM/plan/: what de-identification does in a project, and changing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from deidentify.listing import listed
from deidentify.plan import Plan, compile_plan
from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions.plans import change_plan
from transfers.forms import PlanForm, ReasonForm
from transfers.plan_changes import changes_between
from transfers.plan_choices import PROFILE_WORDS, SWITCHES, said
from transfers.planning import NOBODY, current_plan, nobodys_plan, rules_of
from transfers.ruled import rules_context
from transfers.screening import screen_for_project

MOST_ROWS = 300


@require_http_methods(["GET", "POST"])
def project_plan(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Show the plan, what another one would change, and make that one the next version."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    may_change = request.user.may(Permission.MANAGE_PROJECT, project)
    context: dict[str, Any] = {"changes": None, "reason": ReasonForm()}
    status = 200
    present = current_plan(project)
    screen = screen_for_project(project)
    start = request.GET.get("start", "")
    if start in PROFILE_WORDS:
        form = PlanForm.of(start, [])
    else:
        form = PlanForm.of(present.profile, present.options)
    if request.method == "POST":
        project_at(request.user, acronym, Permission.MANAGE_PROJECT)
        form = PlanForm(request.POST)
        if form.is_valid():
            if "use" in request.POST and _used(request, project, form):
                return redirect("project-plan", project.acronym)
            wanted = compile_plan(
                form.cleaned_data["profile"],
                identity=NOBODY,
                options=form.options(),
                rules=rules_of(present),
            )
            context |= _preview(nobodys_plan(present), wanted)
        else:
            status = 422
    context |= rules_context(project, request.user)
    context |= {
        "form": form,
        "may_change": may_change,
        "present": present,
        "present_said": said(present.profile, present.options),
        "profiles": PROFILE_WORDS,
        "profile": form["profile"].value(),
        "boxes": [(box, SWITCHES[box.data["value"]].help) for box in form["switches"]],
        "versions": [
            (version, said(version.profile, version.options), screen(version.reason))
            for version in project.plan_versions.select_related("created_by")
        ],
    }
    is_part = request.htmx and form.is_bound and form.is_valid()
    template = "transfers/project_plan.html" + ("#preview" if is_part else "")
    return render(request, template, context, status=status)


def _used(request: SignedInRequest, project: Project, form: PlanForm) -> bool:
    """Make the chosen plan the next version; say what stands in the way."""
    try:
        version = change_plan(
            by=request.user,
            project=project,
            profile=form.cleaned_data["profile"],
            options=form.options(),
            reason=request.POST.get("reason", ""),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    messages.success(request, f"Transfers go by plan v{version.number} from now on.")
    return True


def _preview(before: Plan, after: Plan) -> dict[str, Any]:
    """What a plan would do otherwise than the present one."""
    changes = changes_between(listed(before), listed(after))
    return {
        "changes": changes[:MOST_ROWS],
        "change_count": len(changes),
        "is_same": before.digest == after.digest,
        "holes": after.known_holes(),
    }
