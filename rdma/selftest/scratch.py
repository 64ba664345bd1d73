"""A scratch installation: a database, keys and folders of its own, and gone when it is left.

The hospital's settings do not reach it: every name that rDMA reads from the environment is left
out, and those that say where things lie point into the scratch folder. With a database server, an
empty database is made beside the hospital's and dropped again.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import DatabaseError, connection

OURS = ("RDMA_", "DICOM_", "LDAP_", "EMAIL_", "CELERY_", "DATABASE_", "SECRET_KEY", "DJANGO_")


class NoScratchDatabase(Exception):
    """The database server lets this user make no database; the message says what would help."""


@contextmanager
def scratch_installation(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of an installation below `folder`.

    Raises NoScratchDatabase.
    """
    data = folder / "data"
    data.mkdir(mode=0o700, parents=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with _database(folder) as url:
        # in a file, because the environment of a process can be read by others
        place = folder / "database-url"
        place.touch(mode=0o600)
        place.write_text(url)
        try:
            yield kept | {
                "RDMA_DATA_DIR": str(data),
                "RDMA_DRAW_KEYS": "yes",
                "DATABASE_URL_FILE": str(place),
                "CELERY_BROKER_URL": "filesystem://",
                "RDMA_STUDY_SILENCE_SECONDS": "1",
                "RDMA_DISK_RESERVE_BYTES": "0",  # its packages are small, and gone soon
                "DJANGO_SETTINGS_MODULE": "rdma.settings",
            }
        finally:
            place.unlink()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'data' / 'rdma.sqlite3'}"
        return
    name = f"rdma_selftest_{secrets.token_hex(6)}"
    quoted = connection.ops.quote_name(name)
    with closing(connection.copy()) as server:  # a connection of its own: not in a transaction
        try:
            with server.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {quoted}")
        except DatabaseError as error:
            raise NoScratchDatabase(
                "The database user may not create a database, and the self test does not touch "
                "the one in use. Let the user create databases (ALTER ROLE … CREATEDB), or run "
                "the self test without DATABASE_URL."
            ) from error
        try:
            yield _url(name)
        finally:
            with server.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _url(name: str) -> str:
    """Return the address of another database on the same server."""
    facts = connection.settings_dict
    options = {k: v for k, v in facts.get("OPTIONS", {}).items() if isinstance(v, str)}
    user = quote(facts["USER"], safe="")
    password = quote(facts["PASSWORD"], safe="")
    host, port = quote(facts["HOST"] or "", safe=""), facts["PORT"]
    place = f"{host}:{port}" if port else host
    query = f"?{urlencode(options)}" if options else ""
    return f"postgres://{user}:{password}@{place}/{name}{query}"
