"""Giving verdicts, and the list of all that were given."""

from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.verdicts import confirm_verdict, judge, judge_many, preview_pattern
from review.history import VerdictsAsked, shown_verdicts
from review.lists import Lists
from review.models import Element, Verdict
from review.names import name_of
from review.narrowing import Narrowing, number_of, page_number
from review.standing import Stamp, progress
from review.states import Judgement

VERDICTS_A_PAGE = 50
MADE_TO_RULE = "rule"
"""What a form says in `then` to go on to making a rule."""


@require_POST
def judge_element(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Judge an element, one of its values or a pattern of them; then show the element again."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    element = get_object_or_404(Element, project=project, pk=pk)
    to_rule = request.POST.get("then") == MADE_TO_RULE
    value = None
    if number := request.POST.get("value", ""):
        rows = element.element_values.select_related("value")
        value = get_object_or_404(rows, value=number_of(number))
    try:
        verdict = judge(
            by=request.user,
            project=project,
            element=element,
            judged=Judgement.UNSAFE if to_rule else request.POST.get("judged", ""),
            reason=request.POST.get("reason", ""),
            value=value,
            pattern=request.POST.get("pattern", ""),
            covers=request.POST.get("covers", ""),
            stamp=Stamp.read(request.POST.get("stamp", "")),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _back(request, project, pk)
    messages.success(request, _said(verdict, element))
    if to_rule:
        return redirect("review-rule", project.acronym, pk)
    return _back(request, project, pk)


@require_POST
def judge_elements(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Give one verdict on all elements that were ticked in the inventory, or that filters leave."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    chosen = [pk for text in request.POST.getlist("element") if (pk := number_of(text))]
    if request.POST.get("all") == "yes":
        chosen = _left_by_filters(project, request.POST.get("back", ""))
    try:
        given, left = judge_many(
            by=request.user,
            project=project,
            elements=chosen,
            judged=request.POST.get("judged", ""),
            reason=request.POST.get("reason", ""),
            stamp=Stamp.read(request.POST.get("stamp", "")),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _back(request, project)
    if given:
        judged = Judgement(request.POST["judged"]).label.lower()
        messages.success(request, f"{_elements(given)} judged {judged}.")
    for sentence in left:
        messages.warning(request, f"Left as it was. {sentence}")
    return _back(request, project)


def _left_by_filters(project: Project, query: str) -> list[int]:
    """Return the elements that the filters of an address leave; none if it has no filter."""
    lists = Lists.of(project)
    narrowing = Narrowing.read(dict(parse_qsl(query)), lists=lists)
    if not narrowing.filters:
        return []
    return list(narrowing.apply(project, lists).values_list("pk", flat=True))


@require_POST
def preview(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Say, before a verdict is given on a pattern, which values it is about."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    element = get_object_or_404(Element, project=project, pk=pk)
    element.project = project
    facts: dict[str, Any] = {}
    try:
        facts["preview"] = preview_pattern(
            by=request.user,
            project=project,
            element=element,
            pattern=request.POST.get("pattern", ""),
        )
    except ValidationError as error:
        facts["problem"] = " ".join(error.messages)
    return render(request, "review/parts/pattern_preview.html", facts)


@require_POST
def confirm(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Confirm somebody else's verdict, as the second person."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    verdict = get_object_or_404(Verdict.objects.select_related("project"), project=project, pk=pk)
    try:
        confirm_verdict(by=request.user, verdict=verdict)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The verdict is confirmed, and counts now.")
    return _back(request, project)


@require_safe
def verdicts(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Every verdict ever given in a project, newest first."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    asked = VerdictsAsked.read(request.GET, project)
    page = Paginator(asked.apply(_history(project)), VERDICTS_A_PAGE).get_page(
        page_number(request.GET)
    )
    facts = {
        "project": project,
        "page": page,
        "shown": shown_verdicts(project, list(page.object_list)),
        "asked": asked,
        "progress": progress(project),
        "may_judge": request.user.may(Permission.JUDGE, project),
        "earlier": asked.query(page=page.number - 1),
        "later": asked.query(page=page.number + 1),
    }
    return render(request, "review/verdicts.html", facts)


def _history(project: Project) -> "QuerySet[Verdict]":
    verdicts = project.verdicts.select_related("known", "given_by", "second_by", "plan_version")
    return verdicts.order_by("-pk")


def _said(verdict: Verdict, element: Element) -> str:
    """Say what became of a verdict."""
    what = name_of(element)
    if verdict.value_digest:
        what = f"The value of {what}"
    elif verdict.pattern:
        noun = "value" if verdict.value_count == 1 else "values"
        what = f"{verdict.value_count:,} {noun} of {what}"
    judged = f"{what}: {verdict.get_judged_display().lower()}."
    if not verdict.counts:
        return f"{judged} It counts when a second person confirms."
    if verdict.second_by_id:
        return f"{judged} Two people say so, and it counts now."
    return judged


def _elements(number: int) -> str:
    return "1 element" if number == 1 else f"{number:,} elements"


def _back(
    request: SignedInRequest, project: Project, pk: int | None = None
) -> HttpResponseRedirect:
    """Go back to where the form was: a query of closed words, or the element's page."""
    back = request.POST.get("back", "")
    if back.startswith("/"):
        if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
            return HttpResponseRedirect(back)
        back = ""
    address = reverse("review", args=[project.acronym])
    if pk is not None:
        address = reverse("review-element", args=[project.acronym, pk])
    return HttpResponseRedirect(f"{address}?{back.lstrip('?')}" if back else address)
