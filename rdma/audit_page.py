"""/audit/: what happened, who did it and from where; whether anybody changed it since."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.auditing.reasons import read_reason
from projects.auditing.search import narrowed, page_of, readable_by
from projects.auditing.sentences import kind_name, lines
from projects.auditing.verbs import KINDS
from projects.auditing.writing import FORMS, export_audit
from projects.chain.sealing import unsealed
from projects.models import AuditCheck, AuditEvent, AuditRelay, AuditSeal
from projects.models.places import address_digest
from projects.requests import SignedInRequest
from projects.roles import Permission
from rdma.audit_search import SearchForm
from rdma.tasks import verify_audit

# where the page of a row lies, for those that have one
PAGES = {
    "transfers.transferrequest": "/transfers/{number}/",
    "exports.package": "/exports/{acronym}/{number}/",
}
MOST_ON_RECORD = 200  # characters of an address that somebody types
DETAILS = ("verb", "thing", "number", "door", "token")
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


@require_GET
def audit(request: SignedInRequest) -> HttpResponse:
    """What happened, newest first, in the projects whose audit one may read; and the seal."""
    events = readable_by(request.user).select_related("project")
    form = SearchForm(request.GET, user=request.user)
    found = form.is_valid()
    before = request.GET.get("before", "")
    page = page_of(
        narrowed(events, form.asked()) if found else AuditEvent.objects.none(),
        before=int(before)
        if before.isascii() and before.isdecimal() and len(before) < 19
        else None,
    )
    told = lines(page.events)
    context = {
        "form": form,
        "rows": [(line, _address(line.event)) for line in told],
        # as the events that one may read tell it: a digest alone names no address
        "came_from": next((line.address for line in told), "") or "one address",
        "page": page,
        "older": form.query(before=page.older) if page.older else "",
        "query": form.query(),
        "is_detailed": any(form.data.get(name) for name in DETAILS),
        "kinds": [
            (name, form.query(kind=kind, verb=""), form.data.get("kind", "") == kind)
            for kind, name in [("", "Everything"), *KINDS.items()]
        ],
        **_integrity(request),
    }
    return render(request, "rdma/audit.html", context)


@require_http_methods(["GET", "POST"])
def audit_event(request: SignedInRequest, pk: int) -> HttpResponse:
    """One event with all that stands in it; its reason is asked for by POST, which is audited."""
    event = get_object_or_404(readable_by(request.user).select_related("project"), pk=pk)
    reason = None
    if request.method == "POST":
        reason = read_reason(by=request.user, event=event)
    [line] = lines([event])
    context = {
        "line": line,
        "event": event,
        "address": _address(event),
        "kind_name": kind_name(event.object_type),
        "facts": [(name.replace("_", " "), value) for name, value in event.facts.items()],
        "seal": AuditSeal.objects.covering(event.pk),
        "reason": reason,
        "may_read_reason": bool(event.why),
    }
    return render(request, "rdma/audit_event.html", context)


@require_GET
def audit_export(request: SignedInRequest, form: str) -> StreamingHttpResponse:
    """What the search finds, all of it, as a file."""
    asked = SearchForm(request.GET, user=request.user)
    if form not in FORMS or not asked.is_valid():
        raise Http404
    text = export_audit(by=request.user, asked=asked.asked(), form=form)
    name = f"audit-{timezone.localdate():%Y-%m-%d}.{form}"
    return StreamingHttpResponse(
        text,
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def audit_address(request: SignedInRequest) -> HttpResponse:
    """Look for what came from an address: that is posted; its digest stands in the next page."""
    readable_by(request.user)
    typed = request.POST.get("typed", "").strip()[:MOST_ON_RECORD]
    form = SearchForm(request.POST, user=request.user)
    address = address_digest(typed) if typed else ""
    return redirect(f"{reverse('audit')}?{form.query(address=address)}")


@require_POST
def audit_verify(request: SignedInRequest) -> HttpResponse:
    """Have a worker verify everything now; the page shows what it found."""
    if not request.user.may(Permission.VIEW_AUDIT):
        raise PermissionDenied
    verify_audit.delay()
    messages.success(
        request,
        "A worker verifies the audit now. Load this page again in a while: “Last verification” has "
        "another time when it is done.",
    )
    return redirect("audit")


def _integrity(request: SignedInRequest) -> dict[str, Any]:
    """What the page says of seals, verification and the copy on a log server."""
    seal = AuditSeal.objects.light().newest()
    return {
        "seal": seal,
        "waiting": unsealed(seal).count(),
        "check": AuditCheck.objects.first(),
        "may_verify": request.user.may(Permission.VIEW_AUDIT),
        "relays": AuditRelay.objects.all(),
    }


def _address(event: AuditEvent) -> str:
    pattern = PAGES.get(event.object_type, "")
    if not event.object_id:
        return ""
    acronym = event.project.acronym if event.project else ""
    return pattern.format(number=event.object_id, acronym=acronym)
