"""Reading the chain and every event once, and comparing.

Nothing is held but one group of seals: a million events need no more memory than ten thousand.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from projects.chain.checkpoints import Checkpoint
from projects.chain.links import (
    COLUMNS,
    GENESIS,
    digest,
    is_signed,
    leaf,
    sign,
    sign_pruning,
)
from projects.chain.report import ChainReport
from projects.id_ranges import IdRanges
from projects.models import AuditEvent, AuditPruning, AuditSeal
from projects.models.seals import LEAF_BYTES

GROUP = 20_000
# An event is sealed within minutes: one that gives a time so long before the seal before its own
# was entered later than it says, or the clock was wrong.
TOO_EARLY = timedelta(days=1)


def verify_audit(
    checkpoints: Iterable[Checkpoint] = (), *, with_key: bool = True, group: int = GROUP
) -> ChainReport:
    """Compare every sealed event with its seal, and the seals with each other and checkpoints.

    Without the key, signatures are left out: for a copy of the database elsewhere. Raises
    KeyUnavailable if the key is asked for and the master key is another one.
    """
    return _Reading(with_key=with_key, group=group).read(checkpoints)


class _Reading:
    """One pass: what was seen so far, and what is to be said."""

    def __init__(self, *, with_key: bool, group: int) -> None:
        self.report = ChainReport()
        self.with_key = with_key
        self.group = group
        self.ranges: list[tuple[int, int]] = []  # covered by the seals read so far
        self.covered = IdRanges()
        self.scanned = 0  # every event up to here was looked at
        self.strangers: list[int] = []  # looked at, and not of the seals read at that time
        self.digests: dict[int, str] = {}
        self.earliest: dict[int, datetime] = {}  # what the events of a seal can give as their time

    def read(self, checkpoints: Iterable[Checkpoint]) -> ChainReport:
        report = self.report
        report.prunings = self._prunings()
        pruned = _through(report.prunings)
        last = None
        held: list[AuditSeal] = []
        held_count = 0
        for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=20):
            self._check_link(seal, last)
            last = seal
            if seal.number <= pruned or not self._cover(seal):
                continue
            held.append(seal)
            held_count += seal.event_count
            if held_count >= self.group:
                self._compare(held)
                held, held_count = [], 0
        self._compare(held)
        self._look_at_the_rest(last)
        self._compare_checkpoints(checkpoints)
        return report

    def _prunings(self) -> list[AuditPruning]:
        """Return those that the program made; the others are wrong, and hide nothing."""
        made = []
        for pruning in AuditPruning.objects.order_by("through_seal"):
            if self._is_made(pruning):
                made.append(pruning)
            else:
                self.report.wrong.append(
                    f"The pruning through seal {pruning.through_seal} was not made by rDMA."
                )
        return made

    def _is_made(self, pruning: AuditPruning) -> bool:
        return not self.with_key or is_signed(pruning.mac, sign_pruning(pruning))

    def _check_link(self, seal: AuditSeal, last: AuditSeal | None) -> None:
        """Check a seal's number, what it follows, its digest and its signature."""
        wrong = self.report.wrong
        due = last.number + 1 if last else 1
        if seal.number != due:
            gone = (
                f"Seal {due} is"
                if seal.number == due + 1
                else f"Seals {due} to {seal.number - 1} are"
            )
            wrong.append(f"{gone} missing.")
            self.report.has_lost_seals = True
        elif seal.previous != (last.digest if last else GENESIS):
            wrong.append(f"Seal {seal.number} does not follow the one before it.")
        if seal.digest != digest(seal):
            wrong.append(f"Seal {seal.number} was changed.")
        elif self.with_key and not is_signed(seal.mac, sign(seal.digest)):
            wrong.append(f"Seal {seal.number} was not made by rDMA: its signature is wrong.")
        self.digests[seal.number] = seal.digest
        if last:
            self.earliest[seal.number] = last.sealed_at - TOO_EARLY
        self.report.seal_count += 1
        self.report.last_seal, self.report.last_digest = seal.number, seal.digest

    def _cover(self, seal: AuditSeal) -> bool:
        """Note what a seal covers, and tell whether it can be compared with its leaves."""
        try:
            events = seal.events
        except (TypeError, ValueError):  # it was changed, which is said already
            self.report.has_lost_seals = True
            return False
        self.ranges += events.ranges
        if len(self.ranges) > 1000:
            self.ranges = IdRanges(self.ranges).ranges
        return len(events) * LEAF_BYTES == len(seal.leaves)

    def _compare(self, seals: list[AuditSeal]) -> None:
        """Compare the events of some seals, and look at all that lie up to their last."""
        expected: dict[int, tuple[int, bytes]] = {}
        for seal in seals:
            leaves = bytes(seal.leaves)
            for place, event in enumerate(seal.events):
                at = place * LEAF_BYTES
                expected[event] = (seal.number, leaves[at : at + LEAF_BYTES])
        if not expected:
            return
        end = max(expected)
        late = [event for event in expected if event <= self.scanned]
        for rows in (
            AuditEvent.objects.filter(pk__in=late),
            AuditEvent.objects.filter(pk__gt=self.scanned, pk__lte=end),
        ):
            for row in rows.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=5000):
                self._compare_one(row, expected)
        self.scanned = max(self.scanned, end)
        self.earliest = {}
        self._note_missing(expected)

    def _compare_one(self, row: tuple[Any, ...], expected: dict[int, tuple[int, bytes]]) -> None:
        found = expected.pop(row[0], None)
        if found is None:
            self.strangers.append(row[0])
        elif leaf(row) != found[1]:
            self.report.changed.append(row[0])
        else:
            self.report.event_count += 1
            if row[1] < self.earliest.get(found[0], row[1]):
                self.report.misdated.append(row[0])

    def _note_missing(self, expected: dict[int, tuple[int, bytes]]) -> None:
        """Note what was not found, but for what was dropped while we were reading."""
        if not expected:
            return
        known = {pruning.pk for pruning in self.report.prunings}
        newer = [pruning for pruning in AuditPruning.objects.all() if pruning.pk not in known]
        dropped = _through(pruning for pruning in newer if self._is_made(pruning))
        self.report.missing += [
            (number, event) for event, (number, _) in expected.items() if number > dropped
        ]

    def _look_at_the_rest(self, last: AuditSeal | None) -> None:
        """Tell events that wait for a seal from events that no transaction can have written."""
        self.covered = IdRanges(self.ranges)
        last_event = last.last_event if last else 0
        waits = _awaited(last)
        between = AuditEvent.objects.filter(pk__gt=self.scanned, pk__lte=last_event)
        self.strangers += between.values_list("pk", flat=True)
        strange = [event for event in self.strangers if event not in self.covered]
        self.report.inserted = [event for event in strange if event not in waits]
        late = len(strange) - len(self.report.inserted)
        self.report.unsealed_count = late + AuditEvent.objects.filter(pk__gt=last_event).count()

    def _compare_checkpoints(self, checkpoints: Iterable[Checkpoint]) -> None:
        known = set(self.digests.values())
        for checkpoint in checkpoints:
            self.report.checkpoint_count += 1
            if checkpoint.number is None:
                if checkpoint.digest not in known:
                    self._disagree(f"No seal has {checkpoint.source}.")
            elif checkpoint.number not in self.digests:
                self._disagree(f"Seal {checkpoint.number} of {checkpoint.source} is missing.")
            elif self.digests[checkpoint.number] != checkpoint.digest:
                self._disagree(
                    f"Seal {checkpoint.number} is another one than {checkpoint.source} says."
                )

    def _disagree(self, sentence: str) -> None:
        self.report.checkpoint_count -= 1
        self.report.wrong.append(sentence)


def _through(prunings: Iterable[AuditPruning]) -> int:
    """Return the last seal whose events were dropped."""
    return max((pruning.through_seal for pruning in prunings), default=0)


def _awaited(seal: AuditSeal | None) -> IdRanges:
    """Return the ids that may still arrive under the next seal."""
    try:
        return IdRanges((first, end) for first, end, *_ in seal.waits) if seal else IdRanges()
    except (TypeError, ValueError):  # it was changed, which is said already
        return IdRanges()
