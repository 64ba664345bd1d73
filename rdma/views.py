"""The home page, the projects in overview, and the page for what nobody foresaw."""

import logging
import secrets
from uuid import uuid4

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from projects.access import project_at
from projects.models import Project
from projects.problems import problem_response
from projects.requests import SignedInRequest
from projects.roles import Permission
from rdma.answers import is_rest
from rdma.desk import current_runs, greeting_at, under_way, waiting_for, with_counts
from rdma.study_dates import year_of
from review.models import ResearchStudy
from transfers.models import TransferRequest

log = logging.getLogger(__name__)

UNFORESEEN = (
    "The mistake is the portal's, not yours. What you asked for may not have been done: ask for "
    "how it stands before you send it again, and tell operations the number in `instance`."
)
MINE_SHOWN = 12
FOUND_SHOWN = 20
STATES = {
    "all": "All",
    "approved": "Approved",
    "ending": "Ending soon",
    "ended": "Ended",
    "held": "With something held",
}


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What needs this person, what is under way, and their projects."""
    if request.htmx:
        return render(request, "rdma/home.html#under_way", {"under_way": under_way(request.user)})
    visible = Project.objects.visible_to(request.user)
    chosen = visible.filter(acronym=request.GET.get("project", "")).first()
    studies = ResearchStudy.objects.visible_to(request.user)
    asked = request.GET.get("year", "")
    page = {
        "greeting": greeting_at(timezone.localtime().hour),
        "waiting": waiting_for(request.user),
        "under_way": under_way(request.user),
        "mine": list(with_counts(visible, request.user)[:MINE_SHOWN]),
        "mine_count": visible.count(),
        "chosen": chosen,
        "year": year_of(
            studies.filter(project=chosen) if chosen else studies,
            int(asked) if asked.isdecimal() and len(asked) == 4 else None,
        ),
    }
    return render(request, "rdma/home.html", page)


@require_safe
def project_list(request: SignedInRequest) -> HttpResponse:
    """All projects that one may see, with how each stands."""
    visible = Project.objects.visible_to(request.user)
    projects = list(with_counts(visible, request.user))
    chosen = request.GET.get("show", "all")
    chosen = chosen if chosen in STATES else "all"
    kept = {
        "approved": [one for one in projects if one.is_approved],
        "ending": [one for one in projects if one.ends_soon],
        "ended": [one for one in projects if one.days_left < 0],
        "held": [one for one in projects if vars(one)["held_count"]],
    }
    page = {
        "projects": kept.get(chosen, projects),
        "chips": [
            (word, label, len(kept.get(word, projects)), word == chosen)
            for word, label in STATES.items()
        ],
        "count": len(projects),
        "ending": len(kept["ending"]),
        "held": sum(vars(one)["held_count"] for one in projects),
        "may_create": request.user.may(Permission.CREATE_PROJECT),
    }
    return render(request, "rdma/project_list.html", page)


@require_safe
def project_detail(request: SignedInRequest, acronym: str) -> HttpResponse:
    """One project: how it stands, its approval, its sites, events and people."""
    project = project_at(request.user, acronym)
    counted = with_counts(Project.objects.filter(pk=project.pk), request.user).get()
    runs = current_runs().filter(transfer__project=project)
    latest = (
        TransferRequest.objects.live()
        .visible_to(request.user)
        .filter(project=project, runs__in=runs)
        .select_related("participant", "event")
        .prefetch_related("runs")[:6]
    )
    page = {
        "project": counted,
        "latest": latest,
        "events": list(project.events.all()),
        "sites": list(project.sites.all()),
        "members": project.memberships.in_order(),
        "destinations": list(project.destinations.select_related("destination")),
        "plan": project.plan_versions.first(),
        "may_manage": request.user.may(Permission.MANAGE_PROJECT, project),
        "may_assign_here": request.user.may_partly(Permission.REQUEST_TRANSFER, project),
        "may_cancel_here": request.user.may_partly(Permission.CANCEL_TRANSFER, project),
    }
    return render(request, "rdma/project_detail.html", page)


@require_POST
def find(request: SignedInRequest) -> HttpResponse:
    """Projects by name and transfers by pseudonym; what is typed stays out of addresses and logs.

    Patients are not found here: looking one up is a step of its own on the assign page, audited.
    """
    typed = request.POST.get("typed", "").strip()
    projects = Project.objects.visible_to(request.user)
    transfers = TransferRequest.objects.live().visible_to(request.user)
    page = {
        "typed": typed,
        "projects": projects.filter(
            Q(acronym__icontains=typed) | Q(number__iexact=typed) | Q(title__icontains=typed)
        )[:FOUND_SHOWN]
        if typed
        else [],
        "transfers": transfers.filter(participant__pseudonym__icontains=typed)
        .select_related("project", "participant", "event")
        .prefetch_related("runs")[:FOUND_SHOWN]
        if typed
        else [],
    }
    return render(request, "rdma/found.html", page)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong, with a number that is in the log too."""
    if is_rest(request):
        number = str(uuid4())
        log.error("server error number %s", number)
        return problem_response(500, detail=UNFORESEEN, number=number)
    number = secrets.token_hex(4)
    log.error("server error number %s", number)
    return HttpResponse(render_to_string("500.html", {"number": number}), status=500)
