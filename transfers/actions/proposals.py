"""Rules that somebody asks for who may not make them: kept until somebody who may has decided."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from deidentify.rules import Rule
from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from transfers.actions.verdicts import checked_reason
from transfers.models import ProjectRule, RuleProposal
from transfers.screening import screen_for_project

DECIDED = "Somebody has decided about this proposal already."


def columns_of(rule: Rule) -> dict[str, Any]:
    """Return a rule as the columns of models.RuleData."""
    return {
        "element": rule.element,
        "action": rule.action,
        "value": rule.value[:200],
        "values": [list(pair) for pair in rule.values],
        "others": rule.others,
    }


@transaction.atomic
def propose_rule(*, by: User, project: Project, rule: Rule, reason: str) -> RuleProposal:
    """Ask for a rule. Raises PermissionDenied, and ValidationError without a reason."""
    if not by.may(Permission.JUDGE, project):
        raise PermissionDenied
    refuse_named(project, rule)
    proposal = RuleProposal.objects.create(
        project=project, **columns_of(rule), reason=checked_reason(reason), proposed_by=by
    )
    AuditEvent.record(by, "proposed_rule", proposal, project=project, why=proposal.reason)
    return proposal


@transaction.atomic
def decline_proposal(*, by: User, proposal: RuleProposal, reason: str) -> None:
    """Say no to a proposed rule; whoever asked for it may take it back in the same way."""
    project = proposal.project
    may_decide = by.may(Permission.RESOLVE_FINDINGS, project) or by.may(
        Permission.MANAGE_PROJECT, project
    )
    if not may_decide and by.pk != proposal.proposed_by_id:
        raise PermissionDenied
    reason = checked_reason(reason)
    decided = RuleProposal.objects.filter(pk=proposal.pk, decided_at=None).update(
        decided_by=by, decided_at=Now(), decided_reason=reason
    )
    if not decided:
        raise ValidationError(DECIDED)
    AuditEvent.record(by, "declined_rule", proposal, project=project, why=reason)


def refuse_named(project: Project, rule: Rule) -> None:
    """Raise ValidationError for a rule that would write what identifies a patient of the project.

    What a rule writes counts as no leak where it writes it, so nothing later would find it.
    """
    screen = screen_for_project(project)
    if any(screen(text) != text for text in rule.texts):
        raise ValidationError(
            "What is to be written may identify a patient of this project; choose something else."
        )


def take_up(proposal: RuleProposal, made: ProjectRule, by: User) -> None:
    """Note that a proposed rule was made, inside the transaction that made it."""
    decided = RuleProposal.objects.filter(
        pk=proposal.pk, project=made.project, decided_at=None
    ).update(decided_by=by, decided_at=Now(), rule=made)
    if not decided:
        raise ValidationError(DECIDED)
