"""Making a rule because of a finding, withdrawing one, and what a run changed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deidentify.ruling import Scope, scopes
from projects.access import project_at, require
from projects.errors import KeyUnavailable
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions import make_rule, run_older_again, withdraw_rule
from transfers.actions.rules import checked_rule
from transfers.forms import ReasonForm
from transfers.holding import FindingGroup, group_findings
from transfers.models import Difference, Finding, ProjectRule, TransferRequest
from transfers.places import place, rule_place, why_no_rule
from transfers.presenting import images
from transfers.screening import screen_for_project
from transfers.trial import Trial, try_rule

ACTIONS = {
    "remove": "Remove it",
    "empty": "Empty it",
    "clean": "Clean it: take out the patient's names and numbers",
    "dummy": "Replace it by a dummy",
}
ELEMENTS_SHOWN = 500


@require_http_methods(["GET", "POST"])
def finding_rule(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose a rule for where something was found, see what it would do, and make it."""
    finding = _finding(request, pk)
    project = finding.run.transfer.project
    require(request.user, Permission.RESOLVE_FINDINGS, project)  # a rule is the project's
    choices = [] if why_no_rule(finding.kind, finding.path) else scopes(finding.path)
    scope, action = _chosen(request, choices)
    reason = request.POST.get("reason", "").strip()
    trial, problem = None, ""
    if request.method == "POST" and scope is not None:
        is_tried = request.POST.get("tried") == f"{scope.name}-{action}"
        try:
            if request.POST.get("step") == "make" and is_tried:
                return _make(request, finding, scope.element, action)
            trial = try_rule(finding, checked_rule(finding, scope.element, action))
        except ValidationError as error:
            problem = " ".join(error.messages)
        except KeyUnavailable:
            problem = "The participant's key was destroyed, so nothing can be run again."
    context = {
        "finding": finding,
        "group": _group(finding),
        "transfer": finding.run.transfer,
        "project": project,
        "choices": [(one, rule_place(one.element)) for one in choices],
        "actions": [(word, ACTIONS[word]) for word in _actions(choices)],
        "scope": scope,
        "action": action,
        "reason": reason,
        "trial": trial,
        "problem": problem,
        "said": _said(trial) if trial else [],
    }
    return render(request, "transfers/rule.html", context, status=422 if problem else 200)


def _make(request: SignedInRequest, finding: Finding, element: str, action: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise ValidationError("Give a reason, a few words that somebody can follow later.")
    run = make_rule(
        by=request.user,
        finding=finding,
        element=element,
        action=action,
        reason=form.cleaned_data["reason"],
    )
    project = run.transfer.project
    messages.success(
        request,
        f"It is a rule of {project.acronym} now (plan v{run.plan_version.number}). This transfer "
        "runs again under it; what was delivered before is replaced.",
    )
    return redirect("transfer-detail", run.transfer_id)


@require_POST
def rule_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a rule out of a project's plan."""
    rules = ProjectRule.objects.select_related("project")
    rule = get_object_or_404(rules, pk=pk)
    project = project_at(request.user, rule.project.acronym, Permission.VIEW_WHOLE)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give a reason, a few words that somebody can follow later.")
        return redirect(_rules_page(project.acronym))
    try:
        version = withdraw_rule(by=request.user, rule=rule, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"Withdrawn. New transfers go by plan v{version.number}.")
    return redirect(_rules_page(project.acronym))


@require_POST
def older_again(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Run again what went by an older plan, a batch at a time."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    try:
        count = run_older_again(by=request.user, project=project)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        plural = "transfer runs" if count == 1 else "transfers run"
        messages.success(request, f"{count} {plural} again under the present plan.")
    return redirect(_rules_page(project.acronym))


@require_GET
def transfer_difference(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the latest run changed against the one before it: counts by element, no values."""
    transfers = TransferRequest.objects.visible_to(request.user).select_related(
        "project", "participant", "event"
    )
    transfer = get_object_or_404(transfers, pk=pk)
    run = transfer.latest_run
    if run is None:
        raise Http404
    difference = (
        Difference.objects.filter(run__transfer=transfer)
        .select_related("run__plan_version", "earlier__plan_version")
        .order_by("-run__number")
        .first()
    )
    rows = difference.elements if difference else []
    context = {
        "transfer": transfer,
        "project": transfer.project,
        "run": run,
        "difference": difference,
        "why": screen_for_project(transfer.project)(difference.run.plan_version.reason)
        if difference
        else "",
        "rows": [
            (place(path), path, what, number) for path, _, what, number in rows[:ELEMENTS_SHOWN]
        ],
        "left_out": max(len(rows) - ELEMENTS_SHOWN, 0),
    }
    return render(request, "transfers/difference.html", context)


def _finding(request: SignedInRequest, pk: int) -> Finding:
    transfers = TransferRequest.objects.visible_to(request.user)
    rows = Finding.objects.filter(run__transfer__in=transfers).select_related(
        "run__plan_version",
        "run__transfer__project",
        "run__transfer__event",
        "run__transfer__participant__site",
        "run__transfer__study__patient",
    )
    return get_object_or_404(rows, pk=pk)


def _group(finding: Finding) -> FindingGroup | None:
    alike = Finding.objects.holding().filter(run=finding.run, fingerprint=finding.fingerprint)
    return next(iter(group_findings(alike, most=1)), None)


def _chosen(request: SignedInRequest, choices: list[Scope]) -> tuple[Scope | None, str]:
    """Read what was chosen; at first, what takes most at the place concerned."""
    if not choices:
        return None, ""
    by_name = {one.name: one for one in choices}
    scope = by_name.get(request.POST.get("scope", ""), choices[0])
    action = request.POST.get("action", "")
    return scope, action if action in ACTIONS else "remove"


def _actions(choices: list[Scope]) -> list[str]:
    possible = {word for one in choices for word in one.actions}
    return [word for word in ACTIONS if word in possible]


def _said(trial: Trial) -> list[str]:
    """Say what a trial came to, in sentences."""
    sentences = []
    if trial.helps:
        sentences.append(f"Tried on {images(trial.tried)}: what was found is gone afterwards.")
    elif trial.tried:
        sentences.append(
            f"Tried on {images(trial.tried)}: what was found is still there in "
            f"{trial.tried - trial.gone}. Choose something surer."
        )
    else:
        sentences.append("It could not be tried: no original of these images is at hand.")
    some = "" if trial.seen_in_run < 1000 else " (the first thousand were looked at)"
    sentences.append(f"In this transfer {images(trial.in_run)} have the element{some}.")
    if trial.seen_series:
        sentences.append(
            f"In the project's other transfers {trial.in_series} of {trial.seen_series} series "
            "have it, judged by one image of each."
        )
    return sentences


def _rules_page(acronym: str) -> str:
    return reverse("project-plan", args=[acronym])
