"""Choosing what de-identification does in a project: a new plan version, with a reason.

An older version can be gone back to: as a new version that does the same, so that history stays.
"""

from collections.abc import Collection, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from deidentify.errors import DeidentifyError
from deidentify.rules import Rule
from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from transfers.actions.proposals import columns_of
from transfers.actions.renewals import renew
from transfers.actions.verdicts import checked_reason
from transfers.models import PlanVersion, ProjectRule, Run, TransferRequest
from transfers.planning import current_plan, next_plan, plan_digest, rules_of
from transfers.states import RuleSource


@transaction.atomic
def change_plan(
    *, by: User, project: Project, profile: str, options: Sequence[str], reason: str
) -> PlanVersion:
    """Make a new version of a project's plan; what was made by an older one stays as it is.

    Args:
        by: somebody who may change the project.
        project: whose plan it is; its own rules go along.
        profile, options: of the engine (deidentify/profiles.py).
        reason: kept with the version.

    Raises PermissionDenied, and ValidationError for options that exclude each other, for a plan
    that would do what the present one does, and without a reason.
    """
    if not by.may(Permission.MANAGE_PROJECT, project):
        raise PermissionDenied
    reason = checked_reason(reason)
    project = Project.objects.select_for_update().get(pk=project.pk)
    present = current_plan(project)
    rules = rules_of(present)
    try:
        digest = plan_digest(profile, list(options), rules)
    except DeidentifyError as error:
        raise ValidationError(str(error)) from error
    if digest == present.digest:
        raise ValidationError("This is what the present plan does already; nothing was changed.")
    version = next_plan(project, rules, by=by, reason=reason, profile=profile, options=options)
    AuditEvent.record(by, "changed_plan", version, project=project, why=reason, plan=version.number)
    return version


@transaction.atomic
def roll_back(
    *, by: User, version: PlanVersion, reason: str, confirmed: Collection[int] = ()
) -> PlanVersion:
    """Go back to an older version: a new one that does the same; run again what went by another.

    Args:
        by: somebody who may change the project, and its rules if they become others.
        version: the older one.
        reason: kept with the new one.
        confirmed: ids of rules that were made because of a finding and would hold no more; each
            has to be named, since what it took away would be written out again.

    Raises PermissionDenied, and ValidationError where there is nothing to change and where such a
    rule is not named. What is written out again is searched and held as ever.
    """
    if not by.may(Permission.MANAGE_PROJECT, version.project):
        raise PermissionDenied
    reason = checked_reason(reason)
    project = Project.objects.select_for_update(of=("self",)).get(pk=version.project_id)
    present = current_plan(project)
    if version.digest == present.digest:
        raise ValidationError("This is what the present plan does already; nothing was changed.")
    if version.rules != present.rules and not by.may(Permission.RESOLVE_FINDINGS, project):
        raise PermissionDenied("Whoever decides about findings may change rules.")
    unnamed = [rule for rule in given_up(version) if rule.pk not in set(confirmed)]
    if unnamed:
        raise ValidationError(
            f"{len(unnamed)} of the rules that would hold no more were made because something was "
            "found. Name each of them, so that nobody gives them up without knowing."
        )
    rules = rules_of(version)
    again = next_plan(
        project, rules, by=by, reason=reason, profile=version.profile, options=version.options
    )
    PlanVersion.objects.filter(pk=again.pk).update(rolled_back_to=version)
    _hold_rules(project, rules, again, by, reason)
    AuditEvent.record(
        by, "rolled_back", again, project=project, why=reason, plan=again.number, to=version.number
    )
    renew(again, made_otherwise(version), by=by)
    return again


def given_up(version: PlanVersion) -> list[ProjectRule]:
    """Return the rules made because of a finding that would hold no more after going back."""
    kept = rules_of(version)
    live = ProjectRule.objects.live().filter(project=version.project_id, made_in=RuleSource.HELD)
    return [rule for rule in live if rule.as_rule() not in kept]


def made_otherwise(version: PlanVersion) -> list[int]:
    """Return the live transfers whose latest run went by a plan that does something else."""
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    latest = Run.objects.filter(~Exists(newer), transfer=OuterRef("pk"))
    other = latest.exclude(plan_version__digest=version.digest)
    live = TransferRequest.objects.live().filter(Exists(other), project=version.project_id)
    return list(live.values_list("pk", flat=True))


def _hold_rules(
    project: Project, rules: Sequence[Rule], since: PlanVersion, by: User, reason: str
) -> None:
    """Let exactly these rules hold: withdraw the others, and make anew those that come back."""
    holding = []
    for row in ProjectRule.objects.live().filter(project=project):
        if row.as_rule() in rules:
            holding.append(row.as_rule())
            continue
        ProjectRule.objects.filter(pk=row.pk).update(
            withdrawn_by=by, withdrawn_at=Now(), withdrawn_reason=f"Rolled back: {reason}"[:300]
        )
    for rule in rules:
        if rule in holding:
            continue
        earlier = ProjectRule.objects.filter(project=project, **columns_of(rule)).last()
        ProjectRule.objects.create(
            project=project,
            **columns_of(rule),
            made_in=earlier.made_in if earlier else RuleSource.REVIEW,
            finding=earlier.finding if earlier else None,
            reason=reason,
            since=since,
            made_by=by,
        )
