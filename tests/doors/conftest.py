"""One world for all the tests of a file: made once, and rolled back after each request."""

import logging
import shutil
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.doors.knocking import House
from tests.doors.people import ANONYMOUS, FORMER, close_account
from tests.doors.world import World, make_world


@pytest.fixture(autouse=True)
def _own_folder() -> None:
    """Stand in for the folder that every other test gets anew: the world has one for all."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The data folder of this file's tests."""
    folder = tmp_path_factory.mktemp("doors")
    data = folder / "data"
    for name in ("scratch", "static"):
        (data / name).mkdir(parents=True)
    with override_settings(
        RDMA_DATA_DIR=data,
        FILE_UPLOAD_TEMP_DIR=str(data / "scratch"),
        STATIC_ROOT=data / "static",
        DIRECTORY="there is one",
    ):
        logging.disable(logging.CRITICAL)  # thousands of refusals, each with where it came from
        yield House(data, folder / "backup")
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    house: House,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Two projects with everything in them, in a transaction that is never saved."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_world(tmp_path_factory.mktemp("arriving"))
        shutil.copytree(house.folder, house.backup)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Client]:
    """Everybody's browser, signed in; the former member's account was closed afterwards."""
    clients = {ANONYMOUS: Client(raise_request_exception=False)}
    for name, user in world.people.items():
        clients[name] = Client(raise_request_exception=False)
        clients[name].force_login(user, "projects.directory.local.LocalBackend")
    close_account(world.people[FORMER])
    return clients
