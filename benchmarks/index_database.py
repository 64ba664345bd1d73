"""Databases to build an index in: a file of SQLite, and a PostgreSQL of the bench's own."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

USER = "bench"
PATIENCE = 30
"""Seconds that a server gets to start."""


def sqlite(folder: Path) -> str:
    """Return the address of a database in a folder."""
    return f"sqlite:///{folder / 'index.sqlite3'}"


def newest_postgres() -> Path | None:
    """Return the folder of the newest server's programs, None if there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[4])
    )
    if found:
        return found[-1].parent
    elsewhere = shutil.which("postgres")
    return Path(elsewhere).resolve().parent if elsewhere else None


@contextmanager
def postgres(binaries: Path) -> Iterator[str]:
    """Run a server of its own on a free port; gives the address of an empty database.

    Settings are a server's usual ones but for what guards against a power cut.
    """
    folder = Path(mkdtemp(prefix="bench-postgres-"))
    user = None
    if os.geteuid() == 0:  # it refuses to be root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = nobody.pw_uid
    port = _free_port()
    server = None
    try:
        _run(
            [binaries / "initdb", "-D", folder / "data", "-U", USER, "--auth", "trust"],
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"), cwd=folder, user=user,
        )  # fmt: skip
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port),
             "-k", folder, "-c", "fsync=off", "-c", "full_page_writes=off",
             "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"],
            cwd=folder, user=user, extra_groups=None if user is None else [],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _wait(binaries, port)
        _run([binaries / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, "index"])
        yield f"postgres://{USER}@127.0.0.1:{port}/index"
    finally:
        if server is not None:
            server.terminate()
            server.wait(timeout=PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    command: list[str | Path], *more: str, cwd: Path | None = None, user: int | None = None
) -> None:
    groups: list[int] | None = None if user is None else []
    subprocess.run(
        [*(str(part) for part in command), *more],
        check=True,
        cwd=cwd,
        user=user,
        extra_groups=groups,
        stdout=subprocess.DEVNULL,
    )


def _wait(binaries: Path, port: int) -> None:
    asking = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + PATIENCE
    while subprocess.run(asking, stdout=subprocess.DEVNULL, check=False).returncode:
        if time.monotonic() > until:
            raise SystemExit("PostgreSQL did not start.")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
