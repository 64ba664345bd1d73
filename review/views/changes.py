"""The versions of a project's plan: who, when, why, what became different, and going back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from deidentify.listing import listed
from projects.access import project_at
from projects.models import Project, User
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.changes import changes_of, comparison_of, latest_runs, progress_of
from transfers.actions import roll_back
from transfers.actions.plans import given_up, made_otherwise
from transfers.actions.rules import may_make_rules
from transfers.models import PlanVersion, RuleProposal
from transfers.plan_changes import changes_between
from transfers.planning import current_plan, nobodys_plan
from transfers.rule_words import differences_said, rule_sentence
from transfers.screening import screen_for_project

ELEMENTS_SHOWN = 500
ROWS_SHOWN = 200


@require_safe
def changes(request: SignedInRequest, acronym: str) -> HttpResponse:
    """All versions, the newest first, and the rules that somebody proposes."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    present = current_plan(project)
    found = changes_of(project)
    facts = {
        "project": project,
        "changes": found,
        "present": present,
        "older_count": latest_runs(project).exclude(plan_version__digest=present.digest).count(),
        "proposals": _proposals(project, request.user),
        "is_moving": any(change.progress.is_moving for change in found),
    }
    part = "#versions" if request.htmx else ""
    return render(request, f"review/changes.html{part}", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, acronym: str, number: int) -> HttpResponse:
    """One version: how far its transfers are, what it made different, and going back to it."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    rows = PlanVersion.objects.select_related("created_by", "rolled_back_to")
    version = get_object_or_404(rows, project=project, number=number)
    version.project = project
    present = current_plan(project)
    if request.method == "POST" and (answer := _rolled_back(request, version)):
        return answer
    comparison = comparison_of(version)
    facts: dict[str, Any] = {
        "project": project,
        "version": version,
        "present": present,
        "reason": screen_for_project(project)(version.reason),
        "differs": differences_said(
            project.plan_versions.filter(number=number - 1).first(), version
        ),
        "progress": progress_of(version),
        "refused": version.renewals.exclude(reason="").select_related("transfer__participant")[:20],
        "comparison": comparison,
        "rows": comparison.elements[:ELEMENTS_SHOWN],
        "left_out": max(len(comparison.elements) - ELEMENTS_SHOWN, 0),
    }
    if request.htmx:
        return render(request, "review/change.html#running", facts)
    return render(request, "review/change.html", facts | _going_back(request.user, version))


def _rolled_back(request: SignedInRequest, version: PlanVersion) -> HttpResponse | None:
    """Go back to a version; None if something stands in the way, which is then said."""
    confirmed = [int(pk) for pk in request.POST.getlist("rule") if pk.isdecimal() and len(pk) < 16]
    try:
        again = roll_back(
            by=request.user,
            version=version,
            reason=request.POST.get("reason", ""),
            confirmed=confirmed,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None
    messages.success(
        request,
        f"Plan v{again.number} does what v{version.number} did. What was made otherwise runs "
        "again; below is what becomes different.",
    )
    return redirect("review-change", version.project.acronym, again.number)


def _going_back(user: User, version: PlanVersion) -> dict[str, Any]:
    """Say what going back to a version would change, for who may."""
    project, present = version.project, current_plan(version.project)
    changes_rules = version.rules != present.rules
    may = user.may(Permission.MANAGE_PROJECT, project) and (
        not changes_rules or user.may(Permission.RESOLVE_FINDINGS, project)
    )
    if version.digest == present.digest or not may:
        return {"may_go_back": False, "is_other": version.digest != present.digest}
    elements = changes_between(listed(nobodys_plan(present)), listed(nobodys_plan(version)))
    return {
        "may_go_back": True,
        "is_other": True,
        "back_differs": differences_said(present, version),
        "back_rows": elements[:ROWS_SHOWN],
        "back_row_count": len(elements),
        "back_transfers": len(made_otherwise(version)),
        "back_rules": [(rule.pk, rule_sentence(rule.as_rule())) for rule in given_up(version)],
    }


def _proposals(project: Project, user: User) -> list[dict[str, Any]]:
    """Return the rules that wait for a decision, in words."""
    screen = screen_for_project(project)
    rows = RuleProposal.objects.filter(project=project, decided_at=None)
    may_decide = may_make_rules(user, project)
    return [
        {
            "row": row,
            "sentence": rule_sentence(row.as_rule()),
            "reason": screen(row.reason),
            "may_make": may_decide,
            "may_decline": may_decide or row.proposed_by_id == user.pk,
        }
        for row in rows.select_related("proposed_by")
    ]
