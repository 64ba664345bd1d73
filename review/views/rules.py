"""From "not safe" to a rule: choose one, read what it would do, make it or propose it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from deidentify.errors import UnknownProfile
from deidentify.rules import OTHERS, Rule
from deidentify.ruling import REVIEWING, refusal
from projects.access import project_at
from projects.errors import KeyUnavailable
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.rules import make_proposed_rule, make_rule_of_review
from review.hiding import REASONS, why_hidden, with_hiding
from review.models import Element
from review.names import name_of
from review.reach import Reach, reach
from review.rule_choices import Choice, Named, choices_of, named_values, offers, rule_of
from review.rule_effects import examples, named_ids, runs_said, sentences
from review.views.asking import asked_for
from transfers.actions import decline_proposal, propose_rule
from transfers.actions.rules import may_make_rules
from transfers.models import RuleProposal
from transfers.planning import current_plan, nobodys_plan
from transfers.rule_words import rule_sentence

OTHER_WORDS = {
    "clean": "are cleaned (numbers are emptied)",
    "empty": "are emptied",
    "remove": "are removed",
    "keep": "stay as they are",
}


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Choose a rule about an element, see what it would do, and make or propose it."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    element = get_object_or_404(with_hiding(Element.objects.all()), project=project, pk=pk)
    element.project = project
    is_closed = bool(why_hidden(element)) and not asked_for(request, project, [element])
    choices = choices_of(element)
    facts: dict[str, Any] = {
        "project": project,
        "element": element,
        "name": name_of(element),
        "choices": choices,
        "may_make": may_make_rules(request.user, project),
        "may_propose": request.user.may(Permission.JUDGE, project),
        "why_hidden": REASONS.get(why_hidden(element), ""),
        "is_closed": is_closed,
        "others": OTHER_WORDS,
        "reason": request.POST.get("reason", "").strip()[:250],
    }
    status = 200
    if choices:
        asked = _Asked(request, element, choices)
        facts |= asked.facts()
        made = asked.obey() if request.POST.get("step") == "make" else None
        if made is not None:
            return made
        facts |= asked.effect(is_closed=is_closed)
        status = 422 if facts["problem"] and request.method == "POST" else 200
    part = "#effect" if request.htmx else ""
    return render(request, f"review/rule.html{part}", facts, status=200 if part else status)


class _Asked:
    """What somebody chose on the page: read from the form, or what fits best."""

    def __init__(self, request: SignedInRequest, element: Element, choices: list[Choice]) -> None:
        self.request, self.element, self.project = request, element, element.project
        self.plan = nobodys_plan(current_plan(self.project))
        by_name = {choice.name: choice for choice in choices}
        self.choice = by_name.get(request.POST.get("scope", ""), choices[0])
        self.reached = self._reached(Rule(self.choice.element, "remove"))
        self.offers = offers(self.choice, element, self.plan, self.reached)
        possible = [offer.action for offer in self.offers if not offer.refused]
        wanted = request.POST.get("action", "")
        self.action = wanted if wanted in REVIEWING else (possible or [""])[0]
        self.values = named_values(element)
        self.others = request.POST.get("others", "")
        if self.others not in OTHERS:
            self.others = OTHERS[0]
        self.problem = ""
        self.rule = self._rule()

    def facts(self) -> dict[str, Any]:
        """Return what the form shows."""
        return {
            "choice": self.choice,
            "offers": self.offers,
            "action": self.action,
            "value": self.request.POST.get("value", "")[:200],
            "values": [(one, self._becomes(one)) for one in self.values],
            "chosen_others": self.others,
        }

    def effect(self, *, is_closed: bool) -> dict[str, Any]:
        """Return what the rule would do, in words and examples, or why it may not be."""
        facts: dict[str, Any] = {"problem": self.problem, "rule": self.rule}
        if self.rule is None or self.problem:
            return facts
        marks = named_ids(self.rule, self.values, self.project)
        return facts | {
            "sentence": rule_sentence(self.rule),
            "changes": sentences(self.rule, self.reached, marks),
            "runs": runs_said(self.reached),
            "examples": examples(
                self.project, self.rule, self.plan, self.element, is_closed=is_closed
            ),
        }

    def obey(self) -> HttpResponse | None:
        """Make or propose the rule; None if something stands in the way, which is then said."""
        if self.rule is None or self.problem:
            return None
        user, reason = self.request.user, self.request.POST.get("reason", "")
        try:
            if may_make_rules(user, self.project):
                made = make_rule_of_review(
                    by=user, element=self.element, rule=self.rule, reason=reason
                )
                messages.success(
                    self.request,
                    f"It is a rule of {self.project.acronym} now (plan v{made.since.number}). "
                    "What has the element runs again; below is what becomes different.",
                )
                return redirect("review-change", self.project.acronym, made.since.number)
            propose_rule(by=user, project=self.project, rule=self.rule, reason=reason)
        except ValidationError as error:
            self.problem = " ".join(error.messages)
            return None
        messages.success(self.request, "Proposed. Whoever may change the rules decides about it.")
        return redirect("review-changes", self.project.acronym)

    def _becomes(self, one: Named) -> str:
        return self.request.POST.get(f"to-{one.key}", "")[:200]

    def _rule(self) -> Rule | None:
        """Put the rule together, and note what is wrong with it."""
        table = [(one.text, self._becomes(one)) for one in self.values]
        text = self.request.POST.get("value", "")
        is_empty = self.action == "replace" and not text.strip()
        is_empty |= self.action == "map" and not any(new.strip() for _, new in table)
        if not self.action or is_empty:
            return None
        try:
            found = rule_of(
                self.project, self.choice, self.action, text=text, table=table, others=self.others
            )
        except UnknownProfile as error:
            self.problem = str(error)
            return None
        except KeyUnavailable:
            self.problem = "The project's key was destroyed, so no value can be named any more."
            return None
        self.problem = refusal(
            found,
            self.plan,
            self.reached.sop_class_uids(),
            allowed=REVIEWING,
            vrs=self.reached.vrs,
        )
        return found

    def _reached(self, about: Rule) -> Reach:
        return reach(self.project, about)


@require_POST
def proposal(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Make a proposed rule, or decline it with a reason."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    rows = RuleProposal.objects.select_related("project").filter(project=project)
    proposed = get_object_or_404(rows, pk=pk)
    try:
        if request.POST.get("decision") == "make":
            made = make_proposed_rule(by=request.user, proposal=proposed)
            messages.success(
                request,
                f"It is a rule of {project.acronym} now (plan v{made.since.number}).",
            )
            return redirect("review-change", project.acronym, made.since.number)
        if request.POST.get("decision") != "decline":
            raise PermissionDenied
        reason = request.POST.get("reason", "")
        decline_proposal(by=request.user, proposal=proposed, reason=reason)
        messages.success(request, "Declined. Whoever proposed it reads your reason here.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("review-changes", project.acronym)
