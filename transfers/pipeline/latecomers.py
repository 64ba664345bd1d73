"""Images that arrive after their study was assigned: they join its transfer by themselves.

A series that is reconstructed late, or sent again after a broken connection, belongs to the study
like the others. It takes the same way, under the same plan, and only it is sent.
"""

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from intake.models import Instance, Study
from transfers.models import Outcome, Run, SearchTermStore, TransferRequest
from transfers.states import State

# A live transfer's latest run is CANCELLED only when everything in it was rejected or left out.
JOINABLE = (State.VERIFIED, State.HELD, State.DELIVERED, State.FAILED, State.CANCELLED)
AT_A_TIME = 50


def with_latecomers() -> QuerySet[TransferRequest]:
    """Return live transfers whose study is complete again and has more than their run knows.

    What arrives outside of the project's approval stays in quarantine.
    """
    latest = Run.objects.filter(transfer=OuterRef("pk")).order_by("-number")
    today = timezone.localdate()
    return (
        TransferRequest.objects.live()
        .filter(study__in=Study.objects.complete())
        .filter(project__approval_start__lte=today, project__approval_end__gte=today)
        .annotate(
            run_state=Subquery(latest.values("state")[:1]),
            known=Subquery(latest.values("received_count")[:1]),
        )
        .filter(run_state__in=JOINABLE, study__instance_count__gt=F("known"))[:AT_A_TIME]
    )


@transaction.atomic
def admit_latecomers(transfer: TransferRequest) -> Run | None:
    """Give each late instance a waiting outcome in the latest run; None if there is none.

    The patient's search terms are collected anew, because late headers may name more.
    """
    run = Run.objects.select_for_update().filter(transfer=transfer).order_by("-number").first()
    if run is None or run.state not in JOINABLE:
        return None
    late = Instance.objects.filter(series__study=transfer.study).exclude(
        pk__in=run.outcomes.exclude(instance=None).values("instance")
    )
    rows = Outcome.of_new(run, late.order_by("pk").values_list("pk", "series"))
    if not rows:
        return None
    Outcome.objects.bulk_create(rows, batch_size=1000)
    SearchTermStore.objects.filter(run=run).delete()
    Run.objects.filter(pk=run.pk).update(
        received_count=F("received_count") + len(rows),
        state=State.REQUESTED,
        attempt=0,
        not_before=None,
        verified_at=None,
        ended_at=None,
        files_erased_at=None,
        reason="Images that arrived late are on their way.",
    )
    return run
