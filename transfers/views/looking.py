"""/transfers/findings/7/look/: before and after of what was found, for those who may see it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from projects.access import why_not
from projects.models import AuditEvent
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.looking import compare
from transfers.models import Finding, TransferRequest
from transfers.places import place, what


@require_http_methods(["GET", "POST"])
def finding_look(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where a finding is; the values themselves are asked for by POST, and that is audited.

    htmx asks for the fragment alone.
    """
    transfers = TransferRequest.objects.visible_to(request.user)
    rows = Finding.objects.filter(run__transfer__in=transfers).select_related(
        "outcome__instance",
        "outcome__series",
        "run__transfer__project",
        "run__transfer__participant",
        "run__transfer__event",
    )
    finding = get_object_or_404(rows, pk=pk)
    transfer = finding.run.transfer
    may_see = transfer.allows(request.user, Permission.SEE_IDENTIFIED)
    compared = None
    if request.method == "POST":
        if not may_see:
            raise PermissionDenied(
                why_not(request.user, Permission.SEE_IDENTIFIED, transfer.project)
            )
        AuditEvent.record(
            request.user, "looked", transfer, finding=finding.pk, image=finding.outcome_id
        )
        compared = compare(finding)
    context = {
        "finding": finding,
        "transfer": transfer,
        "project": transfer.project,
        "what": what(finding.kind, finding.path, finding.sentence),
        "place": place(finding.path),
        "known_by": place(finding.source_path) if finding.source_path else "",
        "may_see": may_see,
        "compared": compared,
    }
    template = "transfers/look.html" + ("#look" if request.htmx else "")
    return render(request, template, context)
