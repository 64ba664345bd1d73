"""One element: its values, the most frequent first, and where each of them is."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.forms import SearchForm
from review.models import Element, ParticipantValue, SeriesValue
from review.names import name_of
from review.narrowing import page_number

VALUES_A_PAGE = 50
SERIES_A_PAGE = 100
EXAMPLES = 5
PLACES = 3


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
