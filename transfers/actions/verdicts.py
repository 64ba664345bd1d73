"""What a person decides about what is held: release with a reason, or reject.

A verdict carries to identical findings of the project (same element, same normalised context), so
that nobody clicks five hundred times. Where the project demands two people, a release waits for
the second (transfers.actions.seconding); a rejection never does.
"""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from intake.models import Series, Study
from projects.access import require
from projects.models import AuditEvent, User, within_sites
from projects.roles import Permission
from transfers.actions.requests import refuse_unapproved
from transfers.models import Delivery, Finding, Outcome, RejectedSeries, Run
from transfers.pipeline.recalling import take_back_rejected
from transfers.pipeline.settling import start_deliveries
from transfers.states import UNDECIDED, CarriesTo, FindingVerdict, OutcomeState, State
from transfers.tasks import deliver, ring_on_commit
from transfers.typed_reasons import refuse_identity

REASON_MIN = 5
PICTURES = "pixels"  # findings of this kind are decided by looking, image by image
UNREADABLE = "unreadable"  # findings that say that something could not be searched
NOTHING_OPEN = "Nothing is open here any more; somebody else may have been faster."


@transaction.atomic
def release(
    *,
    by: User,
    run: Run,
    finding: Finding | None = None,
    outcomes: Collection[int] | None = None,
    reason: str,
) -> int:
    """Let what is held leave: one finding and those identical to it, or all of the run.

    Pictures that wait for a look are released through `outcomes` alone: the instances of the run
    that somebody has looked at. Returns how many instances are free; where the project demands
    two people, how many now wait for the second. Raises ValidationError without a reason, and for
    an instance that could not be read or searched: nobody can say what would leave.
    """
    require_resolver(by, run)
    refuse_unapproved(run.transfer.project)
    reason = checked_reason(reason, run.transfer.study)
    if outcomes is None and finding is not None and finding.kind == PICTURES:
        raise ValidationError("A picture is passed on the picture desk, by whoever looks at it.")
    is_about_pictures = outcomes is not None
    findings = chosen(by, run, finding, outcomes)
    pictures = Q(kind=PICTURES)
    findings = findings.filter(pictures if is_about_pictures else ~pictures)
    # what waits for a second person goes on waiting, also when the project demands none any more
    findings = findings.filter(verdict=FindingVerdict.OPEN)
    needs_second = run.transfer.project.two_person_release
    runs = lock_runs(findings)
    if findings.filter(Q(outcome__key="") | Q(kind=UNREADABLE)).exists():
        raise ValidationError("An instance that could not be read can only be rejected.")
    verdict = FindingVerdict.AWAITING if needs_second else FindingVerdict.RELEASED
    pks = _give(findings, by, verdict, reason, reach_of(by, run, outcomes))
    if needs_second:
        waiting = Outcome.objects.filter(findings__in=pks).distinct().count()
        AuditEvent.record(
            by, "proposed_release", run.transfer, why=reason, run=run.pk, instances=waiting
        )
        return waiting
    freed = let_go(runs)
    AuditEvent.record(by, "released", run.transfer, why=reason, run=run.pk, instances=freed)
    return freed


@transaction.atomic
def reject(
    *,
    by: User,
    run: Run,
    finding: Finding | None = None,
    outcomes: Collection[int] | None = None,
    reason: str,
) -> int:
    """Keep the instances concerned from leaving, for good. Returns how many."""
    require_resolver(by, run)
    reason = checked_reason(reason, run.transfer.study)
    findings = chosen(by, run, finding, outcomes)
    runs = lock_runs(findings)
    instances = list(findings.values_list("outcome", flat=True).distinct())
    _give(findings, by, FindingVerdict.REJECTED, reason, reach_of(by, run, outcomes))
    _reject_instances(by, instances, reason)
    for touched in runs:
        _go_on(touched)
    AuditEvent.record(
        by, "rejected", run.transfer, why=reason, run=run.pk, instances=len(instances)
    )
    return len(instances)


@transaction.atomic
def reject_series(*, by: User, run: Run, series: Series, reason: str) -> int:
    """Keep a whole series from leaving: what is held of it, and what has not been sent yet.

    Later runs of the transfer and images that arrive late are rejected with it. Returns how many
    instances were rejected now. What has left already stays where it is; the page says so before.
    """
    require_resolver(by, run)
    reason = checked_reason(reason, run.transfer.study)
    (run,) = (
        Run.objects.select_related("transfer__project")
        .filter(pk=run.pk)
        .select_for_update(of=("self",))
    )
    if run.state not in {State.HELD, State.VERIFIED}:
        raise ValidationError("A series can be rejected once the whole study has been verified.")
    stoppable = _stoppable(run, series)
    instances = list(stoppable.values_list("pk", flat=True))
    if not instances:
        raise ValidationError("Nothing of this series can be stopped any more.")
    RejectedSeries.objects.get_or_create(
        transfer=run.transfer,
        series=series,
        defaults={"reason": reason, "rejected_by": by},
    )
    _reject_instances(by, instances, reason)
    _go_on(run)
    AuditEvent.record(
        by,
        "rejected_series",
        run.transfer,
        why=reason,
        run=run.pk,
        series=series.pk,
        instances=len(instances),
    )
    return len(instances)


