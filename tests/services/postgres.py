"""A PostgreSQL of one's own, wired in as Django's test database.

It is started when the first test asks for the database, and by no other run.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate
from pytest_django.plugin import DjangoDbBlocker

from projects.keyring import DataKey
from tests.services import schema
from tests.services.process import free_port, running

USER = "rdma"
PASSWORD = "only-for-tests"


@dataclass(frozen=True)
class Postgres:
    """Where the server listens; `url(name)` names one of its databases."""

    port: int
    bin: Path

    def url(self, name: str) -> str:
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"


def _newest_bin() -> Path:
    """Return the folder of the newest server: Debian keeps it out of PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[4])
    )
    if found:
        return found[-1].parent
    if elsewhere := shutil.which("postgres"):
        return Path(elsewhere).resolve().parent
    pytest.fail("PostgreSQL is not installed: run `make servers`, or install postgresql.")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A fresh cluster, with every safety against power cuts turned off."""
    binaries = _newest_bin()
    # Not below pytest's own folder: only root may enter that, and PostgreSQL refuses to be root.
    folder = Path(tempfile.mkdtemp(prefix="rdma-postgres-"))
    user = group = None
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user, group = nobody.pw_uid, nobody.pw_gid
        os.chown(folder, user, group)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    port = free_port()
    try:
        subprocess.run(
            [
                *(binaries / "initdb", "--pgdata", folder / "data", "--username", USER),
                *("--auth", "scram-sha-256", f"--pwfile={password}"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            env=env,
            cwd=folder,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
        command = [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1"]
        command += ["-p", str(port), "-k", folder]
        for setting in (
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=60",
            "shared_buffers=64MB",
        ):
            command += ["-c", setting]
        server = Postgres(port=port, bin=binaries)
        with running(
            command,
            log=folder / "log",
            is_ready=lambda: _accepts_connections(server),
            env=env,
            folder=folder,
            user=user,
            group=group,
            stop_signal=signal.SIGINT,  # "fast": ends open connections instead of waiting
        ):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _accepts_connections(server: Postgres) -> bool:
    """Ask the server itself: its port opens before it has recovered."""
    asked = subprocess.run(
        [server.bin / "pg_isready", "-h", "127.0.0.1", "-p", str(server.port)],
        capture_output=True,
        check=False,
    )
    return asked.returncode == 0


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgres: Postgres, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Make the throw-away cluster Django's database, whatever the environment named.

    pytest-django asks for this before it makes the test database. The settings are changed in
    place: Django's connection handler holds the same dictionary.
    """
    default = connections.settings["default"]
    default.clear()
    default.update(dj_database_url.parse(postgres.url("rdma")))
    connections.configure_settings({"default": default})
    if hasattr(connections._connections, "default"):
        connections["default"].close()
        del connections["default"]
    settings.IS_EMBEDDED = False


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, postgres: Postgres) -> bool:
    """Whether the test database is there already, from an earlier run's dump."""
    return schema.restore(postgres.bin, postgres.url("postgres"))


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_keepdb: bool,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Make the test database, and let the keys that its migration drew outlive every flush.

    A test with committed rows ends by emptying all tables. This process would go on with the
    keys it remembers, but the processes of rDMA that later tests start could read nothing.
    """
    if not django_db_keepdb:
        schema.keep(postgres.bin, postgres.url("postgres"))
    with django_db_blocker.unblock():
        drawn = list(DataKey.objects.all())

    def put_back(**_: Any) -> None:
        DataKey.objects.bulk_create(drawn, ignore_conflicts=True)

    projects = apps.get_app_config("projects")
    post_migrate.connect(put_back, sender=projects, weak=False)
