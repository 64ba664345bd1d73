"""/transfers/held/: what waits for a decision, and deciding it once for all that is alike."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from intake.models import Series
from projects.models import HoldPolicy, Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions import (
    confirm_release,
    finish_chore,
    reject,
    reject_series,
    release,
    withdraw_release,
)
from transfers.forms import ReasonForm
from transfers.holding import held_runs
from transfers.models import Chore, Finding, Run, TransferRequest
from transfers.places import KINDS
from transfers.presenting import images

AT_ONCE = 20
"""Transfers on one page."""
MOST_GROUPS = 8
"""Findings that are shown of one transfer; all of them when it is looked at alone."""


@require_GET
def held(request: SignedInRequest) -> HttpResponse:
    """Runs with undecided findings in the projects of this person, the oldest first."""
    visible = Project.objects.visible_to(request.user)
    transfers = TransferRequest.objects.visible_to(request.user)
    holding = Finding.objects.holding().filter(run__transfer__in=transfers)
    there = set(holding.order_by().values_list("run__transfer__project", "kind").distinct())
    project, transfer, kind = _chosen(request, visible)
    if project is not None:
        holding = holding.filter(run__transfer__project=project)
    if transfer is not None:
        holding = holding.filter(run__transfer=transfer)
    if kind:
        holding = holding.filter(kind=kind)
    runs = Run.objects.filter(pk__in=holding.values("run")).select_related(
        "transfer__project", "transfer__participant", "transfer__event", "plan_version"
    )
    page = Paginator(runs.order_by("created_at", "pk"), AT_ONCE).get_page(request.GET.get("page"))
    resolvable = Project.objects.permitting(request.user, Permission.RESOLVE_FINDINGS, partly=True)
    whole = Project.objects.permitting(request.user, Permission.VIEW_WHOLE)
    may_resolve = set(resolvable.values_list("pk", flat=True))
    chores = Chore.objects.filter(done_at=None, project__in=whole).select_related(
        "destination", "project"
    )
    context = {
        "desks": held_runs(page, MOST_GROUPS if transfer is None else 200, kind, user=request.user),
        "page": page,
        "project": None,
        "chosen": project,
        "projects": list(visible.filter(pk__in={pk for pk, _ in there})),
        "transfer": transfer,
        "kind": kind,
        "kinds": [(one, KINDS[one]) for one in sorted({one for _, one in there}) if one in KINDS],
        "may_resolve": may_resolve,
        "send_whole": HoldPolicy.SEND_WHOLE,
        "chores": chores,
        "may_finish": request.user.may(Permission.MANAGE_DESTINATIONS),
    }
    return render(request, "transfers/held.html", context)


def _chosen(
    request: SignedInRequest, visible: Any
) -> tuple[Project | None, TransferRequest | None, str]:
    """Read the filters, which are ids and closed words."""
    project = transfer = None
    if acronym := request.GET.get("project", ""):
        project = visible.named(acronym).first()
        if project is None:
            raise Http404
    if (number := request.GET.get("transfer", "")).isdecimal() and len(number) < 16:
        transfers = TransferRequest.objects.visible_to(request.user)
        transfer = get_object_or_404(transfers.select_related("participant"), pk=int(number))
    kind = request.GET.get("kind", "")
    return project, transfer, kind if kind in KINDS else ""


@require_POST
def finding_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Release a finding and those identical to it, with a reason."""
    finding = _finding(request, pk)
    run = finding.run
    needs_second = run.transfer.project.two_person_release
    return _decide(
        request,
        run,
        lambda reason: release(by=request.user, run=run, finding=finding, reason=reason),
        "Noted: {n} can leave when a second person confirms."
        if needs_second
        else "Released: {n} on the way.",
    )


@require_POST
def finding_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm somebody else's release as the second person."""
    finding = _finding(request, pk)
    return _act(
        request,
        finding.run,
        lambda: confirm_release(by=request.user, run=finding.run, finding=finding),
        "Confirmed: {n} on the way.",
    )


@require_POST
def finding_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take one's own release back while it waits for a second person."""
    finding = _finding(request, pk)

    def withdraw() -> int:
        withdraw_release(by=request.user, run=finding.run, finding=finding)
        return 0

    return _act(request, finding.run, withdraw, "Your release is withdrawn; it is open again.")


@require_POST
def finding_reject(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reject the images that a finding is in, or a whole series, with a reason."""
    finding = _finding(request, pk)
    run = finding.run
    if number := request.POST.get("series", ""):
        series = get_object_or_404(
            Series.objects.filter(study=run.transfer.study_id),
            pk=int(number) if number.isdecimal() and len(number) < 16 else 0,
        )
        return _decide(
            request,
            run,
            lambda reason: reject_series(by=request.user, run=run, series=series, reason=reason),
            "The series is rejected: {n} left behind.",
        )
    return _decide(
        request,
        run,
        lambda reason: reject(by=request.user, run=run, finding=finding, reason=reason),
        "Rejected: {n} left behind.",
    )


@require_POST
def reject_all_held(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reject everything that a transfer holds, with one reason."""
    transfers = TransferRequest.objects.visible_to(request.user).select_related("project")
    run = get_object_or_404(transfers, pk=pk).latest_run
    if run is None:
        raise Http404
    return _decide(
        request,
        run,
        lambda reason: reject(by=request.user, run=run, reason=reason),
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


def _decide(
    request: SignedInRequest, run: Run, action: Callable[[str], int], said: str
) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give a reason, a few words that somebody can follow later.")
        return redirect(_back(request))
    return _act(request, run, lambda: action(form.cleaned_data["reason"]), said)


def _act(request: SignedInRequest, run: Run, action: Callable[[], int], said: str) -> HttpResponse:
    """Do it, say what came of it, and show the transfer on its way when nothing waits any more."""
    try:
        count = action()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(_back(request))
    messages.success(request, said.format(n=images(count)))
    if not Finding.objects.holding().filter(run=run).exists():
        return redirect("transfer-detail", run.transfer_id)
    return redirect(_back(request))


def _back(request: SignedInRequest) -> str:
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/transfers/held/"
