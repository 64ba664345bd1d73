"""Keeping the tag index equal to the research copy: what changed, and bringing it up to date."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from deidentify.inventory import ElementRow, SeriesInventory
from deidentify.inventory_rulings import rulings
from deidentify.plan import Plan
from projects.errors import LeaseLost
from projects.storage import storage
from review.contents import SeriesContent, contents, counting_runs, run_that_counts, shown_outcomes
from review.merging import put_series, remove_series
from review.models import IndexState, Origin, ResearchSeries, ResearchStudy
from review.series_rows import Arrival
from transfers.models import Run
from transfers.planning import nobodys_plan
from transfers.states import State

CHECKED_AT_ONCE = 20
"""How many settled studies each sweep compares whole: all of them in turn, at a bounded cost."""
SERIES_AT_ONCE = 20
ROWS_AT_ONCE = 50_000
"""Series of a study that are merged together: what they share is then looked up once."""
STILL_OPEN = (State.VERIFIED, State.HELD, State.FAILED)


def note_changes() -> list[int]:
    """Mark every research study whose index differs from its run; return their ids."""
    new_runs = _runs_not_indexed()
    for run in new_runs:
        transfer = run.transfer
        ResearchStudy.objects.get_or_create(
            transfer=transfer,
            defaults={
                "run": run,
                "project_id": transfer.project_id,
                "participant_id": transfer.participant_id,
                "event_id": transfer.event_id,
            },
        )
    transfers = [run.transfer_id for run in new_runs]
    settled = ResearchStudy.objects.exclude(state=IndexState.WAITING)
    stale = settled.filter(
        Q(transfer__in=transfers)
        | Q(transfer__ended_at__isnull=False)
        | Q(run__state=State.CANCELLED)
        | Q(run__state=State.FAILED, run__verified_at=None)
        | Q(pk__in=[*_grown_or_shrunk(), *_different()])
    )
    mark(list(stale.values_list("pk", flat=True)))
    waiting = ResearchStudy.objects.filter(state=IndexState.WAITING, rung_at=None)
    return list(waiting.values_list("pk", flat=True))


def mark(studies: Iterable[int]) -> None:
    """Set studies waiting to be indexed, with fresh attempts."""
    ResearchStudy.objects.filter(pk__in=studies).exclude(state=IndexState.WAITING).update(
        state=IndexState.WAITING, attempt=0, not_before=None, rung_at=None, reason=""
    )


def give_up() -> int:
    """Close studies whose attempts are used up; return how many."""
    closed = 0
    for study in ResearchStudy.objects.worn_out().select_related("run"):
        closed += (
            ResearchStudy.objects.worn_out()
            .filter(pk=study.pk)
            .update(
                state=IndexState.FAILED, run_state=study.run.state, owner=None, lease_until=None
            )
        )
    return closed


def bring_up_to_date(study: ResearchStudy, check: Callable[[], None]) -> None:
    """Make the index of a claimed study say what its run holds; a study that left goes.

    `check` raises LeaseLost when the study is another worker's. Raises FileNotFoundError if a
    file of the research copy is missing.
    """
    run = run_that_counts(study.transfer)
    wanted = contents(run) if run else {}
    if not _is_as_it_was(study, run):
        study.as_of = None  # what is indexed now may hold what was not there then
    known = {series.series_instance_uid: series for series in study.series.all()}
    plan = nobodys_plan(run.plan_version) if run else None
    if run and plan:
        news = (one for uid, one in wanted.items() if not _is_indexed(known.get(uid), one, run))
        arrivals = (_arrival(content, check, run=run, plan=plan) for content in news)
        for some in _in_batches(arrivals):
            check()
            _put(study, some)
    if gone := [series for uid, series in known.items() if uid not in wanted]:
        check()
        remove_series(study, gone)
    if run is None or not wanted:
        _drop(study)
        return
    study.let_go(
        run=run,
        run_state=run.state,
        study_instance_uid=next(iter(wanted.values())).study_instance_uid,
        state=IndexState.INDEXED,
        indexed_at=timezone.now(),
        as_of=None,
        checked_at=timezone.now(),
        attempt=0,
        reason="",
    )


def _is_indexed(known: ResearchSeries | None, content: SeriesContent, run: Run) -> bool:
    """Say whether the index has these bytes, as what this plan made of them."""
    return (
        known is not None
        and known.content == content.digest
        and known.plan_version_id == run.plan_version_id
    )


def _arrival(content: SeriesContent, check: Callable[[], None], *, run: Run, plan: Plan) -> Arrival:
    """Read the files of a series."""
    inventory = SeriesInventory()
    for key in content.keys:
        check()
        with storage().fetch(key) as path:
            inventory.add(path)
    rows = list(inventory.rows())
    read = _Reader(rows)
    origin = Origin(
        modality=read("(0008,0060)")[:16],
        manufacturer=read("(0008,0070)")[:64],
        manufacturer_model_name=read("(0008,1090)")[:64],
        device_serial_number=read("(0018,1000)")[:64],
    )
    sop_class_uid = content.sop_classes.most_common(1)[0][0]
    series = ResearchSeries(
        series_instance_uid=content.series_instance_uid,
        origin=origin,
        plan_version=run.plan_version,
        modality=origin.modality,
        manufacturer=origin.manufacturer,
        manufacturer_model_name=origin.manufacturer_model_name,
        series_number=_number(read("(0020,0011)")),
        series_description=read("(0008,103E)")[:64],
        sop_class_uid=sop_class_uid,
        instance_count=len(content.keys),
        unread_count=inventory.unreadable,
        byte_count=content.byte_count,
        content=content.digest,
    )
    return Arrival(series, rows, rulings(plan, rows, sop_class_uid))


def _in_batches(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Yield series together until they have so many rows that memory would feel it."""
    batch: list[Arrival] = []
    size = 0
    for one in arrivals:
        batch.append(one)
        size += sum(1 + len(row.values) for row in one.rows)
        if size >= ROWS_AT_ONCE or len(batch) >= SERIES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _put(study: ResearchStudy, arrivals: Sequence[Arrival]) -> None:
    """Merge some series, and let the study say what they say of it."""
    read = [_Reader(one.rows) for one in arrivals]
    days = [day for one in read if (day := _day(one("(0008,0020)")))]
    words = [text for one in read if (text := one("(0008,1030)")[:64])]
    with transaction.atomic():
        put_series(study, arrivals)
        study.set_held(
            study_date=days[-1] if days else study.study_date,
            study_description=words[-1] if words else study.study_description,
        )


