"""The empty test database, kept between runs: some sixty migrations take twenty seconds.

What is kept is a dump below `.pytest_cache`, named by the digest of everything that could change
it. A fresh clone has none and migrates, as every installation does.
"""

import hashlib
import subprocess
from pathlib import Path

from django.db import connections

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".pytest_cache" / "schema"
MADE_OF = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "requirements/*", "rdma/*.py")


def restore(binaries: Path, url: str) -> bool:
    """Fill a new test database from the dump; tell whether there was one for these migrations."""
    dump = _dump()
    if not dump.is_file():
        return False
    name: str = connections["default"].creation._get_test_db_name()
    _psql(binaries, url, "--command", f'CREATE DATABASE "{name}"')
    _psql(binaries, _beside(url, name), "--file", str(dump))
    return True


def keep(binaries: Path, url: str) -> None:
    """Dump the freshly migrated test database, in place of older dumps."""
    dump = _dump()
    dump.parent.mkdir(parents=True, exist_ok=True)
    part = dump.with_suffix(f".{url.rpartition(':')[2].split('/')[0]}.part")  # the port: one's own
    address = _beside(url, connections["default"].settings_dict["NAME"])
    subprocess.run([binaries / "pg_dump", "--file", part, address], check=True)
    for older in FOLDER.glob("*.sql"):
        older.unlink(missing_ok=True)
    part.replace(dump)


def _dump() -> Path:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in MADE_OF for path in ROOT.glob(pattern)}):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:32]}.sql"


def _beside(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


def _psql(binaries: Path, url: str, *what: str) -> None:
    command = [binaries / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *what, url]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
