"""A project's rules as its pages show them: which, by whom, when, why, and what is older."""

from dataclasses import dataclass
from typing import Any

from projects.models import Project, User
from projects.roles import Permission
from transfers.actions.renewals import AT_ONCE
from transfers.actions.rules import older_than_plan
from transfers.models import ProjectRule, TransferRequest
from transfers.places import rule_place
from transfers.planning import current_plan
from transfers.rule_words import does
from transfers.screening import screen_for_project


@dataclass(frozen=True)
class ShownRule:
    """One rule in words."""

    rule: ProjectRule
    place: str
    does: str
    reason: str
    withdrawn_reason: str


def rules_context(project: Project, user: User) -> dict[str, Any]:
    """Return what `transfers/parts/rules.html` shows of a project, under the key `ruled`.

    In it: `rules` and `withdrawn` (lists of ShownRule), `older_count` (transfers that can run again
    under the present plan), `over_copy_count` (of these, those whose originals have left
    quarantine), `too_late_count` (those of which neither originals nor a verified copy are left),
    `at_once`, `plan`, `may_resolve`.
    """
    rows = project.rules.select_related(
        "made_by", "withdrawn_by", "since", "finding__run__transfer__participant"
    )
    screen = screen_for_project(project)
    shown = [
        ShownRule(
            row,
            rule_place(row.element),
            does(row.as_rule()),
            screen(row.reason),
            screen(row.withdrawn_reason),
        )
        for row in rows
    ]
    plan = current_plan(project)
    older = older_than_plan(project)
    runnable = TransferRequest.objects.live().runnable().values("pk")
    gone = TransferRequest.objects.live().filter(project=project).exclude(pk__in=runnable)
    ruled = {
        "rules": [one for one in shown if one.rule.withdrawn_at is None],
        "withdrawn": [one for one in shown if one.rule.withdrawn_at is not None],
        "older_count": older.count(),
        "over_copy_count": older.filter(study=None).count(),
        "too_late_count": gone.exclude(runs__plan_version=plan).distinct().count(),
        "at_once": AT_ONCE,
        "plan": plan,
        "may_resolve": user.may(Permission.RESOLVE_FINDINGS, project),
    }
    return {"project": project, "ruled": ruled}
