"""Two studies or two scanners side by side; which two stands in the address, as closed words."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.comparing import (
    Kind,
    Line,
    Side,
    add_values,
    compared,
    scanner_sides,
    side_at,
    study_side,
)
from review.hiding import hides
from review.lists import Lists
from review.narrowing import page_number
from review.views.asking import asked_for

ELEMENTS_A_PAGE = 100
MOST_IN_MENU = 200
EVERYTHING = "all"
UNLIKE = (Kind.ONLY_A, Kind.ONLY_B, Kind.DIFFERENT)


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: SignedInRequest, acronym: str) -> HttpResponse:
    """What two sides have, and where they differ; POST shows hidden values of what it names."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    scanners = scanner_sides(Lists.of(project))
    a = side_at(project, request.GET.get("a", ""), scanners)
    b = side_at(project, request.GET.get("b", ""), scanners)
    facts: dict[str, Any] = {"project": project, "a": a, "b": b, "scanners": scanners}
    if a is not None and b is not None and a.key != b.key:
        lines = compared(project, a, b)
        kind = request.GET.get("kind", "")
        page = Paginator(_of_kind(lines, kind), ELEMENTS_A_PAGE)
        page_shown = page.get_page(page_number(request.GET))
        shown: list[Line] = list(page_shown.object_list)
        asked = asked_for(request, project, [line.element for line in shown])
        add_values(a, b, shown, also=asked)
        facts |= {"asked": asked, "lines": shown}
        if request.htmx and asked:
            facts["lines"] = [line for line in shown if line.element.pk in asked]
            return render(request, "review/compare.html#rows", facts)
        facts |= {
            "page": page_shown,
            "kinds": _kinds(lines, kind),
            "hidden": [
                line.element.pk
                for line in shown
                if hides(line.element) and line.element.pk not in asked
            ],
        }
    return render(request, "review/compare.html", facts | _menu(project, a, b))


def _menu(project: Project, a: Side | None, b: Side | None) -> dict[str, Any]:
    """Return the studies to choose from; of very many only those chosen, and a way to the list."""
    studies = project.research_studies.select_related("participant", "event")
    first = [study_side(study) for study in studies[: MOST_IN_MENU + 1]]
    if len(first) <= MOST_IN_MENU:
        return {"studies": first, "has_more": False}
    return {"studies": [side for side in (a, b) if side and side.study], "has_more": True}


def _of_kind(lines: list[Line], kind: str) -> list[Line]:
    if kind == EVERYTHING:
        return lines
    if kind in Kind.values:
        return [line for line in lines if line.kind == kind]
    return [line for line in lines if line.kind in UNLIKE]


def _kinds(lines: list[Line], chosen: str) -> list[tuple[str, str, int, bool]]:
    """Return each choice of elements: its label, its word, how many, whether it is chosen."""
    known = chosen if chosen in {EVERYTHING, *Kind.values} else ""
    choices = [("All that differs", ""), *((kind.label, kind.value) for kind in Kind)]
    return [
        (label, word, len(_of_kind(lines, word)), word == known)
        for label, word in [*choices, ("All", EVERYTHING)]
    ]
