"""Rules of a project: made at the hold desk or in the review, listed with who, when and why, and
withdrawn.

A rule takes something away from every later output, so it needs no second person: the transfer
runs again under a new plan version, is verified again, and what was delivered is replaced the way
each destination declares.
"""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from deidentify.errors import UnknownProfile
from deidentify.rules import Rule
from deidentify.ruling import REVIEWING, plain_path, refusal
from projects.access import require
from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from transfers.actions.proposals import columns_of, refuse_named, take_up
from transfers.actions.renewals import AT_ONCE, renew
from transfers.actions.requests import run_anew
from transfers.actions.verdicts import checked_reason
from transfers.models import (
    Finding,
    PlanVersion,
    ProjectRule,
    RuleProposal,
    Run,
    TransferRequest,
)
from transfers.planning import current_plan, next_plan, nobodys_plan, rules_of
from transfers.states import RUN_MOVING, UNDECIDED, FindingVerdict, RuleSource


@transaction.atomic
def make_rule(*, by: User, finding: Finding, element: str, action: str, reason: str) -> Run:
    """Make a rule because of a finding, and run its transfer again under the new plan.

    Args:
        element: what deidentify.ruling.scopes offers for the finding's path.
        action: one of deidentify.ruling.TAKING.

    Raises PermissionDenied, and ValidationError for a rule that may not be, a finding that nobody
    has to decide about any more, and whatever stands in the way of running anew.
    """
    run = finding.run
    require(by, Permission.RESOLVE_FINDINGS, run.transfer.project)  # a rule acts on everybody
    reason = checked_reason(reason, run.transfer.study)
    project = _locked(run.transfer.project)
    if not Finding.objects.holding().filter(pk=finding.pk).exists():
        raise ValidationError("Nothing is open here any more; somebody else may have been faster.")
    rule = checked_rule(finding, element, action)
    known = ProjectRule.objects.live().filter(project=project, element=rule.element).first()
    is_new = known is None or known.action != rule.action
    if not is_new and run.plan_version.number == current_plan(project).number:
        raise ValidationError(
            "The project has this rule already, and this run went by it; choose a surer one."
        )
    if is_new:
        if known is not None:
            _withdraw(known, by, f"Replaced: {reason}")
        kept = _without(project, rule)
        version = next_plan(project, [*kept, rule], by=by, reason=reason)
        known = ProjectRule.objects.create(
            project=project,
            element=rule.element,
            action=rule.action,
            reason=reason,
            finding=finding,
            since=version,
            made_by=by,
        )
        AuditEvent.record(
            by,
            "made_rule",
            known,
            project=project,
            why=reason,
            plan=version.number,
            finding=finding.pk,
        )
    _settle(run, rule, by, reason)
    again = run_anew(run.transfer)
    AuditEvent.record(by, "reran", run.transfer, run=again.pk, plan=again.plan_version.number)
    return again


@transaction.atomic
def make_rule_of_project(
    *,
    by: User,
    project: Project,
    rule: Rule,
    reason: str,
    transfers: Collection[int],
    sop_class_uids: Collection[str],
    vrs: Collection[str] = (),
    proposal: RuleProposal | None = None,
) -> ProjectRule:
    """Make a rule in the review, as a new plan version, and run again what it concerns.

    Args:
        transfers: those whose data may hold the element; the others stay as they are.
        sop_class_uids, vrs: of the images and of the element that the rule reaches.
        proposal: the rule that somebody asked for, if it is made because of that.

    Raises PermissionDenied, and ValidationError for a rule that may not be.
    """
    if not may_make_rules(by, project):
        raise PermissionDenied
    reason = checked_reason(reason)
    project = _locked(project)
    present = current_plan(project)
    if rule in rules_of(present):
        raise ValidationError("The project has this rule already; choose a surer one.")
    plan = nobodys_plan(present)
    if sentence := refusal(rule, plan, sop_class_uids, allowed=REVIEWING, vrs=vrs):
        raise ValidationError(sentence)
    refuse_named(project, rule)
    known = ProjectRule.objects.live().filter(project=project, element=rule.element).first()
    if known is not None:
        _withdraw(known, by, f"Replaced: {reason}")
    version = next_plan(project, [*_without(project, rule), rule], by=by, reason=reason)
    made = ProjectRule.objects.create(
        project=project,
        **columns_of(rule),
        made_in=RuleSource.REVIEW,
        reason=reason,
        since=version,
        made_by=by,
    )
    facts = {"plan": version.number, "transfers": len(transfers)}
    AuditEvent.record(by, "made_rule", made, project=project, why=reason, **facts)
    if proposal is not None:
        take_up(proposal, made, by)
    renew(version, transfers, by=by)
    return made


