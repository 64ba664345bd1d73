"""/audit/: what happened, whether anybody changed it since, and what to keep elsewhere."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.chain.sealing import unsealed
from projects.models import AuditCheck, AuditEvent, AuditSeal, Project, User
from projects.requests import SignedInRequest
from projects.roles import Permission
from rdma.tasks import verify_audit

ROWS = 50
# where the page of a row lies, for those that have one
PAGES = {"transfers.transferrequest": "/transfers/{}/"}


@require_GET
def audit(request: SignedInRequest) -> HttpResponse:
    """What happened, newest first, in the projects whose audit one may read; and the seal."""
    events = _readable(request.user)
    seal = AuditSeal.objects.light().newest()
    page = Paginator(events.select_related("actor", "project"), ROWS).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [(event, _address(event)) for event in page],
        "seal": seal,
        "waiting": unsealed(seal).count(),
        "check": AuditCheck.objects.first(),
        "may_verify": request.user.may(Permission.VIEW_AUDIT),
    }
    return render(request, "rdma/audit.html", context)


@require_POST
def audit_verify(request: SignedInRequest) -> HttpResponse:
    """Have a worker verify everything now; the page shows what it found."""
    if not request.user.may(Permission.VIEW_AUDIT):
        raise PermissionDenied
    verify_audit.delay()
    messages.success(request, "A worker verifies the audit now; load this page again in a while.")
    return redirect("audit")


def _readable(user: User) -> QuerySet[AuditEvent]:
    if not user.may_anywhere(Permission.VIEW_AUDIT):
        raise PermissionDenied
    if user.may(Permission.VIEW_AUDIT):
        return AuditEvent.objects.all()
    return AuditEvent.objects.filter(
        project__in=Project.objects.permitting(user, Permission.VIEW_AUDIT)
    )


def _address(event: Any) -> str:
    pattern = PAGES.get(event.object_type, "")
    return pattern.format(event.object_id) if event.object_id else ""
