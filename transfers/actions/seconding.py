"""The second person of a release, where a project demands two.

The first has given the reason; the second confirms, or rejects as anybody may. Neither can be
the other: the action refuses it, and so does the database.
"""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from projects.models import AuditEvent, User
from transfers.actions.requests import refuse_unapproved
from transfers.actions.verdicts import (
    PICTURES,
    chosen,
    let_go,
    lock_runs,
    reach_of,
    require_resolver,
)
from transfers.models import Finding, Run
from transfers.states import CarriesTo, FindingVerdict


@transaction.atomic
def confirm_release(
    *,
    by: User,
    run: Run,
    finding: Finding | None = None,
    outcomes: Collection[int] | None = None,
) -> int:
    """Confirm, as the second person, a release and those identical to it, or all of the run.

    Pictures are confirmed through `outcomes` alone, by somebody who has looked at them, too.
    Returns how many instances are free. Raises ValidationError for one's own release.
    """
    require_resolver(by, run)
    refuse_unapproved(run.transfer.project)
    waiting = _waiting(by, run, finding, outcomes)
    if outcomes is None:
        waiting = waiting.exclude(kind=PICTURES)
    runs = lock_runs(waiting)
    others = list(waiting.exclude(verdict_by__in=by.accounts).values_list("pk", flat=True))
    if not others and waiting.exists():
        raise ValidationError("You released this yourself; somebody else must confirm it.")
    if not others:
        raise ValidationError("No release waits for a second person here any more.")
    seconded: dict[str, Any] = {"second_by": by, "second_at": Now()}
    if reach_of(by, run, outcomes) == CarriesTo.INSTANCE:  # it carries no further than both reach
        seconded["carries_to"] = CarriesTo.INSTANCE
    Finding.objects.filter(pk__in=others).update(verdict=FindingVerdict.RELEASED, **seconded)
    freed = let_go(runs)
    AuditEvent.record(by, "confirmed_release", run.transfer, run=run.pk, instances=freed)
    return freed


@transaction.atomic
def withdraw_release(
    *,
    by: User,
    run: Run,
    finding: Finding | None = None,
    outcomes: Collection[int] | None = None,
) -> int:
    """Take one's own release back while it waits for a second person; return how many findings."""
    require_resolver(by, run)
    waiting = _waiting(by, run, finding, outcomes).filter(verdict_by=by)
    lock_runs(waiting)
    pks = list(waiting.values_list("pk", flat=True))
    if not pks:
        raise ValidationError("No release of yours waits here any more.")
    Finding.objects.filter(pk__in=pks).update(
        verdict=FindingVerdict.OPEN, verdict_by=None, verdict_at=None, verdict_reason=""
    )
    AuditEvent.record(by, "withdrew_release", run.transfer, run=run.pk, findings=len(pks))
    return len(pks)


def _waiting(
    by: User, run: Run, finding: Finding | None, outcomes: Collection[int] | None
) -> QuerySet[Finding]:
    return chosen(by, run, finding, outcomes).filter(verdict=FindingVerdict.AWAITING)