def may_make_rules(user: User, project: Project) -> bool:
    """Whether somebody may make rules in the review; who may not can propose them."""
    return user.may(Permission.RESOLVE_FINDINGS, project) or user.may(
        Permission.MANAGE_PROJECT, project
    )


@transaction.atomic
def withdraw_rule(*, by: User, rule: ProjectRule, reason: str) -> PlanVersion:
    """Take a rule out of the project's plan, as a new version. Runs that were made stay."""
    if not by.may(Permission.RESOLVE_FINDINGS, rule.project):
        raise PermissionDenied
    reason = checked_reason(reason)
    project = _locked(rule.project)
    if not ProjectRule.objects.live().filter(pk=rule.pk).exists():
        raise ValidationError("This rule was withdrawn already.")
    _withdraw(rule, by, reason)
    kept = _without(project, rule.as_rule())
    version = next_plan(project, kept, by=by, reason=reason)
    AuditEvent.record(by, "withdrew_rule", rule, project=project, why=reason, plan=version.number)
    return version


@transaction.atomic
def run_older_again(*, by: User, project: Project) -> int:
    """Run again what went by an older plan, at most AT_ONCE transfers; return how many.

    The longest waiting first. What is on its way is left alone and is older still afterwards.
    """
    if not by.may(Permission.RESOLVE_FINDINGS, project):
        raise PermissionDenied
    again = 0
    for transfer in older_than_plan(project).order_by("pk")[:AT_ONCE]:
        run_anew(transfer)
        AuditEvent.record(by, "reran", transfer)
        again += 1
    return again


def older_than_plan(project: Project) -> QuerySet[TransferRequest]:
    """Return the live transfers whose latest run went by an older plan and that can run again."""
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    latest = Run.objects.filter(~Exists(newer), transfer=OuterRef("pk"))
    older = latest.filter(plan_version__number__lt=current_plan(project).number)
    return (
        TransferRequest.objects.live()
        .runnable()
        .filter(Exists(older.exclude(state__in=RUN_MOVING)), project=project)
        .select_related("project", "study")
    )


def checked_rule(finding: Finding, element: str, action: str) -> Rule:
    """Return the rule for a finding. Raises ValidationError with the sentence why it may not be."""
    if not plain_path(finding.path):
        raise ValidationError("No rule can reach this place; release or reject the images.")
    try:
        rule = Rule(element, action)
    except UnknownProfile as error:
        raise ValidationError(str(error)) from error
    at = Rule(plain_path(finding.path), "remove").path
    if not rule.covers(at):
        raise ValidationError("The rule is not about the place where this was found.")
    classes = finding.run.outcomes.exclude(sop_class_uid="").values_list("sop_class_uid", flat=True)
    plan = nobodys_plan(finding.run.plan_version)
    if sentence := refusal(rule, plan, set(classes.distinct()), found_at=finding.path):
        raise ValidationError(sentence)
    return rule


def _settle(run: Run, rule: Rule, by: User, reason: str) -> None:
    """Note of the findings that the rule reaches that it settled them; the next run will show."""
    undecided = run.findings.filter(verdict__in=UNDECIDED)
    paths = undecided.order_by().values_list("path", flat=True).distinct()
    reached = [
        path
        for path in paths
        if plain_path(path) and rule.covers(Rule(plain_path(path), "remove").path)
    ]
    undecided.filter(path__in=reached).update(
        verdict=FindingVerdict.RULED,
        verdict_by=by,
        verdict_at=Now(),
        verdict_reason=reason,
    )


def _withdraw(rule: ProjectRule, by: User, reason: str) -> None:
    ProjectRule.objects.filter(pk=rule.pk).update(
        withdrawn_by=by, withdrawn_at=Now(), withdrawn_reason=reason[:300]
    )


def _without(project: Project, rule: Rule) -> list[Rule]:
    """Return the present plan's rules but those about the same element."""
    return [one for one in rules_of(current_plan(project)) if one.path != rule.path]


def _locked(project: Project) -> Project:
    """Let one person at a time change a project's plan."""
    return Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
