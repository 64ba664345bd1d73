"""Running again what a new plan version concerns: noted for all, started a batch at a time.

The rest waits in rows that the sweep starts when there is room, so that nobody has to remember
them and one click cannot fill the queue for a day.
"""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.models import AuditEvent, Project, User
from transfers.actions.requests import run_anew
from transfers.models import PlanVersion, Renewal, Run
from transfers.states import RUN_MOVING, RenewalState

AT_ONCE = 50
"""Transfers of one project that run again at the same time because of a plan version."""


def renew(version: PlanVersion, transfers: Collection[int], *, by: User) -> int:
    """Note that transfers are to run again, and start the first; return how many were started.

    Inside the transaction that made the version; who may do so is the caller's to check.
    """
    Renewal.objects.bulk_create(
        Renewal(version=version, transfer_id=transfer) for transfer in sorted(transfers)
    )
    return start_waiting(version.project, by=by)


def start_waiting(project: Project, *, by: User | None = None) -> int:
    """Start what waits in a project, as far as there is room; return how many were started."""
    running = Renewal.objects.filter(
        version__project=project, state=RenewalState.STARTED, run__state__in=RUN_MOVING
    )
    room = AT_ONCE - running.values("transfer").distinct().count()
    waiting = Renewal.objects.waiting().filter(version__project=project)
    started = 0
    for pk in list(waiting.values_list("pk", flat=True)[: max(room, 0)]):
        started += _start(pk, by)
    return started


@transaction.atomic
def _start(pk: int, by: User | None) -> bool:
    """Start one transfer, or note why it cannot run again. Twice, or late, does no harm."""
    renewal = (
        Renewal.objects.waiting()
        .select_related("transfer__project", "version")
        .select_for_update(of=("self",))
        .filter(pk=pk)
        .first()
    )
    if renewal is None:
        return False
    try:
        with transaction.atomic():
            run = run_anew(renewal.transfer)
    except ValidationError as error:
        sentence = " ".join(error.messages)[:300]
        Renewal.objects.filter(pk=pk).update(state=RenewalState.REFUSED, reason=sentence)
        return False
    _note(renewal, run)
    AuditEvent.record(
        by, "reran", renewal.transfer, run=run.pk, plan=run.plan_version.number, renewal=pk
    )
    return True


def _note(renewal: Renewal, run: Run) -> None:
    """One run under the present plan serves every version that asked for it."""
    Renewal.objects.waiting().filter(transfer=renewal.transfer_id).update(
        state=RenewalState.STARTED, run=run
    )
