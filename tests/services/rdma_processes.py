"""rDMA's own processes as an installation runs them: worker, portal and DICOM node.

They work on the test database, the test's own folder and a real Redis. A test that uses one
needs committed rows, and gets them: each fixture here asks for `transactional_db`.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest
from django.conf import settings
from django.db import connection
from kombu import pools
from redis import Redis

from rdma.celery import app
from tests.services.dcmtk import echoscu
from tests.services.postgres import Postgres
from tests.services.process import free_port, is_listening, running

ROOT = Path(__file__).parents[2]

Process = Popen[bytes]


@pytest.fixture
def real_bells(redis_url: str) -> Iterator[str]:
    """Send Celery's messages through an emptied Redis as long as the test lasts."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    _ring_through(redis_url)
    yield redis_url
    _ring_through("memory://")


def _ring_through(broker_url: str) -> None:
    pools.reset()  # or the next test is handed the closed connections of this one
    app._pool = None
    app.amqp._producer_pool = None
    app.conf.broker_url = broker_url
    app.conf.broker_transport_options = {}


@pytest.fixture
def environment(
    transactional_db: None, postgres: Postgres, real_bells: str, tmp_path: Path
) -> dict[str, str]:
    """What a process of rDMA is started with; a test may add to it before it starts one."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "DATABASE_URL": postgres.url(connection.settings_dict["NAME"]),
        "CELERY_BROKER_URL": real_bells,
        "RDMA_DATA_DIR": str(settings.RDMA_DATA_DIR),
        "RDMA_MASTER_KEY": settings.RDMA_MASTER_KEY,
        "SECRET_KEY": settings.SECRET_KEY,
        "DICOM_HOST": "127.0.0.1",
        "RDMA_DESTINATION_HOSTS": "127.0.0.1",
        "RDMA_STUDY_SILENCE_SECONDS": "1",
    }


@pytest.fixture
def start_worker(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start Celery workers as the test needs them: `start_worker("--beat")` brings the clock.

    Each leads a process group, so that `os.killpg(worker.pid, SIGKILL)` is a power cut.
    """
    with ExitStack() as workers:
        count = 0

        def start(*options: str, **more: str) -> Process:
            nonlocal count
            count += 1
            name = f"test-{count}@localhost"
            command = [sys.executable, "-m", "celery", "-A", "rdma", "worker", "--hostname", name]
            command += ["--concurrency", "1", "--loglevel", "INFO"]
            command += ["--schedule", str(tmp_path / f"clock-{count}"), *options]
            return workers.enter_context(
                running(
                    command,
                    log=tmp_path / f"worker-{count}.log",
                    is_ready=lambda: bool(app.control.ping(destination=[name], timeout=0.3)),
                    env=environment | more,
                    folder=ROOT,
                )
            )

        yield start


@pytest.fixture
def portal(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The portal's address, served by gunicorn; for tests of pages alone, `live_server` does."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    command += ["--worker-tmp-dir", str(tmp_path), "rdma.wsgi"]
    with running(
        command,
        log=tmp_path / "portal.log",
        is_ready=lambda: is_listening(port),
        env=environment,
        folder=ROOT,
    ):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def receiver(environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The port of a running DICOM node, called RDMA."""
    port = free_port()
    with running(
        [sys.executable, "manage.py", "receive"],
        log=tmp_path / "receiver.log",
        is_ready=lambda: is_listening(port) and echoscu(port),
        env=environment | {"DICOM_PORT": str(port), "DICOM_AE_TITLE": "RDMA"},
        folder=ROOT,
    ):
        yield port
