"""Each server that the tests start is the real one, and answers."""

import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page
from pydicom.data import get_testdata_file
from redis import Redis

from projects.keyring import data_key
from rdma.celery import app
from tests.services.dcmtk import StorageScp, dcmsend, echoscu, findscu
from tests.services.network import NetworkIsClosed
from tests.services.orthanc import Orthanc
from tests.services.postgres import Postgres
from tests.services.process import DidNotStart, executable, free_port, running, wait_until
from tests.services.rdma_processes import Process

CT = Path(str(get_testdata_file("CT_small.dcm")))


@pytest.mark.django_db
def test_the_test_database_is_the_throw_away_postgresql(postgres: Postgres):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), inet_server_port(), version()")
        name, port, version = cursor.fetchone()

    assert name == "test_rdma"
    assert port == postgres.port
    assert version.startswith("PostgreSQL")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_the_data_key_of_the_migration_outlives_a_flush(turn: int):
    opened = data_key.__wrapped__()  # what another process would read, past this one's cache

    assert opened == data_key()


def test_redis_keeps_what_it_is_given_and_evicts_nothing(redis_url: str):
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        redis.set("bell", "7")

        assert redis.get("bell") == "7"
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_storage_scp_stores_what_dcmsend_sends(storescp: StorageScp):
    sent = dcmsend(storescp.port, CT, called=storescp.ae_title)

    assert sent.returncode == 0, sent.stdout
    assert len(storescp.received()) == 1


def test_a_destination_that_was_away_comes_back_on_its_port(
    start_storescp: Callable[..., StorageScp],
):
    port = free_port()
    was_away = not echoscu(port, called="PACS")

    start_storescp(port=port)

    assert was_away
    assert echoscu(port, called="PACS")


def test_orthanc_takes_an_instance_and_gives_it_back(orthanc: Orthanc):
    dcmsend(orthanc.dicom_port, CT, called=orthanc.ae_title)

    found = findscu(orthanc.dicom_port, "PatientName", "StudyDate", called=orthanc.ae_title)
    (instance,) = orthanc.instances()

    assert found.returncode == 0
    assert orthanc.file(instance["ID"])[128:132] == b"DICM"
    assert orthanc.get("/dicom-web/studies")


def test_orthanc_is_empty_at_the_start_of_each_test(orthanc: Orthanc):
    assert orthanc.instances() == []


def test_chromium_shows_a_page_of_this_machine(page: Page, tmp_path: Path):
    port = free_port()
    (tmp_path / "index.html").write_text("<!doctype html><title>Here</title>")
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    command += ["--directory", str(tmp_path)]

    with running(command, log=tmp_path / "log", is_ready=lambda: _answers(port)):
        page.goto(f"http://127.0.0.1:{port}/")

        assert page.title() == "Here"


def test_a_worker_process_answers(start_worker: Callable[..., Process]):
    start_worker()

    (answer,) = app.control.ping(timeout=2)

    assert answer == {"test-1@localhost": {"ok": "pong"}}


def test_after_a_power_cut_another_worker_answers_alone(start_worker: Callable[..., Process]):
    first = start_worker()
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(5)

    start_worker()
    answers = app.control.ping(timeout=2)

    assert answers == [{"test-2@localhost": {"ok": "pong"}}]


def test_the_portal_process_serves_what_the_package_brings(portal: str):
    with urllib.request.urlopen(f"{portal}/static/django_htmx/htmx-2.min.js", timeout=10) as answer:
        script = answer.read()

    assert b"htmx" in script


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_data_folder_of_its_own(tmp_path: Path, turn: int):
    folder = Path(settings.RDMA_DATA_DIR)

    assert folder.parent == tmp_path.parent, "it goes with the test's other folders"
    assert sorted(path.name for path in folder.iterdir()) == [
        "credentials",
        "scratch",
        "static",
    ]
    (folder / f"left by turn {turn}").touch()


def test_bells_of_tests_do_not_leave_the_process():
    assert app.conf.broker_url == "memory://"
    assert "CELERY_BROKER_URL" not in os.environ


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_another_machine_cannot_be_reached(address: str):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as outward, pytest.raises(NetworkIsClosed):
        outward.connect((address, 80))


def test_another_machines_name_is_not_looked_up():
    with pytest.raises(NetworkIsClosed):
        urllib.request.urlopen("http://pacs.example.org/")


def test_a_program_that_is_not_installed_fails_the_test_and_names_its_package():
    with pytest.raises(pytest.fail.Exception, match="install no-such-package"):
        executable("no-such-program", package="no-such-package")


def test_a_server_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path):
    command = [sys.executable, "-c", "print('no room'); raise SystemExit(3)"]

    with (
        pytest.raises(DidNotStart, match=r"status 3(?s:.*)no room"),
        running(command, log=tmp_path / "log", is_ready=lambda: False),
    ):
        pass


def test_what_a_server_started_ends_with_it(tmp_path: Path):
    child = tmp_path / "child"
    script = (
        "import os, pathlib, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        "sleeper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(child)!r}).write_text(str(sleeper.pid))\n"
        "time.sleep(600)\n"
    )

    with running([sys.executable, "-c", script], log=tmp_path / "log", is_ready=child.exists):
        wait_until(child.read_text, what="the child's process id")
        pid = int(child.read_text())

    wait_until(lambda: not _is_running(pid), seconds=5, what="the child to end")


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
    except OSError:
        return False
    return True


def _is_running(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
