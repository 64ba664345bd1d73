"""The studies of a project's research copy, and the tag summary of each."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.comparing import study_side
from review.hiding import hides, with_hiding
from review.lists import Lists
from review.models import Element, ResearchSeries, ResearchStudy
from review.narrowing import page_number
from review.study_tags import STANDS_OUT, Kind, StudyElement, add_values, study_elements
from review.views.asking import asked_for

STUDIES_A_PAGE = 50
ELEMENTS_A_PAGE = 100
SERIES_SHOWN = 60
DESCRIPTION = "(0008,103E)"
STANDING_OUT, EVERYTHING = "", "all"


@require_http_methods(["GET", "HEAD", "POST"])
def study_list(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The studies of a project; pseudonyms are searched for by POST."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    lists = Lists.of(project)
    chosen = {
        name: request.GET.get(name, "") if request.GET.get(name, "") in choices else ""
        for name, choices in _menus(lists).items()
    }
    against = request.GET.get("against", "")
    words = request.POST.get("words", "").strip()[:200]
    studies = _narrowed(project, lists, chosen)
    if words:
        studies = studies.filter(participant__pseudonym__icontains=words)
    page = Paginator(studies, STUDIES_A_PAGE).get_page(page_number(request.GET))
    facts = {
        "project": project,
        "page": page,
        "words": words,
        "menus": [
            (name.capitalize(), name, chosen[name], choices)
            for name, choices in _menus(lists).items()
            if len(choices) > 1
        ],
        "chosen": chosen,
        "against": against if against.replace("-", "").isalnum() else "",
    }
    return render(request, "review/studies.html" + ("#studies" if request.htmx else ""), facts)


@require_http_methods(["GET", "HEAD", "POST"])
def study(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The tag summary of one study: what stands out in it against the rest of the project.

    POST shows hidden values of the elements it names; htmx gets their rows alone.
    """
    project = project_at(request.user, acronym, Permission.REVIEW)
    shown = get_object_or_404(
        project.research_studies.select_related("participant__site", "event"), pk=pk
    )
    rows = study_elements(shown)
    kind = request.GET.get("kind", "")
    page = Paginator(_of_kind(rows, kind), ELEMENTS_A_PAGE).get_page(page_number(request.GET))
    lines: list[StudyElement] = list(page.object_list)
    asked = asked_for(request, project, [row.element for row in lines])
    add_values(shown, lines, also=asked)
    facts: dict[str, Any] = {"project": project, "study": shown, "asked": asked}
    if request.htmx and asked:
        facts["lines"] = [row for row in lines if row.element.pk in asked]
        return render(request, "review/study.html#rows", facts)
    facts |= {
        "lines": lines,
        "page": page,
        "kinds": _kinds(rows, kind),
        "is_alone": not project.research_studies.exclude(pk=pk).exists(),
        "hidden": [row.element.pk for row in lines if _is_closed(row, asked)],
        "side": study_side(shown),
        "series": list(shown.series.select_related("origin")[:SERIES_SHOWN]),
        "more_series": max(0, shown.series_count - SERIES_SHOWN),
        **_description(request, project),
    }
    return render(request, "review/study.html", facts)


def _menus(lists: Lists) -> dict[str, dict[str, str]]:
    return {
        "event": lists.events,
        "site": lists.sites,
        "modality": lists.modalities,
        "scanner": lists.scanners,
    }


def _narrowed(project: Project, lists: Lists, chosen: dict[str, str]) -> QuerySet[ResearchStudy]:
    """Return the studies with a series of an origin that fits everything chosen."""
    studies = project.research_studies.select_related("participant__site", "event")
    origins = lists.fitting(**chosen)
    if origins is not None:
        series = ResearchSeries.objects.filter(study=OuterRef("pk"), origin__in=origins)
        studies = studies.filter(Exists(series))
    return studies.prefetch_related("series")


def _of_kind(rows: list[StudyElement], kind: str) -> list[StudyElement]:
    if kind == EVERYTHING:
        return rows
    if kind in Kind.values:
        return [row for row in rows if row.kind == kind]
    return [row for row in rows if row.kind in STANDS_OUT]


def _kinds(rows: list[StudyElement], chosen: str) -> list[tuple[str, str, int, bool]]:
    """Return each choice of elements: its label, its word, how many, whether it is chosen."""
    known = chosen if chosen in {EVERYTHING, *Kind.values} else STANDING_OUT
    choices = [("Stands out", STANDING_OUT), *((kind.label, kind.value) for kind in Kind)]
    return [
        (label, word, len(_of_kind(rows, word)), word == known)
        for label, word in [*choices, ("All", EVERYTHING)]
    ]


def _is_closed(row: StudyElement, asked: frozenset[int]) -> bool:
    return hides(row.element) and row.element.pk not in asked


def _description(request: SignedInRequest, project: Project) -> dict[str, Any]:
    """Say whether series descriptions may be shown: they are an element like any other."""
    known = with_hiding(Element.objects.filter(project=project, path=DESCRIPTION)).first()
    asked = asked_for(request, project, [known] if known else [])
    return {"description": known, "has_descriptions": known and (not hides(known) or bool(asked))}
