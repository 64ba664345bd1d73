"""Measure the tag index at scale: `make bench ARGS=--index`.

    make bench ARGS="--index --series 1000"
    make bench ARGS="--index --write-results"

Rows are made, no files: series of a thousand images each, merged by the portal's own code into a
database of SQLite and one of PostgreSQL, at the sizes asked for; then the three main pages are
asked for. What a series' files cost to read is measured beside it, on generated MR images, against
de-identifying the same.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contenders import ours
from benchmarks.index_database import newest_postgres, postgres, sqlite
from benchmarks.index_report import section
from benchmarks.measure import run
from deidentify.inventory import SeriesInventory

ROOT = Path(__file__).parents[1]
INSTANCES = 1000
PARTICIPANTS = 2000
SERIES = (10_000,)
"""Ten million images, and one million on the way."""
MERGED = 1_000
"""Series that are merged one by one; the others are copies of them (benchmarks/index_copies.py)."""
KINDS = ("ct", "mr")
ROUNDS = 3

Say = Callable[[str], None]


def measured(*, series: Sequence[int], machine: Iterable[tuple[str, str]], say: Say) -> str:
    """Build and time everything; return the section of the results page."""
    outcomes: list[dict[str, Any]] = []
    for count in series:
        with TemporaryDirectory(prefix="bench-index-") as folder:
            say(f"SQLite: {count:,} series of {INSTANCES:,} images")
            outcomes += _built("SQLite", sqlite(Path(folder)), Path(folder), count, say)
        if binaries := newest_postgres():
            with postgres(binaries) as address, TemporaryDirectory() as folder:
                say(f"PostgreSQL: {count:,} series of {INSTANCES:,} images")
                outcomes += _built("PostgreSQL", address, Path(folder), count, say)
        else:
            say("PostgreSQL is not installed: measured on SQLite alone")
    reading = [_reading(kind, say) for kind in KINDS]
    return section(outcomes, reading, machine, instances=INSTANCES)


def _built(name: str, address: str, folder: Path, count: int, say: Say) -> list[dict[str, Any]]:
    """Build an index in a process whose environment names the database; return what it says.

    Where some are copied, it says first what there was before.
    """
    environment = {
        **{name: said for name, said in os.environ.items() if not name.endswith("_FILE")},
        "DATABASE_URL": address,
        "RDMA_DATA_DIR": str(folder),
        "RDMA_DRAW_KEYS": "yes",
        "DJANGO_SETTINGS_MODULE": "rdma.settings",
    }
    merged = min(count, MERGED)
    command = [sys.executable, "-m", "benchmarks.index_build", "--series", str(merged)]
    command += ["--times", str(count // merged), "--instances", str(INSTANCES)]
    command += ["--participants", str(min(PARTICIPANTS, merged // 5))]
    outcomes: list[dict[str, Any]] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if "merged" in said:
                say(f"  {said['merged']:,} merged, {said['last_ms']:.0f} ms each")
            else:
                outcomes.append({"database": name, **said})
                say(f"  {said['instances']:,} images: {said['pages']}")
    if process.returncode:
        raise SystemExit("The index was not built: there is nothing to judge.")
    return outcomes


def _reading(kind: str, say: Say) -> dict[str, Any]:
    """Time the reading of generated files into rows, against de-identifying them."""
    images = 500
    with TemporaryDirectory(prefix="bench-index-") as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        say(f"{kind}: reading {images} images into rows, and de-identifying them")
        command = [sys.executable, "-m", "benchmarks.studies", kind, str(source)]
        command += ["--images", str(images), "--seed", "1"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        key = Path(folder) / "key"
        key.write_bytes(bytes(range(32)))
        taken = run(ours(key).command(source, target), target, cwd=ROOT, expected=images)
        if taken.failed:
            raise SystemExit("The engine did not write every file: there is nothing to judge.")
        files = sorted(path for path in target.rglob("*") if path.is_file())
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            inventory = SeriesInventory()
            for path in files:
                inventory.add(path)
            rows = len(list(inventory.rows()))
            took.append(time.perf_counter() - began)
        return {
            "kind": kind,
            "rows": rows,
            "index_seconds": 1000 / images * statistics.median(took),
            "deidentify_seconds": 1000 / images * taken.seconds,
        }
