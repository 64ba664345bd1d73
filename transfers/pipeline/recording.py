"""Making the record of each run, and another when what it says has changed.

Nobody has to tell this room: it looks for times that are newer than its last look.
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from projects.canonical import canonical, digest_of
from projects.chain.links import moment
from projects.models import AuditEvent
from transfers.models import Delivery, Difference, Finding, OutputList, Run, TransferRecord
from transfers.states import TELLABLE
from transfers.telling import list_outputs, tell_record

log = logging.getLogger(__name__)

# A change counts from when it was written, and is seen when its transaction ends.
OVERLAP = timedelta(minutes=5)


def record_runs() -> int:
    """Make the records that are due; returns how many.

    What was looked at is noted at the end, so that whoever stops in between looks again.
    """
    now = timezone.now()
    pks = list(to_look_at().order_by("pk").values_list("pk", flat=True))
    made = sum(record_run(pk) is not None for pk in pks)
    for begin in range(0, len(pks), 1000):
        Run.objects.filter(pk__in=pks[begin : begin + 1000]).update(recorded_until=now)
    return made


def to_look_at() -> QuerySet[Run]:
    """Return the runs that stand still and may have changed since somebody looked last."""
    runs = Run.objects.filter(state__in=TELLABLE)
    until = Run.objects.aggregate(until=Max("recorded_until"))["until"]
    if until is None:
        return runs
    since = until - OVERLAP
    verdicts = Finding.objects.filter(Q(verdict_at__gt=since) | Q(second_at__gt=since))
    return runs.filter(
        Q(recorded_until=None)
        | Q(verified_at__gt=since)
        | Q(ended_at__gt=since)
        | Q(files_erased_at__gt=since)
        | Q(transfer__ended_at__gt=since)
        | Q(pk__in=Delivery.objects.filter(ended_at__gt=since).values("run"))
        | Q(pk__in=verdicts.values("run"))
        | Q(pk__in=Difference.objects.filter(made_at__gt=since).values("run"))
    )


def record_run(pk: int) -> TransferRecord | None:
    """Make a run's next record, if there is something new to say."""
    run = Run.objects.select_related(
        "transfer__project",
        "transfer__participant",
        "transfer__event",
        "transfer__requested_by",
        "transfer__ended_by",
        "plan_version",
    ).get(pk=pk)
    outputs = list_outputs(run)
    said = tell_record(run, outputs)
    last = run.records.order_by("-number").first()
    if last is not None and last.said["facts"] == said:
        return None
    try:
        with transaction.atomic():
            return _save(run, said, outputs, last.number + 1 if last else 1)
    except IntegrityError:
        log.info("run %s was recorded by somebody else at the same moment", pk)
        return None


def _save(run: Run, said: dict[str, object], outputs: str, number: int) -> TransferRecord:
    now = timezone.now()
    text = canonical({"record": number, "recorded_at": moment(now), "facts": said})
    digest = digest_of(text)
    event = AuditEvent.record(
        None, "recorded", run, project=run.transfer.project, number=number, digest=digest
    )
    packed, _ = OutputList.objects.get_or_create(
        digest=digest_of(outputs),
        defaults={"count": outputs.count("\n"), "packed": OutputList.pack(outputs)},
    )
    return TransferRecord.objects.create(
        run=run,
        number=number,
        text=text,
        digest=digest,
        outputs=packed,
        event_id=event.pk,
        recorded_at=now,
    )
