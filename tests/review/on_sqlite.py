"""Run by test_sqlite.py in a process of its own, whose database is SQLite: index, and take out."""

import sys
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from django.utils import timezone  # noqa: E402

from projects.models import Project  # noqa: E402
from review import models  # noqa: E402
from tests.datasets import make_ct_series, make_mr_series  # noqa: E402
from tests.factories import ProjectFactory  # noqa: E402
from tests.review.copies import index, new_run, new_transfer, participant_of  # noqa: E402
from transfers.models import TransferRequest  # noqa: E402

COUNTS = (
    "path",
    "vr",
    "instance_count",
    "series_count",
    "participant_count",
    "value_count",
    "participant_value_count",
)


def counted(project: Project) -> list[tuple[object, ...]]:
    """All sums that the summary page shows."""
    return list(project.elements.order_by("path").values_list(*COUNTS))


def main(folder: Path) -> None:
    """Index two studies, let one leave, and say whether the index is as it was."""
    call_command("migrate", verbosity=0)
    project = ProjectFactory(acronym="BICAM")
    stays, leaves = (new_transfer(participant_of(project, number)) for number in (1, 2))
    new_run(stays, make_mr_series(folder / "stays", n=3, ImageComments="stays"))
    index()
    before = counted(project)
    new_run(leaves, make_ct_series(folder / "leaves", n=60, ImageComments="leaves"))
    index()
    between = counted(project)

    TransferRequest.objects.filter(pk=leaves.pk).update(ended_at=timezone.now())
    index()

    assert before
    assert between != before
    assert counted(project) == before
    assert not models.Value.objects.filter(text="leaves").exists()
    print(f"{len(between)} elements, {len(before)} left")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