def _stoppable(run: Run, series: Series) -> QuerySet[Outcome]:
    states = [OutcomeState.HELD]
    if not run.deliveries.exists():  # nothing is on the wire
        states.append(OutcomeState.MOVING)
    stoppable: QuerySet[Outcome] = run.outcomes.filter(series=series, state__in=states)
    return stoppable


def lock_runs(findings: QuerySet[Finding]) -> list[Run]:
    """Lock the runs that findings belong to, always in one order.

    Two people who decide at once are put in line: the second finds nothing open any more.
    """
    runs = Run.objects.filter(pk__in=findings.values("run")).order_by("pk")
    locked = runs.select_related("transfer__project").select_for_update(of=("self",))
    return list(locked)


def let_go(runs: Collection[Run]) -> int:
    """Free the instances of runs in which all is released; return how many."""
    findings = Finding.objects.filter(outcome=OuterRef("pk"))
    stopping = findings.exclude(verdict=FindingVerdict.RELEASED)
    freed = 0
    for run in runs:
        held = run.outcomes.filter(~Exists(stopping), state=OutcomeState.HELD)
        freed += held.exclude(key="").update(state=OutcomeState.MOVING, is_verified=True, reason="")
        _go_on(run)
    return freed


def require_resolver(by: User, run: Run) -> None:
    """Raise PermissionDenied unless somebody may decide about what this run holds."""
    require(by, Permission.RESOLVE_FINDINGS, run.transfer.project, run.transfer.participant)


def _go_on(run: Run) -> None:
    if run.state in {State.HELD, State.VERIFIED}:
        start_deliveries(run)
        ring_on_commit(deliver, run.deliveries.all())
    if recalled := take_back_rejected(run):
        ring_on_commit(deliver, Delivery.objects.filter(pk__in=recalled))


def chosen(
    by: User, run: Run, finding: Finding | None, outcomes: Collection[int] | None
) -> QuerySet[Finding]:
    """Return the undecided findings that a verdict is about.

    One finding stands for those identical to it in the whole project, or at the sites that the
    person is limited to, `outcomes` for these instances of the run alone, and neither for all of
    the run. What a later run has replaced holds nothing any more.
    """
    holding = Finding.objects.holding()
    if outcomes is not None:
        return holding.filter(run=run, outcome__in=outcomes)
    if finding is None:
        return holding.filter(run=run)
    if finding.run_id != run.pk:
        raise ValidationError("The finding belongs to another run.")
    theirs = within_sites(
        by,
        Permission.RESOLVE_FINDINGS,
        site="run__transfer__participant__site",
        project="run__transfer__project",
    )
    return holding.filter(
        theirs, run__transfer__project=run.transfer.project_id, fingerprint=finding.fingerprint
    )


def reach_of(by: User, run: Run, outcomes: Collection[int] | None) -> CarriesTo:
    """Return how far a verdict carries to what is found later.

    Who looked at one picture has not looked at another, whatever the finding says of both; and who
    is limited to sites decides nothing for the others.
    """
    if outcomes is not None or not by.may(Permission.RESOLVE_FINDINGS, run.transfer.project):
        return CarriesTo.INSTANCE
    return CarriesTo.ALIKE


def _give(
    findings: QuerySet[Finding], by: User, verdict: FindingVerdict, reason: str, reach: CarriesTo
) -> list[int]:
    """Give a verdict to findings that are still undecided, and return which these were."""
    pks = list(findings.values_list("pk", flat=True))
    if not pks:
        raise ValidationError(NOTHING_OPEN)
    Finding.objects.filter(pk__in=pks).update(
        verdict=verdict,
        verdict_by=by,
        verdict_at=Now(),
        verdict_reason=reason,
        carries_to=reach,
    )
    return pks


def _reject_instances(by: User, instances: Collection[int], reason: str) -> None:
    """Reject instances; nothing is open in them any more, whatever else was found there.

    What nobody judged is not carried to identical findings in other instances.
    """
    also = Finding.objects.filter(Q(outcome__in=instances), verdict__in=UNDECIDED)
    also.update(
        verdict=FindingVerdict.REJECTED,
        verdict_by=by,
        verdict_at=Now(),
        verdict_reason=reason,
        carries_to=CarriesTo.INSTANCE,
    )
    Outcome.objects.filter(pk__in=instances).update(
        state=OutcomeState.REJECTED, reason=f"Rejected: {reason}"[:300]
    )


def checked_reason(reason: str, study: Study | None = None) -> str:
    """Return a reason that says something, and not who the patient of `study` is.

    Raises ValidationError for one that does not.
    """
    reason = reason.strip()
    if len(reason) < REASON_MIN:
        raise ValidationError("Give a reason, a few words that somebody can follow later.")
    refuse_identity(reason, study)
    return reason[:250]
