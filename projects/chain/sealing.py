"""Putting the next seal on the audit, without making anybody wait who writes it."""

import logging
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects.chain.checkpoints import write_checkpoint
from projects.chain.links import COLUMNS, GENESIS, digest, leaf, sign
from projects.id_ranges import IdRanges
from projects.models import AuditEvent, AuditSeal

log = logging.getLogger(__name__)

BATCH = 10_000
# An id that was drawn and not seen is waited for this long, and until every transaction of that
# time has ended; afterwards a row that turns up under it was put there by hand.
LATEST = timedelta(hours=1)


def seal_audit(*, batch: int = BATCH) -> list[AuditSeal]:
    """Seal everything that is committed; returns the new seals, the oldest first.

    Two who seal at the same moment do no harm: one of them finds the number taken, and stops.
    """
    seals = []
    while (seal := seal_once(batch=batch)) is not None:
        write_checkpoint(seal)
        log.info("audit sealed through event %s: seal %s %s", *_said(seal))
        seals.append(seal)
    return seals


def seal_once(*, batch: int = BATCH) -> AuditSeal | None:
    """Put one seal on up to `batch` events. None if nothing is unsealed, or somebody was faster."""
    last = AuditSeal.objects.light().newest()
    oldest_open, _ = open_transactions()  # before the rows are read: what ends now is read then
    rows = list(unsealed(last).order_by("pk").values_list(*COLUMNS)[:batch])
    if not rows:
        return None
    seal = _next(last, rows, oldest_open)
    seal.digest = digest(seal)
    seal.mac = sign(seal.digest)
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
    except IntegrityError:
        return None
    return seal


def unsealed(last: AuditSeal | None) -> QuerySet[AuditEvent]:
    """Return the committed events that no seal covers: the newer ones, and those that came late."""
    if last is None:
        return AuditEvent.objects.all()
    wanted = Q(pk__gt=last.last_event)
    for first, end, *_ in last.waits:
        wanted |= Q(pk__range=(first, end))
    return AuditEvent.objects.filter(wanted)


def _next(last: AuditSeal | None, rows: list[tuple[Any, ...]], oldest_open: int) -> AuditSeal:
    ids = [row[0] for row in rows]
    covers = IdRanges.of(ids)
    before = last.last_event if last else 0
    last_event = max(before, ids[-1])
    return AuditSeal(
        number=last.number + 1 if last else 1,
        previous=last.digest if last else GENESIS,
        covers=covers.as_data(),
        waits=[
            *_still_waiting(last, covers, oldest_open),
            *_skipped(covers, before, last_event),
        ],
        first_event=ids[0],
        last_covered=ids[-1],
        last_event=last_event,
        event_count=len(ids),
        leaves=b"".join(leaf(row) for row in rows),
        digests=[
            [event, kind, facts["digest"]]
            for event, _, _, _, kind, _, _, facts, *_ in rows
            if "digest" in facts
        ],
        sealed_at=timezone.now(),
    )


def _still_waiting(last: AuditSeal | None, covers: IdRanges, oldest_open: int) -> list[list[int]]:
    """Return what was waited for before and has neither come nor been given up."""
    now = int(timezone.now().timestamp())
    waits = []
    for first, end, since, horizon in last.waits if last else []:
        if now - since > LATEST.total_seconds() and oldest_open >= horizon:
            continue
        left = IdRanges([(first, end)]).without(covers)
        waits += [[*one, since, horizon] for one in left.ranges]
    return waits


def _skipped(covers: IdRanges, before: int, last_event: int) -> list[list[int]]:
    """Return the ids that were drawn since the seal before and are not there, or not yet."""
    if last_event == before:
        return []
    _, next_new = open_transactions()
    now = int(timezone.now().timestamp())
    skipped = IdRanges([(before + 1, last_event)]).without(covers)
    return [[*one, now, next_new] for one in skipped.ranges]


def open_transactions() -> tuple[int, int]:
    """Return the number of the oldest transaction still open, and the next to be given.

    SQLite writes one transaction after the other, so that no event can come late: zeros.
    """
    if connection.vendor != "postgresql":
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint "
            "FROM pg_current_snapshot() AS now"
        )
        oldest, following = cursor.fetchone()
    return oldest, following


def _said(seal: AuditSeal) -> tuple[int, int, str]:
    return seal.last_event, seal.number, seal.digest
