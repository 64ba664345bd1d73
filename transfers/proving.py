"""Whether the records are as they were made: each by its digest, its event, and its seal."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from projects.canonical import digest_of
from projects.models import AuditEvent, AuditSeal
from transfers.models import OutputList, Run, TransferRecord, TransferRequest
from transfers.states import TELLABLE

ABOUT = Run._meta.label_lower
NAMED = 20


@dataclass
class RecordsReport:
    """What was found of the records; numbers are those of the records' rows."""

    count: int = 0
    changed: list[int] = field(default_factory=list)
    unproved: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)  # events whose record is gone
    lists: list[int] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """Whether every record is as it was made, and none is gone."""
        return not (self.changed or self.unproved or self.missing or self.lists)

    def sentences(self) -> list[str]:
        """Say it, what is wrong first."""
        said = []
        if self.changed:
            said.append(f"Records changed since they were made: {_named(self.changed)}.")
        if self.unproved:
            said.append(f"Records that no audit event vouches for: {_named(self.unproved)}.")
        if self.missing:
            said.append(f"Records that are missing, by their audit events: {_named(self.missing)}.")
        if self.lists:
            said.append(f"Lists of checksums that were changed: {_named(self.lists)}.")
        if self.is_intact and self.count:
            said.append(
                "1 record of a transfer is as it was made."
                if self.count == 1
                else f"{self.count:,} records of transfers are as they were made."
            )
        return said


@dataclass(frozen=True)
class Proof:
    """What vouches for a record: its event, and the seal over that, once there is one."""

    digest: str
    event: int
    seal: AuditSeal | None


def newest_record(transfer: TransferRequest) -> TransferRecord | None:
    """Return what was last recorded of a transfer."""
    return records_of(transfer).first()


def records_of(transfer: TransferRequest) -> QuerySet[TransferRecord]:
    """Return all that was recorded of a transfer, the newest first."""
    records = TransferRecord.objects.filter(run__transfer=transfer)
    return records.select_related("outputs", "run").order_by("-run__number", "-number")


def proof_of(record: TransferRecord) -> Proof:
    """Return what vouches for a record."""
    return Proof(record.digest, record.event_id, AuditSeal.objects.covering(record.event_id))


def record_context(transfer: TransferRequest) -> dict[str, Any]:
    """Return what templates/transfers/parts/record.html shows."""
    records, run = list(records_of(transfer).defer("text", "outputs__packed")), transfer.latest_run
    record = records[0] if records else None
    return {
        "earlier": records[1:],
        "transfer": transfer,
        "record": record,
        "seal": proof_of(record).seal if record else None,
        "is_awaited": record is None and run is not None and run.state in TELLABLE,
    }


def verify_records() -> RecordsReport:
    """Compare every record with its digest, and with the event or the seal that carries it."""
    report = RecordsReport()
    carried = dict(_carried())
    records = TransferRecord.objects.order_by("pk")
    rows = records.values_list("pk", "event_id", "digest", "text").iterator(chunk_size=200)
    for pk, event, digest, text in rows:
        report.count += 1
        if digest_of(text) != digest:
            report.changed.append(pk)
        if carried.pop(event, None) != digest and not _is_new(event, digest):
            report.unproved.append(pk)
    report.missing = sorted(carried)
    for outputs in OutputList.objects.order_by("pk").iterator(chunk_size=20):
        if not _is_as_made(outputs):
            report.lists.append(outputs.pk)
    return report


def _carried() -> Iterator[tuple[int, str]]:
    """Yield the event and the digest of every record: first from events, then from the seals.

    An event that has a seal stands there as it was, also when it was changed or dropped since.
    """
    events = AuditEvent.objects.filter(verb="recorded", object_type=ABOUT)
    for event, facts in events.values_list("pk", "facts").order_by("pk").iterator():
        yield event, str(facts.get("digest", ""))
    for seal in AuditSeal.objects.light().order_by("number").iterator(chunk_size=200):
        yield from _digests(seal)


def _digests(seal: AuditSeal) -> list[tuple[int, str]]:
    """Return the records that a seal names; of one that was changed beyond reading, none."""
    try:
        return [(event, digest) for event, kind, digest in seal.digests if kind == ABOUT]
    except (TypeError, ValueError):
        return []


def _is_new(event: int, digest: str) -> bool:
    """Tell whether a record was made after the events were read."""
    return AuditEvent.objects.filter(pk=event, verb="recorded", facts__digest=digest).exists()


def _is_as_made(outputs: OutputList) -> bool:
    try:
        return digest_of(outputs.text) == outputs.digest
    except (zlib.error, UnicodeDecodeError):
        return False


def _named(numbers: list[int]) -> str:
    more = len(numbers) - NAMED
    return ", ".join(map(str, numbers[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
