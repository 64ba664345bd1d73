"""What packages for export contain beyond DICOM headers: their paths, and the values of one."""

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from deidentify.looks import looks_of
from projects.access import project_at
from projects.models import AuditEvent
from projects.requests import SignedInRequest
from projects.roles import Permission
from review import risk
from review.check_reading import looks_in_words
from review.hiding import HIDDEN_FROM
from review.models import PackageElement, PackageInventory, PackageRemark, PackageValue
from review.narrowing import page_number
from review.packages import summed

ELEMENTS_A_PAGE = 100
VALUES_A_PAGE = 50
MOST_REMARKS = 50
TELLING = frozenset("INMTAC")
"""Looks of a name for which it is hidden from those who may not see identified data."""
HIDDEN_NAME = "(a name that looks like a person's)"


@require_safe
def package_list(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The packages of a project, and every path beyond DICOM headers that is in them."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    page = Paginator(summed(project), ELEMENTS_A_PAGE).get_page(page_number(request.GET))
    may_see = request.user.may(Permission.SEE_IDENTIFIED, project)
    facts = {
        "project": project,
        "inventories": PackageInventory.objects.filter(project=project),
        "page": page,
        "rows": [{**row, "name": _name(row["path"], may_see)} for row in page],
        "may_see": may_see,
        "remarks": PackageRemark.objects.filter(inventory__project=project).select_related(
            "inventory"
        )[:MOST_REMARKS],
    }
    return render(request, "review/packages.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def package_element(request: SignedInRequest, acronym: str, digest: str) -> HttpResponse:
    """The values of one path in all packages of a project; hidden ones come by POST alone."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    elements = PackageElement.objects.filter(inventory__project=project, digest=digest)
    first = elements.order_by("-risk_score").first()
    if first is None:
        raise Http404
    is_hidden = first.risk >= HIDDEN_FROM and "show" not in request.POST
    if first.risk >= HIDDEN_FROM and not is_hidden:
        AuditEvent.record(request.user, "showed_values", first.inventory, project=project)
    values = (
        PackageValue.objects.filter(element__in=elements)
        .values("digest")
        .annotate(
            files=Sum("file_count"),
            packages=Count("element", distinct=True),
            text=Min("text"),
            letters=Max("looks"),
            place=Min("example"),
        )
        .order_by("-letters", "-files", "digest")
    )
    page = Paginator(values, VALUES_A_PAGE).get_page(page_number(request.GET))
    facts = {
        "project": project,
        "element": first,
        "kind": first.path.partition(":")[0],
        "name": _name(first.path, request.user.may(Permission.SEE_IDENTIFIED, project)),
        "reasons": risk.in_words(first.risk_reasons),
        "counts": elements.aggregate(files=Sum("file_count"), packages=Count("pk")),
        "is_hidden": is_hidden,
        "was_hidden": first.risk >= HIDDEN_FROM,
        "page": page,
        "rows": [] if is_hidden else [_row(row) for row in page],
    }
    return render(request, "review/package_element.html", facts)


def _name(path: str, may_see: bool) -> str:
    """Return what a path is called; one that looks like telling of a person is not shown to all.

    Keys and columns are whatever a file made up, and files are sometimes called after patients.
    """
    name = path.partition(":")[2]
    return name if may_see or not set(looks_of(name)) & TELLING else HIDDEN_NAME


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "looks": looks_in_words(row["letters"])}
