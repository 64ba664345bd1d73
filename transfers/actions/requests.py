"""Asking for a transfer, and changing one's mind: cancel, try again, run anew, move."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, Max, Q, When
from django.db.models.functions import Now
from django.utils import timezone

from intake.models import Instance, Series, Study
from projects.access import require
from projects.actions import ensure_participant
from projects.models import AuditEvent, Event, Participant, Project, User, within_sites
from projects.roles import Permission
from transfers.models import Delivery, Finding, Outcome, RejectedSeries, Run, TransferRequest
from transfers.pipeline.copies import REPLACED, copy_of, outcomes_over, source_of
from transfers.planning import current_plan
from transfers.states import (
    DELIVERY_FELL_SHORT,
    RUN_ENDED,
    CarriesTo,
    DeliveryState,
    FindingVerdict,
    OutcomeState,
    Source,
    State,
)
from transfers.tasks import advance, deliver, ring_on_commit

STOPPING = timedelta(seconds=10)
NOTHING_LEFT = (
    "The quarantine has let go of this study, and no verified research copy of it is left; "
    "bring it in again to run it once more."
)
WAITING_STATES = (OutcomeState.WAITING, OutcomeState.MOVING, OutcomeState.HELD)


@transaction.atomic
def request_transfer(
    *,
    by: User,
    study: Study,
    project: Project,
    pseudonym: str,
    event: Event,
    left_out: Iterable[Series] = (),
) -> TransferRequest:
    """Ask for a study to be brought into a project under a pseudonym.

    Raises PermissionDenied if `by` may not transfer into the project, or not for the participant's
    site, or may not see the study,
    and ValidationError if the request breaks a rule of TransferRequest.
    """
    if not by.may_partly(Permission.REQUEST_TRANSFER, project):
        require(by, Permission.REQUEST_TRANSFER, project)
    if not Study.objects.visible_to(by).filter(pk=study.pk).exists():
        raise PermissionDenied
    refuse_unapproved(project)
    participant = ensure_participant(by=by, project=project, pseudonym=pseudonym)
    transfer = _save_request(by, study, project, participant, event)
    transfer.left_out.set([series for series in left_out if series.study_id == study.pk])
    AuditEvent.record(by, "requested", transfer, study=study.pk, participant=participant.pk)
    start_run(transfer)
    return transfer


def start_run(transfer: TransferRequest, *, ask_again: bool = False) -> Run:
    """Make the next run of a transfer, with one outcome for every instance that was received.

    It is made of the originals while they are in quarantine, and over the research copy after. With
    `ask_again`, what was rejected in the copy comes before somebody once more.
    """
    source = source_of(transfer)
    if source is None:
        raise ValidationError(NOTHING_LEFT)
    copy = copy_of(transfer) if source == Source.COPY else None
    last = transfer.runs.aggregate(last=Max("number"))["last"] or 0
    run = Run.objects.create(
        transfer=transfer,
        number=last + 1,
        plan_version=current_plan(transfer.project),
        source=source,
        over=copy,
    )
    if copy is not None:
        rows = outcomes_over(run, copy, ask_again=ask_again)
    else:
        instances = Instance.objects.filter(series__study=transfer.study).order_by("pk")
        rows = Outcome.of_new(run, instances.values_list("pk", "series"))
    outcomes = Outcome.objects.bulk_create(rows, batch_size=1000)
    Run.objects.filter(pk=run.pk).update(received_count=len(outcomes))
    ring_on_commit(advance, Run.objects.filter(pk=run.pk))
    return run


@transaction.atomic
def cancel_transfer(*, by: User, transfer: TransferRequest) -> None:
    """Stop a transfer; what a destination got already is taken back the way it declares."""
    _require(by, Permission.CANCEL_TRANSFER, transfer)
    _lock(transfer)
    _end(transfer, by)
    stop_runs(transfer, "Cancelled by the person who asked.")
    AuditEvent.record(by, "cancelled", transfer)


@transaction.atomic
def retry_transfer(*, by: User, transfer: TransferRequest) -> Run:
    """Try the failed steps of the latest run once more; what was done already stays done."""
    _require(by, Permission.REQUEST_TRANSFER, transfer)
    refuse_unapproved(transfer.project)
    _lock(transfer)
    run = transfer.latest_run
    if run is None or run.state != State.FAILED:
        raise ValidationError("Only a transfer that failed can be tried again.")
    fresh = {"attempt": 0, "not_before": None, "reason": "", "ended_at": None}
    if run.outcomes.filter(state=OutcomeState.WAITING).exists():
        state = State.REQUESTED
    elif run.verified_at is None:  # its images may all be searched, and not compared yet
        state = State.DEIDENTIFIED
    else:
        state = State.VERIFIED
        pks = try_deliveries_again(run, fresh)
        if not pks:
            raise ValidationError("Nothing of this run can be tried again; run it anew instead.")
        ring_on_commit(deliver, Delivery.objects.filter(pk__in=pks))
    Run.objects.filter(pk=run.pk).update(state=state, **fresh)
    AuditEvent.record(by, "retried", transfer, run=run.pk)
    if state != State.VERIFIED:
        ring_on_commit(advance, Run.objects.filter(pk=run.pk))
    return run


def try_deliveries_again(run: Run, fresh: dict[str, Any]) -> list[int]:
    """Let deliveries that fell short go on; return which.

    Where instances were missing, the destination is asked first: they may have arrived since.
    """
    short = run.deliveries.filter(state=DeliveryState.SHORT)
    failed = run.deliveries.filter(state=DeliveryState.FAILED)
    pks = [delivery.pk for delivery in (*short, *failed)]
    for delivery in short:
        delivery.entries.update(missing_at=None)
    again = {"resent_count": 0, "asked_count": 0, "waiting_since": Now(), **fresh}
    short.update(state=DeliveryState.COUNTING, **again)
    failed.update(state=DeliveryState.WAITING, **again)
    return pks


@transaction.atomic
def rerun_transfer(*, by: User, transfer: TransferRequest, ask_again: bool = False) -> Run:
    """Run a transfer anew under the project's current plan version.

    From quarantine while the originals are there, else over the research copy. UIDs stay the same,
    so that the destinations replace what they have. What was rejected before
    is rejected again, unless `ask_again` puts it before somebody anew.
    """
    _require(by, Permission.REQUEST_TRANSFER, transfer)
    if ask_again:
        _forget_rejections(by, transfer)
    run = run_anew(transfer, ask_again=ask_again)
    AuditEvent.record(
        by, "reran", transfer, run=run.pk, asked_again=ask_again, source=str(run.source)
    )
    return run


def run_anew(transfer: TransferRequest, *, ask_again: bool = False) -> Run:
    """Let a later run take the place of a transfer's latest one; inside a transaction.

    Who may do so is the caller's to check. Raises ValidationError for a transfer that was ended,
    outside the approval, and when neither originals nor a verified copy are left.
    """
    _lock(transfer)
    transfer.refresh_from_db(fields=["ended_at", "study"])
    if not transfer.is_live:
        raise ValidationError("This transfer was ended; it cannot be run anew.")
    refuse_unapproved(transfer.project)
    latest = transfer.runs.order_by("-number").first()
    run = start_run(transfer, ask_again=ask_again)  # before what it is made over is ended
    if latest is not None and latest.state not in RUN_ENDED:
        _stop(latest, REPLACED, recall=False)
    elif latest is not None:  # one that failed may hold something, about which nobody decides now
        latest.outcomes.filter(state=OutcomeState.HELD).update(
            state=OutcomeState.LEFT_OUT, reason=REPLACED
        )
    return run


def _forget_rejections(by: User, transfer: TransferRequest) -> None:
    """Let earlier rejections of what this transfer holds count for nothing any more."""
    _require(by, Permission.RESOLVE_FINDINGS, transfer)
    RejectedSeries.objects.filter(
        transfer__project=transfer.project_id, series__study=transfer.study_id
    ).delete()
    rejected = Finding.objects.filter(verdict=FindingVerdict.REJECTED)
    fingerprints = rejected.filter(run__transfer=transfer).values("fingerprint")
    theirs = within_sites(
        by,
        Permission.RESOLVE_FINDINGS,
        site="run__transfer__participant__site",
        project="run__transfer__project",
    )
    alike = Q(theirs, run__transfer__project=transfer.project, carries_to=CarriesTo.ALIKE)
    rejected.filter(Q(run__transfer=transfer) | alike, fingerprint__in=fingerprints).update(
        carries_to=CarriesTo.NOTHING
    )


@transaction.atomic
def move_transfer(*, by: User, transfer: TransferRequest, pseudonym: str) -> TransferRequest:
    """Move a study that was assigned to the wrong participant, in one action.

    The new participant's secret gives it other UIDs; the old copy is taken back everywhere.
    """
    _require(by, Permission.REQUEST_TRANSFER, transfer)
    _lock(transfer)
    project = transfer.project
    refuse_unapproved(project)
    if transfer.study is None:
        raise ValidationError(
            "The quarantine has let go of this study, and another participant gets other UIDs, "
            "which only the originals can be given. "
            "Bring it in again, cancel this transfer, and assign it to the right participant."
        )
    participant = ensure_participant(by=by, project=project, pseudonym=pseudonym)
    if participant.pk == transfer.participant_id:
        raise ValidationError("The study belongs to this participant already.")
    _end(transfer, by)
    moved = _save_request(by, transfer.study, project, participant, transfer.event)
    moved.left_out.set(transfer.left_out.all())
    TransferRequest.objects.filter(pk=transfer.pk).update(replaced_by=moved)
    stop_runs(transfer, f"Moved: transfer {moved.pk} took its place.")
    AuditEvent.record(by, "moved", transfer, to=moved.pk, participant=participant.pk)
    start_run(moved)
    return moved


def stop_runs(transfer: TransferRequest, reason: str) -> None:
    """End all runs of a transfer and ask back what was sent."""
    for run in transfer.runs.all():
        _stop(run, reason, recall=True)


def _stop(run: Run, reason: str, *, recall: bool) -> None:
    if run.state not in RUN_ENDED or run.state == State.FAILED:
        Run.objects.filter(pk=run.pk).update(
            state=State.CANCELLED, reason=reason, owner=None, lease_until=None, ended_at=Now()
        )
    run.outcomes.filter(state__in=WAITING_STATES).update(state=OutcomeState.LEFT_OUT, reason=reason)
    unfinished = Q(
        state__in=(
            DeliveryState.WAITING,
            DeliveryState.COUNTING,
            DeliveryState.BY_HAND,
            *DELIVERY_FELL_SHORT,
        )
    )
    sent = run.deliveries.filter(
        destination__ledger__run=run, destination__ledger__withdrawn_at=None
    )
    touched = list(sent.distinct().values_list("pk", flat=True)) if recall else []
    run.deliveries.filter(unfinished).exclude(pk__in=touched).update(
        state=DeliveryState.CANCELLED, owner=None, lease_until=None, ended_at=Now(), reason=reason
    )
    if not recall:
        return
    run.outcomes.filter(state=OutcomeState.DELIVERED).update(
        state=OutcomeState.ERASED, reason=reason
    )
    rows = Delivery.objects.filter(pk__in=touched)
    # whoever is sending at this moment notices within a second; what it still sends is recalled too
    in_use = When(lease_until__gt=Now(), then=Now() + STOPPING)
    rows.update(
        not_before=Case(in_use, default=None, output_field=DateTimeField()),
        state=DeliveryState.RECALLING,
        owner=None,
        lease_until=None,
        attempt=0,
        ended_at=None,
    )
    ring_on_commit(deliver, rows)


def _save_request(
    by: User, study: Study, project: Project, participant: Participant, event: Event
) -> TransferRequest:
    transfer = TransferRequest(
        study=study, project=project, participant=participant, event=event, requested_by=by
    )
    transfer.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            transfer.save()
    except IntegrityError as error:  # somebody else was faster
        raise ValidationError(f"This study is in {project.acronym} already.") from error
    return transfer


def _end(transfer: TransferRequest, by: User) -> None:
    if (
        not TransferRequest.objects.live()
        .filter(pk=transfer.pk)
        .update(ended_at=Now(), ended_by=by)
    ):
        raise ValidationError("This transfer was ended already.")


def _lock(transfer: TransferRequest) -> None:
    """Let one action at a time change a transfer."""
    TransferRequest.objects.select_for_update(of=("self",)).get(pk=transfer.pk)


def refuse_unapproved(project: Project) -> None:
    """Raise ValidationError outside of the project's approval: nothing may leave then."""
    if not project.is_approved_on(timezone.localdate()):
        raise ValidationError(
            f"The approval of {project.acronym} runs from {project.approval_start} to "
            f"{project.approval_end}; nothing can be transferred outside of it."
        )


def _require(by: User, permission: Permission, transfer: TransferRequest) -> None:
    require(by, permission, transfer.project, transfer.participant)
