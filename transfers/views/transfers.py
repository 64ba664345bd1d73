"""/transfers/: where each transfer stands, and what can be done about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Max, OuterRef, Prefetch, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions import cancel_transfer, move_transfer, rerun_transfer, retry_transfer
from transfers.forms import PseudonymForm
from transfers.models import Finding, Run, TransferRequest
from transfers.pipeline.copies import source_of
from transfers.presenting import sign, tell
from transfers.states import RUN_ENDED, CarriesTo, FindingVerdict, OutcomeState, State

CHOICES = {
    "live": "All",
    "moving": "Under way",
    "held": "Held",
    "failed": "Failed",
    "delivered": "Delivered",
    "ended": "Cancelled or moved",
}
MOVING = (State.REQUESTED, State.DEIDENTIFIED, State.VERIFIED)


@require_GET
def transfer_list(request: SignedInRequest) -> HttpResponse:
    """All transfers that this person may see; htmx asks for the rows alone, every few seconds."""
    transfers = TransferRequest.objects.visible_to(request.user).select_related(
        "project", "participant", "event", "requested_by"
    )
    project = None
    if acronym := request.GET.get("project", ""):
        project = Project.objects.visible_to(request.user).named(acronym).first()
        if project is None:
            raise Http404
        transfers = transfers.filter(project=project)
    shown = request.GET.get("show", "live")
    shown = shown if shown in CHOICES else "live"
    state = Run.objects.filter(transfer=OuterRef("pk")).order_by("-number").values("state")[:1]
    transfers = transfers.annotate(run_state=Subquery(state))
    transfers = transfers.exclude(ended_at=None) if shown == "ended" else transfers.live()
    if shown == "moving":
        transfers = transfers.filter(run_state__in=MOVING)
    elif shown in {"held", "failed", "delivered"}:
        transfers = transfers.filter(run_state=shown)
    newest = Run.objects.order_by("-number").prefetch_related("deliveries__destination")
    page = Paginator(transfers.prefetch_related(Prefetch("runs", newest)), 50).get_page(
        request.GET.get("page")
    )
    rows = [_row(transfer) for transfer in page]
    context = {
        "project": project,
        "rows": rows,
        "page": page,
        "shown": shown,
        "choices": CHOICES,
        "is_moving": any(row["is_moving"] for row in rows),
    }
    template = "transfers/transfer_list.html" + ("#rows" if request.htmx else "")
    return render(request, template, context)


def _row(transfer: TransferRequest) -> dict[str, Any]:
    run = transfer.latest_run
    state = run.state if run else State.CANCELLED
    pill, label = sign(transfer, run)
    return {
        "transfer": transfer,
        "run": run,
        "pill": pill,
        "label": label,
        "is_moving": state in MOVING,
    }


@require_GET
def transfer_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One transfer: its stations, what every image became, what was found, what can be done."""
    transfer = _visible(request, pk)
    run = transfer.latest_run
    if run is None:
        raise Http404
    may_resolve = transfer.allows(request.user, Permission.RESOLVE_FINDINGS)
    may_request = transfer.allows(request.user, Permission.REQUEST_TRANSFER)
    context = {
        "transfer": transfer,
        "project": transfer.project,
        "told": tell(transfer, run),
        "may_resolve": may_resolve,
        "may_cancel": transfer.is_live
        and transfer.allows(request.user, Permission.CANCEL_TRANSFER),
        "may_retry": may_request and transfer.is_live and run.state == State.FAILED,
        "picture_count": _pictures(run),
        "may_ask_again": may_resolve and _has_rejections(transfer),
        "next_source": source_of(transfer) if may_request and transfer.is_live else None,
        "runs": transfer.runs.select_related("plan_version").order_by("-number"),
        "is_over": run.state in RUN_ENDED,
    }
    template = "transfers/transfer_detail.html" + ("#live" if request.htmx else "")
    return render(request, template, context)


@require_POST
def transfer_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel; what was delivered already asks to type the pseudonym."""
    transfer = _visible(request, pk)
    if request.POST.get("pseudonym", "").strip() != transfer.participant.pseudonym:
        messages.error(request, "Nothing was cancelled: type the participant's identifier exactly.")
        return redirect("transfer-detail", pk)
    return _do(
        request, pk, lambda: cancel_transfer(by=request.user, transfer=transfer), "Cancelled."
    )


@require_POST
def transfer_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try the failed steps once more."""
    transfer = _visible(request, pk)
    return _do(
        request, pk, lambda: retry_transfer(by=request.user, transfer=transfer), "Trying again."
    )


@require_POST
def transfer_rerun(request: SignedInRequest, pk: int) -> HttpResponse:
    """Run anew under the current plan."""
    transfer = _visible(request, pk)
    ask_again = request.POST.get("ask_again") == "yes"
    return _do(
        request,
        pk,
        lambda: rerun_transfer(by=request.user, transfer=transfer, ask_again=ask_again),
        "Running anew.",
    )


@require_POST
def transfer_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move to the right participant."""
    transfer = _visible(request, pk)
    form = PseudonymForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Type the identifier of the right participant.")
        return redirect("transfer-detail", pk)
    try:
        moved = move_transfer(
            by=request.user, transfer=transfer, pseudonym=form.cleaned_data["pseudonym"].strip()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("transfer-detail", pk)
    messages.success(request, "Moved. The old copy is taken back; the new one is on its way.")
    return redirect("transfer-detail", moved.pk)


def _pictures(run: Run) -> int:
    """How many instances of a run wait for somebody to look at them."""
    waiting = Finding.objects.holding().filter(run=run, kind="pixels")
    return waiting.values("outcome").distinct().count()


def _has_rejections(transfer: TransferRequest) -> bool:
    rejected = Finding.objects.filter(run__transfer=transfer, verdict=FindingVerdict.REJECTED)
    left_behind = {state for state, _ in transfer.left_behind().values()}
    carried = rejected.exclude(carries_to=CarriesTo.NOTHING)
    return carried.exists() or OutcomeState.REJECTED in left_behind


def _visible(request: SignedInRequest, pk: int) -> TransferRequest:
    transfers = TransferRequest.objects.visible_to(request.user).select_related(
        "project", "participant", "event", "study", "requested_by", "replaced_by"
    )
    return get_object_or_404(transfers.annotate(last=Max("runs__number")), pk=pk)


def _do(request: SignedInRequest, pk: int, action: Callable[[], object], said: str) -> HttpResponse:
    try:
        action()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("transfer-detail", pk)
