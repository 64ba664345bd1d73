"""Noting what the administrator of a destination did by hand."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from projects.models import AuditEvent, User
from projects.roles import Permission
from transfers.models import Chore, Delivery, LedgerEntry, Run
from transfers.states import DeliveryState
from transfers.tasks import deliver, ring_on_commit


@transaction.atomic
def finish_chore(*, by: User, chore: Chore) -> None:
    """Note that the old copy is gone; deliveries that waited for it go on.

    What was to be taken back counts as withdrawn now, on the word of the person who did it.
    """
    if not by.may(Permission.MANAGE_DESTINATIONS):
        raise PermissionDenied
    if not Chore.objects.filter(pk=chore.pk, done_at=None).update(done_at=Now(), done_by=by):
        return
    LedgerEntry.objects.filter(
        destination=chore.destination,
        study_instance_uid=chore.study_instance_uid,
        withdrawn_at=None,
    ).update(withdrawn_at=Now())
    waiting = Delivery.objects.filter(
        destination=chore.destination,
        state=DeliveryState.BY_HAND,
        run__outcomes__study_instance_uid=chore.study_instance_uid,
    ).distinct()
    pks = list(waiting.values_list("pk", flat=True))
    rows = Delivery.objects.filter(pk__in=pks)
    # what a later run has replaced is not sent again
    newer = Run.objects.filter(
        transfer=OuterRef("run__transfer"), number__gt=OuterRef("run__number")
    )
    goes_on = Q(~Exists(newer), run__transfer__ended_at=None)
    going_on = list(rows.filter(goes_on).values_list("pk", flat=True))
    rows.filter(pk__in=going_on).update(
        state=DeliveryState.WAITING, attempt=0, not_before=None, reason=""
    )
    rows.exclude(pk__in=going_on).update(
        state=DeliveryState.RECALLED, ended_at=Now(), reason="Deleted by hand."
    )
    AuditEvent.record(by, "finished", chore, project=chore.project)
    ring_on_commit(deliver, rows)
