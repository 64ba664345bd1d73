"""Which step comes next, and what the kind of error decides."""

import logging
from collections.abc import Callable
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from deidentify.errors import DeidentifyError
from projects.errors import GovernanceError, LeaseLost
from projects.leases import Leased
from transfers.errors import Away, TransferError
from transfers.models import Delivery, Run
from transfers.pipeline.counting import count_delivery
from transfers.pipeline.deidentifying import deidentify_study
from transfers.pipeline.delivering import deliver_study
from transfers.pipeline.recalling import leave_to_a_person, recall_study
from transfers.pipeline.settling import settle
from transfers.pipeline.verifying import verify_study
from transfers.states import DeliveryState, State

log = logging.getLogger(__name__)

RUN_STEPS: dict[str, Callable[[Run, Callable[[], None]], None]] = {
    State.REQUESTED: deidentify_study,
    State.DEIDENTIFIED: verify_study,
}
DELIVERY_STEPS: dict[str, Callable[[Delivery, Callable[[], None]], None]] = {
    DeliveryState.WAITING: deliver_study,
    DeliveryState.COUNTING: count_delivery,
    DeliveryState.RECALLING: recall_study,
}


def take_step(row: Run | Delivery, check: Callable[[], None]) -> None:
    """Do what comes next for a claimed row. `check` raises LeaseLost between pieces of work."""
    try:
        if isinstance(row, Run):
            RUN_STEPS[row.state](row, check)
        else:
            if not row.destination.is_active:
                raise Away(f"{row.destination.name} is switched off.")
            DELIVERY_STEPS[row.state](row, check)
    except LeaseLost:
        return  # another worker has it, or a person cancelled: leave everything as it is
    except Away as error:
        reason = str(error)
        _quietly(row, lambda: row.postpone(reason, counts=False))
    except (TransferError, DeidentifyError, GovernanceError) as error:
        reason = str(error)[:400]
        _quietly(row, lambda: _fail(row, reason))
    except Exception:
        # The trace stays in the log with the row's number; its text could hold values, so the
        # person who asked gets a sentence.
        log.exception("unforeseen error in %s %s", row._meta.model_name, row.pk)
        sentence = "Something unforeseen happened; operations find it in the log by this number."
        _quietly(row, lambda: row.postpone(sentence))
    if isinstance(row, Delivery):
        settle(row.run)


@transaction.atomic
def give_up(row: Run | Delivery) -> None:
    """End a row whose attempts are used up: whatever it holds stops its workers."""
    reason = row.reason or "Its worker stopped without an answer, again and again."
    row.owner = uuid4()
    if not type(row).objects.worn_out().filter(pk=row.pk).update(owner=row.owner):
        return
    _fail(row, reason[:400])
    if isinstance(row, Delivery):
        settle(row.run)


def _fail(row: Run | Delivery, reason: str) -> None:
    """End a row that cannot succeed. What cannot be taken back by itself is left to a person."""
    if isinstance(row, Delivery) and row.state == DeliveryState.RECALLING:
        leave_to_a_person(row, reason)
    else:
        row.let_go(state="failed", reason=reason, ended_at=Now())


def _quietly(row: Leased, change: Callable[[], None]) -> None:
    try:
        change()
    except LeaseLost:
        log.info("%s %s was taken over", row._meta.model_name, row.pk)
