"""From "not safe" to a rule of the project's plan: made, or proposed to who may make it."""

from django.core.exceptions import ValidationError
from django.db import transaction

from deidentify.rules import Rule
from projects.models import Project, User
from review.models import Element
from review.reach import reach
from transfers.actions import make_rule_of_project
from transfers.models import ProjectRule, RuleProposal


def make_rule_of_review(
    *, by: User, element: Element, rule: Rule, reason: str, proposal: RuleProposal | None = None
) -> ProjectRule:
    """Make a rule about an element of the index, and run again every transfer that may have it.

    Raises PermissionDenied without the right to make rules, and ValidationError for a rule that
    may not be or that is about something else.
    """
    return _make(by, element.project, rule, reason, proposal=proposal, about=element)


@transaction.atomic
def make_proposed_rule(*, by: User, proposal: RuleProposal) -> ProjectRule:
    """Make a rule that somebody proposed, for the reason that they gave.

    Raises PermissionDenied, and ValidationError if it was decided already or may not be any more.
    """
    return _make(by, proposal.project, proposal.as_rule(), proposal.reason, proposal=proposal)


@transaction.atomic
def _make(
    by: User,
    project: Project,
    rule: Rule,
    reason: str,
    *,
    proposal: RuleProposal | None,
    about: Element | None = None,
) -> ProjectRule:
    reached = reach(project, rule)
    if about is not None and about not in reached.elements:
        raise ValidationError("The rule is not about this element.")
    return make_rule_of_project(
        by=by,
        project=project,
        rule=rule,
        reason=reason,
        transfers=reached.to_run,
        sop_class_uids=reached.sop_class_uids(),
        vrs=reached.vrs,
        proposal=proposal,
    )