def _is_as_it_was(study: ResearchStudy, run: Run | None) -> bool:
    """Whether a study whose index is built anew has nothing to show that it had not before.

    Only of a run that had ended when it was indexed, and to which nothing was added since.
    """
    return (
        run is not None
        and study.as_of is not None
        and (run.pk, run.state) == (study.run_id, study.run_state)
        and run.state == State.DELIVERED
        and run.verified_at is not None
        and run.verified_at <= study.as_of
    )


def _drop(study: ResearchStudy) -> None:
    """Delete a study that has nothing left, while the lease is ours."""
    deleted, _ = ResearchStudy.objects.filter(pk=study.pk, owner=study.owner).delete()
    if not deleted:
        raise LeaseLost


def _runs_not_indexed() -> list[Run]:
    """Return the runs that count but were not indexed as they now are."""
    later = counting_runs().filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    indexed = ResearchStudy.objects.filter(run=OuterRef("pk"), run_state=OuterRef("state"))
    runs = counting_runs().filter(~Exists(indexed)).filter(~Exists(later))
    return list(runs.select_related("transfer").order_by("pk"))


def _grown_or_shrunk() -> list[int]:
    """Return indexed studies of open runs that have another number of instances to show now."""
    studies = ResearchStudy.objects.filter(state=IndexState.INDEXED, run__state__in=STILL_OPEN)
    shown = dict(
        shown_outcomes()
        .filter(run__in=studies.values("run"))
        .exclude(key="")
        .values("run")
        .annotate(n=Count("pk"))
        .values_list("run", "n")
    )
    rows = studies.values_list("pk", "run", "instance_count")
    return [pk for pk, run, indexed in rows if shown.get(run, 0) != indexed]


def _different() -> list[int]:
    """Compare those whose last comparison is longest ago, series by series."""
    oldest = (
        ResearchStudy.objects.filter(state=IndexState.INDEXED)
        .order_by(F("checked_at").asc(nulls_first=True))
        .select_related("run")
        .prefetch_related("series")[:CHECKED_AT_ONCE]
    )
    different = []
    for study in oldest:
        indexed = {series.series_instance_uid: series.content for series in study.series.all()}
        now = {uid: content.digest for uid, content in contents(study.run).items()}
        if indexed != now:
            different.append(study.pk)
    ResearchStudy.objects.filter(pk__in=[study.pk for study in oldest]).update(
        checked_at=timezone.now()
    )
    return different


class _Reader:
    """The value that most instances of a series have at a top-level path."""

    def __init__(self, rows: Sequence[ElementRow]) -> None:
        self.values = {row.path: row.values for row in rows if row.path.count("(") == 1}

    def __call__(self, path: str) -> str:
        values = self.values.get(path) or {"": 0}
        return max(values, key=lambda text: values[text]).replace("\0", "")


def _number(text: str) -> int | None:
    with suppress(ValueError):
        number = int(text)
        return number if abs(number) < 2**31 else None
    return None


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    return None
