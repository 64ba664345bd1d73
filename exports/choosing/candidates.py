"""The series that could go into a package, run by run, in the package's order."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Min, Sum

from exports.choosing.eligible import exportable, runs_of
from exports.choosing.facts import SeriesFacts, Values
from projects.models import Project
from transfers.models import Outcome, Run

LAST = 2**31  # sorts what has no number behind what has one
Order = Callable[[Run], tuple[bytes, bytes]]
Reading = Callable[[Outcome], Values]


@dataclass(frozen=True)
class _Row:
    """A series as one query sums it up."""

    uid: str
    study_uid: str
    images: int
    size: int
    first: int


def candidates(
    project: Project, participants: Collection[int], read: Reading, order: Order | None = None
) -> Iterator[tuple[Run, list[SeriesFacts]]]:
    """Yield each run of some participants (ids) with its series by number.

    `read` gives the values of a series' first image, the one with the smallest id; an empty
    mapping where it will not look. `order` draws another order of the runs.
    """
    rows = _rows(project, participants)
    runs: Iterable[Run] = runs_of(project, participants)
    for run in runs if order is None else sorted(runs, key=order):
        run.transfer.project = project
        own = rows.get(run.pk, [])
        firsts = Outcome.objects.only("key", "digest").in_bulk([row.first for row in own])
        series = [_facts(run, row, firsts[row.first], read) for row in own]
        series.sort(key=lambda one: (LAST if one.number is None else one.number, one.uid))
        yield run, series


def _facts(run: Run, row: _Row, first: Outcome, read: Reading) -> SeriesFacts:
    return SeriesFacts(run, row.uid, row.study_uid, row.images, row.size, first, read(first))


def _rows(project: Project, participants: Collection[int]) -> dict[int, list[_Row]]:
    found = defaultdict(list)
    summed = (
        exportable(project)
        .filter(run__transfer__participant__in=participants)
        .order_by()
        .values("run", "series_instance_uid")
        .annotate(
            study_uid=Min("study_instance_uid"), images=Count("pk"), bytes=Sum("size"),
            first=Min("pk"),
        )
    )  # fmt: skip
    for row in summed.iterator():
        found[row["run"]].append(
            _Row(
                row["series_instance_uid"], row["study_uid"], row["images"], row["bytes"],
                row["first"],
            )
        )  # fmt: skip
    return found
