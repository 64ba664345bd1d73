"""What a person decides about what is held: release with a reason, or reject.

A verdict carries to identical findings of the project (same element, same normalised context), so
that nobody clicks five hundred times.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from projects.models import AuditEvent, User
from projects.roles import Permission
from transfers.models import Finding, Outcome, Run
from transfers.pipeline.settling import start_deliveries
from transfers.states import FindingVerdict, OutcomeState, State
from transfers.tasks import deliver, ring_on_commit

REASON_MIN = 5


@transaction.atomic
def release(*, by: User, run: Run, finding: Finding | None = None, reason: str) -> int:
    """Let what is held leave: one finding and those identical to it, or all of the run.

    Returns how many instances it freed. Raises ValidationError without a reason, and for an
    instance that could not be read: there is nothing that could leave.
    """
    _require(by, run)
    reason = _checked(reason)
    findings = _open_findings(run, finding)
    if findings.filter(outcome__key="").exists():
        raise ValidationError("An instance that could not be read can only be rejected.")
    runs = _give_verdict(findings, by, FindingVerdict.RELEASED, reason)
    still_open = Finding.objects.filter(outcome=OuterRef("pk"), verdict=FindingVerdict.OPEN)
    freed = 0
    for touched in runs:
        held = touched.outcomes.filter(~Exists(still_open), state=OutcomeState.HELD)
        freed += held.exclude(key="").update(state=OutcomeState.MOVING, is_verified=True, reason="")
        _go_on(touched)
    AuditEvent.record(by, "released", run.transfer, run=run.pk, instances=freed)
    return freed


@transaction.atomic
def reject(*, by: User, run: Run, finding: Finding | None = None, reason: str) -> int:
    """Keep the instances concerned from leaving, for good. Returns how many."""
    _require(by, run)
    reason = _checked(reason)
    findings = _open_findings(run, finding)
    outcomes = list(findings.values_list("outcome", flat=True).distinct())
    # a rejected instance has nothing open any more, whatever else was found in it
    findings = Finding.objects.filter(outcome__in=outcomes, verdict=FindingVerdict.OPEN)
    runs = _give_verdict(findings, by, FindingVerdict.REJECTED, reason)
    rejected = Outcome.objects.filter(pk__in=outcomes, state=OutcomeState.HELD).update(
        state=OutcomeState.REJECTED, reason=f"Rejected: {reason}"[:300]
    )
    for touched in runs:
        _go_on(touched)
    AuditEvent.record(by, "rejected", run.transfer, run=run.pk, instances=rejected)
    return rejected


def _go_on(run: Run) -> None:
    if run.state in {State.HELD, State.VERIFIED}:
        start_deliveries(run)
        ring_on_commit(deliver, run.deliveries.all())


def _open_findings(run: Run, finding: Finding | None) -> QuerySet[Finding]:
    """Return what the verdict is about; what a later run has replaced holds nothing any more."""
    holding = Finding.objects.filter(verdict=FindingVerdict.OPEN, outcome__state=OutcomeState.HELD)
    if finding is None:
        return holding.filter(run=run)
    if finding.run_id != run.pk:
        raise ValidationError("The finding belongs to another run.")
    return holding.filter(
        run__transfer__project=run.transfer.project_id,
        run__transfer__ended_at=None,
        fingerprint=finding.fingerprint,
    )


def _give_verdict(
    findings: QuerySet[Finding], by: User, verdict: FindingVerdict, reason: str
) -> list[Run]:
    pks = list(findings.values_list("pk", flat=True))
    if not pks:
        raise ValidationError("Nothing is open here any more.")
    rows = Finding.objects.filter(pk__in=pks)
    rows.update(verdict=verdict, verdict_by=by, verdict_at=Now(), verdict_reason=reason)
    runs = Run.objects.filter(pk__in=rows.values("run")).select_related("transfer__project")
    return list(runs.select_for_update(of=("self",)))


def _checked(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < REASON_MIN:
        raise ValidationError("Give a reason, a few words that somebody can follow later.")
    return reason[:250]


def _require(by: User, run: Run) -> None:
    if not by.may(Permission.RESOLVE_FINDINGS, run.transfer.project):
        raise PermissionDenied
