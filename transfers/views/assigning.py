"""/assign/: studies in quarantine, and where they go."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from intake.looks import note_list, note_study
from intake.lookups import look_up
from intake.models import Series, Study
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions import request_transfer
from transfers.forms import AssignForm
from transfers.models import TransferRequest

SHOWN = {"waiting": "Not assigned", "today": "Arrived today", "all": "All"}
MOST_SHOWN = 100


def studies_to_assign(request: SignedInRequest, shown: str) -> QuerySet[Study]:
    """Return the studies that this person may assign, newest first."""
    studies = Study.objects.visible_to(request.user).prefetch_related(
        Prefetch("series", Series.objects.order_by("series_number", "pk"))
    )
    if shown == "waiting":
        live = TransferRequest.objects.live().filter(study__isnull=False).values("study")
        return studies.exclude(pk__in=live)
    if shown == "today":
        return studies.filter(last_received_at__gte=timezone.now() - timedelta(hours=24))
    return studies


@require_GET
def assign(request: SignedInRequest, study_id: int | None = None) -> HttpResponse:
    """The list of studies, and the form for the one that is chosen."""
    _require_assigner(request)
    shown = request.GET.get("show", "waiting")
    shown = shown if shown in SHOWN else "waiting"
    studies = studies_to_assign(request, shown)
    found = list(studies[:MOST_SHOWN])
    chosen = None
    if study_id is not None:
        chosen = get_object_or_404(Study.objects.visible_to(request.user), pk=study_id)
    elif found:
        chosen = found[0]
    note_list(by=request.user, shown=len(found))
    if chosen is not None:
        note_study(by=request.user, study=chosen)
    context = {
        "studies": found,
        "count": studies.count(),
        "shown": shown,
        "choices": SHOWN,
        "study": chosen,
        "is_chosen": study_id is not None,
        "is_office": request.user.may(Permission.SEE_QUARANTINE),
    }
    if chosen is not None:
        form = AssignForm(user=request.user, study=chosen)
        form.initial["pseudonym"] = form.suggestion()
        form.suggest_event()
        context |= {
            "form": form,
            "assigned": _assigned(request, chosen),
            "offered": form.initial["pseudonym"],
        }
    return render(request, "transfers/assign.html", context)


@require_POST
def assign_check(request: SignedInRequest, study_id: int) -> HttpResponse:
    """The form once more, with a sentence on what has been typed so far (htmx)."""
    _require_assigner(request)
    study = get_object_or_404(Study.objects.visible_to(request.user), pk=study_id)
    data = request.POST.copy()
    form = AssignForm(data, user=request.user, study=study)
    offered = form.suggestion()
    is_untouched = data.get("pseudonym", "") == data.get("offered", "")
    if is_untouched and data.get("offered") != offered:  # another project was chosen
        data["pseudonym"] = offered
    data["offered"] = offered
    form = AssignForm(data, user=request.user, study=study)
    form.errors.clear()
    context = {"form": form, "study": study, "offered": offered}
    return render(request, "transfers/assign.html#form", context)


@require_http_methods(["GET", "POST"])
def assign_request(request: SignedInRequest, study_id: int) -> HttpResponse:
    """Ask once more with the facts; then request the transfer."""
    _require_assigner(request)
    if request.method == "GET":  # the address of an answered form, opened again
        return redirect("assign-study", study_id)
    study = get_object_or_404(Study.objects.visible_to(request.user), pk=study_id)
    form = AssignForm(request.POST, user=request.user, study=study)
    if not form.is_valid():
        return _assign_again(request, study, form)
    if "sure" not in request.POST:
        left_out = form.cleaned_data["left_out"]
        going = study.instance_count - sum(series.instance_count for series in left_out)
        project = form.cleaned_data["project"]
        context = {
            "study": study,
            "form": form,
            "facts": form.cleaned_data,
            "going": going,
            "destinations": [
                row.destination for row in project.destinations.select_related("destination")
            ],
            "is_new": not project.participants.visible_to(request.user)
            .filter(pseudonym=form.cleaned_data["pseudonym"])
            .exists(),
            "said": form.said_of_pseudonym(),
        }
        return render(request, "transfers/assign_sure.html", context)
    try:
        transfer = request_transfer(by=request.user, study=study, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _assign_again(request, study, form)
    messages.success(request, "The transfer has begun. You can leave this page; it goes on.")
    return redirect("transfer-detail", transfer.pk)


@require_POST
def assign_look_up(request: SignedInRequest) -> HttpResponse:
    """Find a study by its exact accession number or patient identifier; each look-up is audited."""
    _require_assigner(request)
    text = request.POST.get("text", "").strip()
    found = list(look_up(by=request.user, text=text)) if text else []
    if not found:
        messages.warning(
            request, "No study in quarantine has exactly this accession number or identifier."
        )
        return redirect("assign")
    messages.info(request, "Found. You can assign it now; the look-up was recorded.")
    return redirect("assign-study", found[0].pk)


def _assigned(request: SignedInRequest, study: Study) -> list[TransferRequest]:
    transfers = TransferRequest.objects.live().visible_to(request.user).filter(study=study)
    return list(transfers.select_related("project", "participant", "event"))


def _assign_again(request: SignedInRequest, study: Study, form: AssignForm) -> HttpResponse:
    studies = studies_to_assign(request, "waiting")
    context = {
        "studies": list(studies[:MOST_SHOWN]),
        "count": studies.count(),
        "shown": "waiting",
        "choices": SHOWN,
        "study": study,
        "is_chosen": True,
        "form": form,
        "assigned": _assigned(request, study),
        "offered": form.suggestion(),
        "is_office": request.user.may(Permission.SEE_QUARANTINE),
    }
    return render(request, "transfers/assign.html", context, status=422)


def _require_assigner(request: SignedInRequest) -> None:
    user = request.user
    if not (user.may_anywhere(Permission.REQUEST_TRANSFER) or user.may(Permission.SEE_QUARANTINE)):
        raise PermissionDenied
