"""Every registered task: what it takes, and that an id of nothing, or a second call, does nothing.

A message carries ids alone. Whoever can write to the broker can ring any bell: none lets anything
happen that the row it names does not say is due.
"""

import inspect
from typing import Any

import pytest

from rdma.celery import app
from tests.doors.knocking import House, watching
from tests.doors.tally import TALLY
from tests.doors.world import World
from transfers.models import Delivery, Run

pytestmark = pytest.mark.django_db

NOTHING = 10**9
# What each takes: a kind of row, or nothing where it sweeps.
TASKS: dict[str, str] = {
    "exports.delivering.bells.deliver_package": "package delivery",
    "exports.delivering.bells.resume_deliveries": "",
    "exports.tasks.build_package": "package",
    "exports.tasks.resume_packages": "",
    "intake.tasks.recover_arrivals": "",
    "intake.tasks.settle_arrival": "arrival",
    "projects.tasks.clear_left_behind": "",
    "projects.tasks.clear_requests": "",
    "projects.tasks.keep_events": "",
    "projects.tasks.open_access_reviews": "",
    "projects.tasks.relay_events": "",
    "projects.tasks.renew_directory": "",
    "projects.tasks.renew_directory_at_night": "",
    "projects.tasks.seal_events": "",
    "rdma.tasks.sweep": "",
    "rdma.tasks.verify_audit": "",
    "review.tasks.check_data": "check",
    "review.tasks.index_runs": "",
    "review.tasks.index_study": "research study",
    "review.tasks.list_package": "inventory",
    "review.tasks.resume_checks": "",
    "transfers.renewing.renew_transfers": "",
    "transfers.tasks.advance": "run",
    "transfers.tasks.deliver": "delivery",
    "transfers.tasks.keep_records": "",
    "transfers.tasks.resume_transfers": "",
}
WITH_IDS = [name for name, takes in TASKS.items() if takes]


def test_every_task_has_a_line_in_the_table_and_every_line_a_task() -> None:
    app.loader.import_default_modules()
    there = {name for name in app.tasks if not name.startswith("celery.")}

    assert there - TASKS.keys() == set()
    assert TASKS.keys() - there == set()


@pytest.mark.parametrize("name", TASKS)
def test_a_task_takes_one_id_or_nothing(name: str) -> None:
    parameters = list(inspect.signature(app.tasks[name].run).parameters.values())

    said = [(one.name.endswith("_id"), one.annotation) for one in parameters]
    assert said == ([(True, int)] if TASKS[name] else [])


@pytest.mark.parametrize("name", WITH_IDS)
def test_a_bell_for_a_row_that_is_not_there_does_nothing(
    name: str, world: World, house: House
) -> None:
    with watching(house) as answer:
        app.tasks[name].run(NOTHING)

    TALLY["bells"] += 1
    assert answer.left == ""


@pytest.mark.parametrize("side", ["own", "other"])
@pytest.mark.parametrize("name", WITH_IDS)
def test_a_bell_for_a_row_that_stands_still_does_nothing_however_often(
    name: str, side: str, world: World, house: House
) -> None:
    row = _still(getattr(world, side))[TASKS[name]]

    with watching(house) as answer:
        app.tasks[name].run(row)
        app.tasks[name].run(row)

    TALLY["bells"] += 2
    assert answer.left == ""


@pytest.mark.parametrize("rotten", ["1 OR 1=1", "../../etc/passwd", None, [1], {"pk": 1}])
@pytest.mark.parametrize("name", WITH_IDS)
def test_a_bell_with_something_else_than_an_id_does_nothing(
    name: str, rotten: Any, world: World, house: House
) -> None:
    with watching(house) as answer:
        try:
            app.tasks[name].run(rotten)
        except (TypeError, ValueError):
            pass  # refused: the message is dropped

    TALLY["bells"] += 1
    assert answer.left == ""


def _still(ids: dict[str, Any]) -> dict[str, int]:
    """Return rows of which nothing is due: held, ready, done, up to date."""
    run = Run.objects.get(transfer=ids["transfer"])
    return {
        "run": run.pk,
        "delivery": Delivery.objects.filter(run=run).values_list("pk", flat=True).first()
        or NOTHING,
        "package": ids["ready"],
        "package delivery": ids["package_cancelled"],
        "arrival": ids["settled"],
        "check": ids["checked_row"],
        "research study": ids["research_study"],
        "inventory": ids["listed"],
    }
