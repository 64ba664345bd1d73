"""/transfers/held/: what waits for a decision, and deciding it once for all that is alike."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions import finish_chore, reject, release
from transfers.forms import ReasonForm
from transfers.models import Chore, Finding, Run, TransferRequest
from transfers.presenting import group_findings, images
from transfers.states import FindingVerdict, OutcomeState

MOST_SHOWN = 50


@require_GET
def held(request: SignedInRequest) -> HttpResponse:
    """Runs with open findings in the projects of this person, oldest first."""
    projects = Project.objects.visible_to(request.user)
    open_runs = Finding.objects.filter(
        verdict=FindingVerdict.OPEN,
        outcome__state=OutcomeState.HELD,  # what a later run has replaced waits for nobody
        run__transfer__project__in=projects,
        run__transfer__ended_at=None,
    ).values("run")
    runs = list(
        Run.objects.filter(pk__in=open_runs)
        .select_related("transfer__project", "transfer__participant", "transfer__event")
        .order_by("created_at")[:MOST_SHOWN]
    )
    findings = Finding.objects.filter(
        run__in=runs, verdict=FindingVerdict.OPEN, outcome__state=OutcomeState.HELD
    )
    by_run: dict[int, list[object]] = {run.pk: [] for run in runs}
    for group in group_findings(findings):
        by_run[group.finding.run_id].append(group)
    desks = [
        {
            "run": run,
            "transfer": run.transfer,
            "groups": by_run[run.pk],
            "may_resolve": request.user.may(Permission.RESOLVE_FINDINGS, run.transfer.project),
        }
        for run in runs
    ]
    chores = Chore.objects.filter(done_at=None, project__in=projects).select_related(
        "destination", "project"
    )
    context = {
        "desks": desks,
        "chores": chores,
        "may_finish": request.user.may(Permission.MANAGE_DESTINATIONS),
    }
    return render(request, "transfers/held.html", context)


@require_POST
def finding_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Release a finding and those identical to it, with a reason."""
    finding = _finding(request, pk)
    return _decide(
        request,
        lambda reason: release(by=request.user, run=finding.run, finding=finding, reason=reason),
        "Released: {n} on the way.",
    )


@require_POST
def finding_reject(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reject the images that a finding is in, with a reason."""
    finding = _finding(request, pk)
    return _decide(
        request,
        lambda reason: reject(by=request.user, run=finding.run, finding=finding, reason=reason),
        "Rejected: {n} left behind.",
    )


@require_POST
def chore_done(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that an administrator has deleted an old copy by hand."""
    if not request.user.may(Permission.MANAGE_DESTINATIONS):
        raise PermissionDenied
    finish_chore(by=request.user, chore=get_object_or_404(Chore, pk=pk))
    messages.success(request, "Noted. What waited for it goes on.")
    return redirect("held")


def _finding(request: SignedInRequest, pk: int) -> Finding:
    transfers = TransferRequest.objects.visible_to(request.user)
    rows = Finding.objects.filter(run__transfer__in=transfers)
    return get_object_or_404(rows.select_related("run__transfer__project"), pk=pk)


def _decide(request: SignedInRequest, action: Callable[[str], int], said: str) -> HttpResponse:
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/transfers/held/"
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give a reason, a few words that somebody can follow later.")
        return redirect(back)
    try:
        count = action(form.cleaned_data["reason"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said.format(n=images(count)))
    return redirect(back)
