"""Rows that are work: claimed by one worker at a time, for a while, a limited number of times.

The database is the queue of record; a Celery message only rings (docs/adr/0002). Times come from
the database's clock, so that workers whose clocks differ agree on who holds what.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Max, Q
from django.db.models.functions import Now

from projects.errors import LeaseLost

LEASE = timedelta(seconds=settings.LEASE_SECONDS)
BEAT_SECONDS = settings.LEASE_SECONDS / 4
CHECK_SECONDS = 0.5
BELL_PATIENCE = LEASE
ATTEMPT_CAP = 5
BACK_OFF_SECONDS = (5, 15, 60, 300, 900)


class LeasedQuerySet(models.QuerySet[Any]):
    """Rows by what may be done with them now."""

    def moving(self) -> Self:
        """Those that still have a step to take."""
        return self.filter(state__in=self.model.MOVING)

    def free(self) -> Self:
        """Those that no worker holds."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))

    def due(self) -> Self:
        """Those that have a step to take, may be tried now, and that no worker holds."""
        return (
            self.moving()
            .free()
            .filter(Q(not_before=None) | Q(not_before__lte=Now()), attempt__lt=ATTEMPT_CAP)
        )

    def worn_out(self) -> Self:
        """Those whose attempts are used up: whatever holds them kills its worker."""
        return self.moving().free().filter(attempt__gte=ATTEMPT_CAP)

    def unheard(self) -> Self:
        """Due rows whose bell was lost, or whose worker was: those to ring for again.

        A row that merely waits in a long queue is left alone: as long as workers take rows, only
        what was overtaken by a later bell, or was once taken and dropped, is rung for.
        """
        now = Now()
        due = self.due()
        dropped = Q(owner__isnull=False) | Q(not_before__isnull=False, rung_at__lt=F("not_before"))
        working = self.filter(Q(claimed_at__gt=now - BELL_PATIENCE) | Q(lease_until__gt=now))
        if not working.exists():
            return due.filter(dropped | Q(rung_at=None) | Q(rung_at__lt=now - BELL_PATIENCE))
        latest = self.filter(claimed_at__isnull=False).aggregate(rung=Max("rung_at"))["rung"]
        if latest is None:
            return due.filter(dropped)
        return due.filter(dropped | Q(rung_at__lt=latest - BELL_PATIENCE))

    def rung(self) -> int:
        """Note that bells were rung for these rows."""
        return self.update(rung_at=Now())

    def claim(self, pk: int, *, owner: UUID) -> Any:
        """Lease one due row to `owner`; None if it is not due. One winner only.

        Whoever holds the lease repeats `owner` in every later update: no row changed means that
        the lease was lost, and the work stops there.
        """
        won = (
            self.due()
            .filter(pk=pk)
            .update(
                owner=owner,
                lease_until=Now() + LEASE,
                claimed_at=Now(),
                attempt=F("attempt") + 1,
            )
        )
        return self.get(pk=pk) if won else None


class Leased(models.Model):
    """What a row needs to be claimed. Subclasses have a `state` and say which states move."""

    MOVING: ClassVar[tuple[str, ...]] = ()

    owner = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)
    rung_at = models.DateTimeField(null=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=500, blank=True, default="", editable=False)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        abstract = True

    def set_held(self, **fields: Any) -> None:
        """Change columns while the lease is ours. Raises LeaseLost if it is not any more."""
        rows = type(self)._default_manager.filter(pk=self.pk, owner=self.owner)
        if self.owner is None or not rows.update(**fields):
            raise LeaseLost
        for name, value in fields.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)

    def progressed(self) -> None:
        """Say that a piece of work is saved: attempts count what stands still."""
        self.set_held(attempt=0, lease_until=Now() + LEASE)

    def let_go(self, **fields: Any) -> None:
        """Give the row back, with its next state or its next time."""
        self.set_held(**fields, owner=None, lease_until=None)

    def postpone(self, reason: str, *, counts: bool = True) -> None:
        """Try again later, longer each time; without `counts` for ever, as for what is away."""
        step = min(max(self.attempt - 1, 0), len(BACK_OFF_SECONDS) - 1)
        wait = timedelta(seconds=BACK_OFF_SECONDS[step])
        attempt = self.attempt if counts else min(self.attempt, len(BACK_OFF_SECONDS) - 1)
        self.let_go(not_before=Now() + wait, reason=reason[:500], attempt=attempt)

    @contextmanager
    def heartbeat(self) -> Iterator[Callable[[], None]]:
        """Extend the lease while the block lasts; gives a check that raises LeaseLost."""
        beat = _Heartbeat(self)
        beat.thread.start()
        try:
            yield beat.check
        finally:
            beat.stop()


class _Heartbeat:
    """A thread that repeats the owner's claim over a database connection of its own."""

    def __init__(self, row: Leased) -> None:
        self.rows = type(row)._default_manager.filter(pk=row.pk, owner=row.owner)
        self.over = threading.Event()
        self.is_lost = False
        self.checked = time.monotonic()
        self.thread = threading.Thread(target=self.run, name="heartbeat", daemon=True)

    def run(self) -> None:
        try:
            while not self.over.wait(BEAT_SECONDS):
                if not self.rows.update(lease_until=Now() + LEASE):
                    self.is_lost = True
                    return
        finally:
            connection.close()

    def check(self) -> None:
        """Raise LeaseLost soon after it was lost: a person who cancels wants it to stop now."""
        if time.monotonic() - self.checked > CHECK_SECONDS:
            self.checked = time.monotonic()
            self.is_lost = self.is_lost or not self.rows.exists()
        if self.is_lost:
            raise LeaseLost

    def stop(self) -> None:
        self.over.set()
        self.thread.join()
