"""The inventory: every element left in a project's data, one row each."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.downloads import download_inventory
from review.forms import SearchForm
from review.models import Across, Element, ElementUse, IndexState, ProjectIndex, Within
from review.narrowing import KINDS, Narrowing, having_value, named

ELEMENTS_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def inventory(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Every element left in a project; htmx asks for the table alone."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    uses = ElementUse.objects.filter(element__project=project)
    pairs = set(uses.values_list("modality", "vr").distinct())
    modalities = sorted({modality for modality, _ in pairs} - {""})
    vrs = sorted({vr for _, vr in pairs})
    narrowing = Narrowing.read(request.GET, modalities=modalities)
    form = SearchForm(request.POST or None)
    elements = narrowing.apply(_searched(project.elements.compared(), form))
    page = Paginator(elements, ELEMENTS_A_PAGE).get_page(narrowing.page)
    totals = ProjectIndex.objects.filter(project=project).first() or ProjectIndex()
    studies = project.research_studies
    facts = {
        "project": project,
        "form": form,
        "words": form.data.get("words", ""),
        "page": page,
        "earlier": f"?{narrowing.query(page=page.number - 1)}",
        "later": f"?{narrowing.query(page=page.number + 1)}",
        "columns": _columns(narrowing),
        "kinds": _choices(narrowing, "kind", KINDS),
        "modalities": _choices(
            narrowing, "modality", dict(zip(modalities, modalities, strict=True))
        ),
        "menus": [
            ("VR", _choices(narrowing, "vr", dict(zip(vrs, vrs, strict=True)))),
            ("Across participants", _choices(narrowing, "across", dict(Across.choices))),
            ("Within one", _choices(narrowing, "within", dict(Within.choices))),
        ],
        "totals": totals,
        "waiting": studies.filter(state=IndexState.WAITING).count(),
        "failed": studies.filter(state=IndexState.FAILED).count(),
    }
    return render(request, "review/inventory.html" + ("#elements" if request.htmx else ""), facts)


@require_safe
def inventory_csv(request: SignedInRequest, acronym: str) -> StreamingHttpResponse:
    """The inventory as a file for a spreadsheet; that somebody took it is recorded."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    rows = download_inventory(by=request.user, project=project)
    return StreamingHttpResponse(
        _lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{project.acronym}-inventory.csv"'},
    )


def _searched(elements: "QuerySet[Element]", form: SearchForm) -> "QuerySet[Element]":
    if not form.is_valid() or not form.cleaned_data["words"]:
        return elements
    words = form.cleaned_data["words"]
    in_values = form.cleaned_data["place"] == SearchForm.VALUES
    return elements.filter(having_value(words) if in_values else named(words))


def _choices(narrowing: Narrowing, name: str, choices: dict[str, str]) -> dict[str, Any]:
    """Return the choices of one closed list, each with the address that makes it."""
    chosen = getattr(narrowing, name)
    links = [("Any", narrowing.query(**{name: ""}), not chosen)]
    links += [
        (label, narrowing.query(**{name: value}), value == chosen)
        for value, label in choices.items()
    ]
    return {"chosen": choices.get(chosen, ""), "links": links}


def _columns(narrowing: Narrowing) -> list[tuple[str, str, str, bool]]:
    """Return each column's heading, the address that sorts by it, how it sorts now, if a number."""
    columns = []
    for name, heading, is_number in (
        ("tag", "Tag", False),
        ("name", "Name", False),
        ("vr", "VR", False),
        ("instances", "Images", True),
        ("series", "Series", True),
        ("participants", "Participants", True),
        ("values", "Values", True),
        ("across", "Across participants", False),
        ("within", "Within one", False),
    ):
        orders = (f"-{name}", name) if is_number else (name, f"-{name}")
        following = orders[1] if narrowing.sort == orders[0] else orders[0]
        now = {name: "ascending", f"-{name}": "descending"}.get(narrowing.sort, "")
        columns.append((heading, narrowing.query(sort=following), now, is_number))
    return columns


class _Echo:
    """Gives back what is written to it, as csv wants a file."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    return (writer.writerow(row) for row in rows)
