"""Whether the house can do its work: yes or no, and no facts."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from rdma import health
from tests.projects.test_leases import make_run
from transfers.models import Run

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _ask_anew():
    health._find_nothing_to_apply.cache_clear()


def overdue(**columns):
    run = make_run(**columns)
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - LONG_AGO)
    return run


def test_both_answer_without_signing_in_and_tell_no_facts(client):
    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.content) == (200, b"ok\n")
    assert (ready.status_code, ready.content) == (200, b"ready\n")
    assert "no-store" in ready.headers["Cache-Control"]


def test_a_data_folder_that_cannot_be_written_is_not_ready(client, settings, tmp_path):
    settings.RDMA_DATA_DIR = Path(tmp_path / "gone")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert client.get("/healthz").status_code == 200


def test_a_migration_that_is_not_applied_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'transfers'")

    assert client.get("/readyz").status_code == 503


def test_work_that_is_due_for_a_while_and_that_nobody_takes_is_not_ready(client):
    overdue()

    assert client.get("/readyz").status_code == 503


def test_work_that_has_just_become_due_is_no_reason_to_worry(client):
    make_run()
    overdue(not_before=timezone.now() - timedelta(seconds=10))
    overdue(not_before=timezone.now() + timedelta(hours=1))

    assert client.get("/readyz").status_code == 200


def test_a_long_queue_is_ready_while_some_worker_takes_or_holds_a_row(client):
    overdue()
    taken = make_run()

    Run.objects.claim(taken.pk, owner=uuid4())

    assert client.get("/readyz").status_code == 200


def test_a_worker_that_died_with_its_row_is_not_ready(client):
    overdue(
        owner=uuid4(),
        claimed_at=timezone.now() - LONG_AGO,
        lease_until=timezone.now() - LONG_AGO + timedelta(minutes=1),
    )

    assert client.get("/readyz").status_code == 503
