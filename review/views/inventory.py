"""The inventory: every element left in a project's data, one row each."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.showing import search_values
from review.actions.views import may_change
from review.choices import chips, headings, menus
from review.element_counts import ElementCounts
from review.formats import FORMATS
from review.forms import SavedViewForm, SearchForm
from review.lists import Lists
from review.models import Element, IndexState, ProjectIndex
from review.narrowing import Narrowing, having_value, named
from review.packages import sentence
from review.rows import rows_of
from review.standing import progress, stamp_of
from review.states import Judgement

ELEMENTS_A_PAGE = 60


@require_http_methods(["GET", "HEAD", "POST"])
def inventory(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Every element left in a project; htmx asks for the table alone."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    stamp = stamp_of(project)  # before the elements are read: no verdict covers what came later
    counts = ElementCounts.of(project)
    lists = Lists.of(project, counts.vrs)
    narrowing = Narrowing.read(request.GET, lists=lists)
    form = SearchForm(request.POST or None)
    elements = _searched(request, project, narrowing.apply(project, lists), form)
    paginator = Paginator(elements.prefetch_related("decisions__plan_version"), ELEMENTS_A_PAGE)
    if not (narrowing.filters or form.is_bound):
        paginator.count = counts.elements  # they are all, and counted
    page = paginator.get_page(narrowing.page)
    here = reverse("review", args=[project.acronym])
    may_judge = request.user.may(Permission.JUDGE, project)
    facts = {
        "project": project,
        "form": form,
        "words": form.data.get("words", ""),
        "page": page,
        "here": here,
        "rows": rows_of(page.object_list, here=here, may_judge=may_judge),
        "query": narrowing.query(),
        "is_narrow": bool(narrowing.filters),
        "earlier": f"?{narrowing.query(page=page.number - 1)}",
        "later": f"?{narrowing.query(page=page.number + 1)}",
        "headings": headings(narrowing),
        "chips": chips(narrowing, counts, lists),
        "menus": menus(narrowing, lists),
        "formats": FORMATS,
        "views": _views(request, project, lists),
        "view_form": SavedViewForm(),
        "stamp": stamp,
        "judgements": Judgement.choices,
        "may_judge": may_judge,
        "new_elements": counts.new,
    }
    if request.htmx:
        return render(request, "review/inventory.html#elements", facts)
    return render(request, "review/inventory.html", facts | _standing(project, counts))


def _searched(
    request: SignedInRequest, project: Project, elements: "QuerySet[Element]", form: SearchForm
) -> "QuerySet[Element]":
    if not form.is_valid() or not form.cleaned_data["words"]:
        return elements
    words = form.cleaned_data["words"]
    if form.cleaned_data["place"] != SearchForm.VALUES:
        return elements.filter(named(words))
    search_values(by=request.user, project=project)
    return elements.filter(having_value(words))


def _views(request: SignedInRequest, project: Project, lists: Lists) -> list[dict[str, Any]]:
    """Return the saved views that this person may use, with where each leads."""
    found = project.saved_views.usable_by(request.user).select_related("owner")
    rows = []
    for view in found:
        view.project = project
        may = may_change(request.user, view)
        rows.append(
            {
                "view": view,
                "query": Narrowing.read(view.choices, lists=lists).query(),
                "is_own": view.owner_id == request.user.pk,
                "form": SavedViewForm(instance=view, auto_id=f"view{view.pk}_%s") if may else None,
            }
        )
    return rows


def _standing(project: Project, counts: ElementCounts) -> dict[str, Any]:
    """Return how far the review is, and what the index holds."""
    studies = project.research_studies.aggregate(
        waiting=Count("pk", Q(state=IndexState.WAITING)),
        failed=Count("pk", Q(state=IndexState.FAILED)),
    )
    totals = ProjectIndex.objects.filter(project=project).first() or ProjectIndex()
    return {
        "totals": totals,
        "progress": progress(project, counts),
        "package_sentence": sentence(project),
        **studies,
    }
