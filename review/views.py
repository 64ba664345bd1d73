"""The pages of the review: what is left in a project's data, element by element."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions import download_inventory
from review.forms import SearchForm
from review.models import (
    Across,
    Element,
    ElementUse,
    IndexState,
    ParticipantValue,
    ProjectIndex,
    SeriesValue,
    Within,
)
from review.names import name_of
from review.narrowing import KINDS, Narrowing, having_value, named, page_number

ELEMENTS_A_PAGE = 100
VALUES_A_PAGE = 50
SERIES_A_PAGE = 100
EXAMPLES = 5
PLACES = 3


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


@require_safe
def examples(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The most frequent values of one element, fetched when somebody asks for them."""
    element = _element(request, acronym, pk)
    values = element.element_values.select_related("value").order_by("-instance_count", "value")
    facts = {"element": element, "examples": values[:EXAMPLES], "acronym": element.project.acronym}
    return render(request, "review/examples.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def element(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """All values of one element, the most frequent first, with where they are."""
    shown = _element(request, acronym, pk)
    form = SearchForm(request.POST or None)
    values = shown.element_values.select_related("value").order_by("-instance_count", "value")
    words = form.data.get("words", "").strip()
    if words:
        values = values.filter(value__text__icontains=words[:200])
    page = Paginator(values, VALUES_A_PAGE).get_page(page_number(request.GET))
    _add_places(shown, page.object_list)
    facts = {
        "project": shown.project,
        "element": shown,
        "name": name_of(shown),
        "uses": shown.uses.order_by("-instance_count"),
        "page": page,
        "words": words,
    }
    return render(request, "review/element.html" + ("#values" if request.htmx else ""), facts)


@require_safe
def places(request: SignedInRequest, acronym: str, pk: int, value_id: int) -> HttpResponse:
    """The series in which an element has one value."""
    shown = _element(request, acronym, pk)
    value = get_object_or_404(shown.element_values.select_related("value"), value=value_id)
    series = (
        SeriesValue.objects.filter(element=shown, value=value_id)
        .select_related("series__study__participant", "series__study__event")
        .order_by("series__study__participant__pseudonym", "series__study", "series__series_number")
    )
    facts = {
        "project": shown.project,
        "element": shown,
        "name": name_of(shown),
        "value": value,
        "page": Paginator(series, SERIES_A_PAGE).get_page(page_number(request.GET)),
    }
    return render(request, "review/places.html", facts)


def _element(request: SignedInRequest, acronym: str, pk: int) -> Element:
    project = project_at(request.user, acronym, Permission.REVIEW)
    shown = get_object_or_404(Element.objects.compared(), project=project, pk=pk)
    shown.project = project
    return shown


def _searched(elements: "QuerySet[Element]", form: SearchForm) -> "QuerySet[Element]":
    if not form.is_valid() or not form.cleaned_data["words"]:
        return elements
    words = form.cleaned_data["words"]
    in_values = form.cleaned_data["place"] == SearchForm.VALUES
    return elements.filter(having_value(words) if in_values else named(words))


def _add_places(shown: Element, values: "Any") -> None:
    """Say with each value of a page which participants have it: the first few, by one query."""
    rank = Window(RowNumber(), partition_by=F("value"), order_by="participant__pseudonym")
    rows = (
        ParticipantValue.objects.filter(element=shown, value__in=[row.value_id for row in values])
        .annotate(rank=rank)
        .filter(rank__lte=PLACES)
        .order_by("rank")
        .values_list("value_id", "participant__pseudonym")
    )
    pseudonyms: dict[int, list[str]] = {}
    for value_id, pseudonym in rows:
        pseudonyms.setdefault(value_id, []).append(pseudonym)
    for row in values:
        row.pseudonyms = pseudonyms.get(row.value_id, [])
        row.more = row.participant_count - len(row.pseudonyms)


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
