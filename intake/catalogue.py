"""Settles the files of a batch: into the catalogue, dropped as duplicates, or kept aside.

A slice of files is read first, decided in one transaction, and moved after it. A file's place in
the storage follows from its name in the batch, so that whoever repeats a slice after a kill finds
what was decided and only finishes the moving.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from intake.arrivals import Batch
from intake.errors import KeptAside
from intake.filing import Filing
from intake.headers import Header, read_header
from intake.models import Arrival, Instance, Rejection, RejectionCode
from projects.storage import storage

log = logging.getLogger(__name__)

SLICE = 100
COUNTED = [
    "received_count",
    "catalogued_count",
    "duplicate_count",
    "rejected_count",
    "dropped",
    "unpacked",
    "attempt",
]
ONE_AT_A_TIME = 0x72444D41  # any number that no other advisory lock of this database uses


@dataclass(frozen=True)
class Refused:
    """A member of an archive that was never unpacked: its name there, and why."""

    name: str
    code: str
    size: int = 0


@dataclass(frozen=True)
class _File:
    """One file of a slice as it was read: its header, or why it has none."""

    path: Path
    size: int
    received_at: datetime
    header: Header | None
    code: str

    @property
    def kept_key(self) -> str:
        return f"quarantine/{self.path.stem[:2]}/{self.path.stem}.dcm"

    @property
    def aside_key(self) -> str:
        return f"rejected/{self.path.stem[:2]}/{self.path.stem}.bin"


@dataclass
class _Slice:
    """What a transaction decided: where each file goes, and the counts."""

    moves: dict[Path, str] = field(default_factory=dict)
    dropped: list[Path] = field(default_factory=list)
    catalogued: int = 0
    rejected: int = 0


def catalogue_waiting(batch: Batch) -> int:
    """Settle everything that waits in a batch, slice by slice; return how many files that were."""
    settled = 0
    while waiting := batch.waiting():
        for start in range(0, len(waiting), SLICE):
            paths = waiting[start : start + SLICE]
            settle(batch, paths)
            settled += len(paths)
    return settled


def settle(
    batch: Batch,
    paths: Sequence[Path],
    *,
    refused: Sequence[Refused] = (),
    unpacked: tuple[str, int] | None = None,
    still_to_come: int = 0,
) -> Arrival:
    """Settle one slice of a batch, and count it. The caller holds the batch.

    `unpacked` is (archive, number of its members that are done with this slice); `still_to_come`
    is how many members follow it, so that the page can say "312 of 500".
    """
    files = [_read(path) for path in paths]
    with transaction.atomic():
        _wait_for_turn()
        arrival = arrival_of(batch)
        decided = _decide(arrival, batch, files)
        for member in refused:
            _reject(arrival, member.code, name=member.name, size=member.size)
        decided.rejected += len(refused)
        arrival.catalogued_count += decided.catalogued
        arrival.duplicate_count += len(decided.dropped)
        arrival.rejected_count += decided.rejected
        arrival.dropped = [path.stem for path in decided.dropped]
        if unpacked is not None:
            arrival.unpacked[unpacked[0]] = unpacked[1]
        left = len(set(batch.waiting()) - set(paths)) + still_to_come
        arrival.received_count = max(arrival.received_count, arrival.settled_count + left)
        arrival.attempt = 0
        arrival.save(update_fields=COUNTED)
    for path, key in decided.moves.items():
        storage().put(path, key)
    for path in decided.dropped:
        path.unlink(missing_ok=True)
    return arrival


def finish(batch: Batch) -> None:
    """End a batch to which nothing is added any more: settle what waits, and remove its folder."""
    catalogue_waiting(batch)
    with transaction.atomic():
        arrival = Arrival.objects.filter(token=batch.token).first()
        if arrival is not None and arrival.ended_at is None:
            now = timezone.now()
            arrival.closed_at = arrival.closed_at or now
            arrival.ended_at = now
            arrival.save(update_fields=["closed_at", "ended_at"])
    batch.remove()


def arrival_of(batch: Batch) -> Arrival:
    """Return the row of a batch; it is made when the first file is settled."""
    origin = batch.origin
    arrival, _ = Arrival.objects.get_or_create(
        token=batch.token,
        defaults={
            "door": origin.door,
            "calling_ae_title": origin.calling_ae_title[:16],
            "called_ae_title": origin.called_ae_title[:16],
            "peer_address": origin.peer_address,
            "brought_by_id": origin.user_id,
        },
    )
    return arrival


def _wait_for_turn() -> None:
    """Let the cataloguing transactions of all processes follow each other.

    Two that each bring one half of a conflict would otherwise not see each other. SQLite's
    transactions do so by themselves.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _read(path: Path) -> _File:
    status = path.stat()
    header, code = None, ""
    try:
        header = read_header(path)
    except KeptAside as reason:
        code = reason.code
    except Exception:  # one bad file never ends a run, whatever is wrong with it
        log.exception("A received file could not be read.")
        code = RejectionCode.UNREADABLE
    received_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return _File(path, status.st_size, received_at, header, code)


def _decide(arrival: Arrival, batch: Batch, files: Sequence[_File]) -> _Slice:
    names: dict[str, str] | None = None
    decided = _Slice()
    settled_before = _settled_before(files)
    filing = Filing(arrival, [file.header for file in files if file.header])
    for file in files:
        if key := settled_before.get(file.path):
            decided.moves[file.path] = key
            continue
        if file.path.stem in arrival.dropped:
            file.path.unlink(missing_ok=True)
            continue
        code = file.code
        if file.header is not None:
            try:
                if filing.file(file.header, key=file.kept_key, received_at=file.received_at):
                    decided.moves[file.path] = file.kept_key
                    decided.catalogued += 1
                else:
                    decided.dropped.append(file.path)
                continue
            except KeptAside as reason:
                code = reason.code
        if names is None:
            names = batch.names()
        name = names.get(file.path.stem, "")
        _reject(arrival, code, name=name, size=file.size, key=file.aside_key)
        decided.moves[file.path] = file.aside_key
        decided.rejected += 1
    filing.save()
    return decided


def _settled_before(files: Sequence[_File]) -> dict[Path, str]:
    """Find the files that a transaction before a kill has settled, and that only wait to move."""
    by_key = {key: file.path for file in files for key in (file.kept_key, file.aside_key)}
    kept = Instance.objects.order_by().filter(key__in=by_key).values_list("key", flat=True)
    aside = Rejection.objects.order_by().filter(key__in=by_key).values_list("key", flat=True)
    return {by_key[key]: key for key in [*kept, *aside]}


def _reject(arrival: Arrival, code: str, *, name: str, size: int, key: str = "") -> None:
    Rejection.objects.create(
        arrival=arrival,
        code=code,
        name=name,
        key=key,
        size=size,
        door=arrival.door,
        calling_ae_title=arrival.calling_ae_title,
        called_ae_title=arrival.called_ae_title,
        peer_address=arrival.peer_address,
        brought_by_id=arrival.brought_by_id,
    )
