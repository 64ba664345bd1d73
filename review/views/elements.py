"""One element: its values, the most frequent first, and where each of them is."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet, Sum, Window
from django.db.models.functions import Left, Length, RowNumber
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.decided import what_plan_did
from review.hiding import REASONS, why_hidden, with_hiding
from review.lists import scanner_label, token
from review.models import Element, ElementValue, ParticipantValue, SeriesValue
from review.names import name_of
from review.narrowing import page_number
from review.risk import in_words
from review.standing import stamp_of, value_standing, values_standing_as
from review.states import Judgement
from review.views.asking import asked_for

VALUES_A_PAGE = 50
SERIES_A_PAGE = 50
LETTERS_SHOWN = 200
LETTERS_OF_EXAMPLES = 80
EXAMPLES = 5
PLACES = 3
NAMED_UP_TO = 30
"""Participants of a value above which none of them is named in the list of values."""
STANDINGS = (
    ("All", ""),
    ("To judge", "open"),
    ("Not safe", Judgement.UNSAFE.value),
    ("Unsure", Judgement.UNSURE.value),
    ("Safe", Judgement.SAFE.value),
)


@require_http_methods(["GET", "HEAD", "POST"])
def examples(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The most frequent values of one element, fetched when somebody asks for them."""
    shown = _element(request, acronym, pk)
    facts = {
        "element": shown,
        "acronym": shown.project.acronym,
        "is_closed": _is_closed(request, shown),
        "examples": _values(shown, LETTERS_OF_EXAMPLES)[:EXAMPLES],
    }
    return render(request, "review/examples.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def element(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """All values of one element, the most frequent first, with where they are.

    Values that are hidden come by POST alone; words to search for them too.
    """
    shown = _element(request, acronym, pk)
    is_closed = _is_closed(request, shown)
    words = "" if is_closed else request.POST.get("words", "").strip()[:200]
    standing = request.GET.get("standing", "")
    stamp = stamp_of(shown.project)
    page = _page(request, shown, words=words, standing=standing)
    _add_places(shown, page.object_list)
    _add_standings(shown, page.object_list)
    facts = {
        "project": shown.project,
        "element": shown,
        "name": name_of(shown),
        "why_hidden": REASONS.get(why_hidden(shown), ""),
        "is_closed": is_closed,
        "page": page,
        "words": words,
        "shown": shown.pk if why_hidden(shown) and not is_closed else "",
        "standings": [(*one, one[1] == standing) for one in STANDINGS],
        "letters": LETTERS_SHOWN,
        "stamp": stamp,
        "may_judge": request.user.may(Permission.JUDGE, shown.project),
    }
    if not request.htmx:
        facts |= {
            "scanners": _scanners(shown),
            "did": what_plan_did(shown),
            "reasons": in_words(shown.risk_reasons),
        }
    return render(request, "review/element.html" + ("#values" if request.htmx else ""), facts)


@require_http_methods(["GET", "HEAD", "POST"])
def places(request: SignedInRequest, acronym: str, pk: int, value_id: int) -> HttpResponse:
    """One value in whole, and the series in which the element has it."""
    shown = _element(request, acronym, pk)
    is_closed = _is_closed(request, shown)
    value = get_object_or_404(shown.element_values.select_related("value"), value=value_id)
    series = (
        SeriesValue.objects.filter(element=shown, value=value_id)
        .select_related(
            "series__origin", "series__study__participant__site", "series__study__event"
        )
        .order_by("series__study__participant__pseudonym", "series__study", "series__series_number")
    )
    paginator = Paginator(series, SERIES_A_PAGE)
    paginator.count = value.series_count
    facts = {
        "project": shown.project,
        "element": shown,
        "name": name_of(shown),
        "why_hidden": REASONS.get(why_hidden(shown), ""),
        "is_closed": is_closed,
        "value": value,
        "page": paginator.get_page(page_number(request.GET)),
    }
    return render(request, "review/places.html", facts)


def _element(request: SignedInRequest, acronym: str, pk: int) -> Element:
    project = project_at(request.user, acronym, Permission.REVIEW)
    elements = with_hiding(Element.objects.compared()).prefetch_related("decisions__plan_version")
    shown = get_object_or_404(elements, project=project, pk=pk)
    shown.project = project
    return shown


def _is_closed(request: SignedInRequest, shown: Element) -> bool:
    """Whether values stay hidden in this answer."""
    return bool(why_hidden(shown)) and not asked_for(request, shown.project, [shown])


def _values(shown: Element, letters: int) -> "QuerySet[ElementValue]":
    """Return an element's values, the most frequent first, each with its first letters."""
    text = Left("value__text", letters)
    values = shown.element_values.select_related("value").defer("value__text")
    values = values.annotate(text=text, length=Length("value__text"))
    return values.order_by("-instance_count", "value")


def _page(
    request: SignedInRequest, shown: Element, *, words: str, standing: str
) -> "Page[ElementValue]":
    """Return one page of values; without words or a standing nothing has to be counted."""
    values = _values(shown, LETTERS_SHOWN)
    if words:
        values = values.filter(value__text__icontains=words)
    if is_narrowed := standing in {word for _, word in STANDINGS[1:]}:
        values = values.filter(values_standing_as(shown, standing))
    paginator = Paginator(values, VALUES_A_PAGE)
    if not words and not is_narrowed:
        paginator.count = shown.value_count
    return paginator.get_page(page_number(request.GET))


def _add_standings(shown: Element, values: "Any") -> None:
    """Say with each value of a page how it stands, and by whose verdict."""
    said = value_standing(shown, values)
    for row in values:
        row.said = said.get(row.value_id)


def _scanners(shown: Element) -> list[dict[str, Any]]:
    """Return by which scanners an element was written, in how many series and images."""
    rows = (
        shown.uses.order_by()
        .values(
            "origin__modality",
            "origin__manufacturer",
            "origin__manufacturer_model_name",
            "origin__device_serial_number",
            "vr",
        )
        .annotate(series=Sum("series_count"), images=Sum("instance_count"))
        .order_by("-images")
    )
    found = []
    for row in rows:
        names = (
            row["origin__manufacturer"],
            row["origin__manufacturer_model_name"],
            row["origin__device_serial_number"],
        )
        found.append(
            {
                "modality": row["origin__modality"],
                "label": scanner_label(*names),
                "key": f"scanner-{token(*names)}",
                "vr": row["vr"],
                "series": row["series"],
                "images": row["images"],
            }
        )
    return found


def _add_places(shown: Element, values: "Any") -> None:
    """Say with each rare value of a page which participants have it, by one query.

    Values that many have are not looked up: their number says more, and a value of thousands
    would cost thousands of rows.
    """
    rare = [row.value_id for row in values if row.participant_count <= NAMED_UP_TO]
    rank = Window(RowNumber(), partition_by=F("value"), order_by="participant__pseudonym")
    rows = (
        ParticipantValue.objects.filter(element=shown, value__in=rare)
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
