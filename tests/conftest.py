"""What every test has: a folder of its own, keys for tests, and no network but this machine.

The servers are in `tests/services`; each starts when the first test asks for it.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.services.network import close_network

pytest_plugins = [
    "tests.doors.tally",
    "tests.services.postgres",
    "tests.services.redis",
    "tests.services.dcmtk",
    "tests.services.orthanc",
    "tests.services.chromium",
    "tests.services.rdma_processes",
    "tests.services.sshd",
    "tests.services.slapd",
]

# One for the whole run: what a migration wraps with it must open in every test.
MASTER_KEY = "the master key of the tests, which protects nothing"


def pytest_configure(config: pytest.Config) -> None:
    """Leave nothing to what the developer has configured for real work."""
    from rdma.celery import app  # needs the settings, which pytest-django has loaded by now

    django_settings.RDMA_MASTER_KEY = MASTER_KEY
    django_settings.SECRET_KEY = "the signing key of the tests, which protects nothing"
    # Celery prefers this name to its own configuration.
    os.environ.pop("CELERY_BROKER_URL", None)
    app.conf.broker_url = "memory://"
    app.conf.broker_transport_options = {}
    close_network()


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give each test a data folder of its own, and take it away again: packages are large.

    How much is free on the disk of whoever runs the tests is no business of theirs.
    """
    data = tmp_path_factory.mktemp("rdma-data")
    (data / "scratch").mkdir()
    settings.RDMA_DATA_DIR = data
    settings.CREDENTIALS_DIR = data / "credentials"
    settings.CREDENTIALS_DIR.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(data / "scratch")
    settings.STATIC_ROOT = data / "static"
    settings.STATIC_ROOT.mkdir()
    settings.DISK_RESERVE_BYTES = 0
    yield
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of freely licensed studies: RDMA_TEST_DATA, or `shared/data` beside the house."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("RDMA_TEST_DATA", default))
    if not folder.is_dir():
        pytest.fail("The test studies are not there: set RDMA_TEST_DATA to their folder.")
    return folder
