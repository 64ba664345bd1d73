"""Measure packages: `make bench ARGS=--packages`.

    make bench ARGS="--packages --images 1000"
    make bench ARGS="--packages --write-results"

A package is built by the portal's own code from invented CT images that lie in its storage, each
many times, and its bytes are written into one file by `cat` beside it. NIfTI is measured against
dcm2niix started by hand, one process for each core, on the same series.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dcm2niix
import pydicom

from benchmarks.contenders import ours
from benchmarks.packages_report import section
from benchmarks.studies import write_study
from exports.converting.wishes import Wishes
from projects.storage import sync

ROOT = Path(__file__).parents[1]
KIND, FILES = "ct", 1600  # eight series
IMAGES = 4000
LARGE = 19_500  # images of a package of ten gigabytes
ROUNDS = 3
STORED = {"compression": "none"}
CASES: dict[str, dict[str, Any]] = {
    "stored": STORED,
    "compressed": {"compression": "fast"},
    "sealed": {"compression": "none", "is_encrypted": True},
}

Say = Callable[[str], None]


def measured(*, images: int | None, machine: Iterable[tuple[str, str]], say: Say) -> str:
    """Build and time everything; return the section of the results page."""
    count, large = images or IMAGES, LARGE * (images or IMAGES) // IMAGES
    with TemporaryDirectory(prefix="bench-packages-") as folder:
        place = Path(folder)
        say(f"{KIND}: {FILES} images")
        files = _research_copy(place)
        _empty(place)
        cats, rows = [], []
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}: cat, {', '.join(CASES)}")
            cats.append(_cat([files[one % FILES] for one in range(count)], place / "out"))
            for name, specification in CASES.items():
                rows.append({"case": name, **_built(place, count, specification)})
        say(f"{large:,} images, for the memory")
        rows.append({"case": "large", **_built(place, large, STORED)})
        say("NIfTI, and dcm2niix by hand")
        rows += _nifti(place, files, say)
    cat = {name: statistics.median(one[name] for one in cats) for name in cats[0]}
    return section(cat, [_median(rows, name) for name in dict.fromkeys(r["case"] for r in rows)],
                   machine, images=count)  # fmt: skip


def _research_copy(place: Path) -> list[Path]:
    """Make a study, de-identify it into `files`, and return its files in order."""
    write_study(KIND, place / "source", images=FILES, seed=1)
    (place / "key").write_bytes(bytes(range(32)))
    command = ours(place / "key").command(place / "source", place / "deidentified")
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (place / "files").mkdir()
    made = sorted(path for path in (place / "deidentified").rglob("*") if path.is_file())
    for number, path in enumerate(made):
        path.rename(place / "files" / f"{number:06}.dcm")
    return sorted((place / "files").iterdir())


def _median(rows: Sequence[dict[str, Any]], case: str) -> dict[str, Any]:
    """Return the run of a case whose time is the median of its runs."""
    runs = sorted((row for row in rows if row["case"] == case), key=lambda row: row["pack"])
    return runs[len(runs) // 2]


def _cat(files: Sequence[Path], target: Path) -> dict[str, float]:
    """Return the seconds until all files are in one, and until that one is safely on disk."""
    began = time.perf_counter()
    with target.open("wb") as out:
        subprocess.run(["cat", *files], stdout=out, check=True)
        written = time.perf_counter()
        os.fsync(out.fileno())
    synced = time.perf_counter()
    target.unlink()
    return {"written": written - began, "synced": synced - began}


def _built(place: Path, images: int, specification: dict[str, Any]) -> dict[str, Any]:
    """Build a package in a process of its own, in a data folder like new; return what it says."""
    with TemporaryDirectory(prefix="data-", dir=place) as data:
        shutil.copytree(_empty(place), data, dirs_exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.packages_build", str(place / "files")]
        command += ["--images", str(images), "--specification", json.dumps(specification)]
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(data), stdout=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    if said.get("state") != "ready":
        raise SystemExit(f"The package was not built: {said.get('reason', 'see above')}")
    return said


def _empty(place: Path) -> Path:
    """Return a data folder with keys and an empty database, made once."""
    empty = place / "empty"
    if not empty.exists():
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=_environment(str(empty)), check=True)
    return empty


def _environment(data: str) -> dict[str, str]:
    return {
        **{name: said for name, said in os.environ.items() if not name.endswith("_FILE")},
        "DATABASE_URL": f"sqlite:///{data}/rdma.sqlite3",
        "RDMA_DATA_DIR": data,
        "RDMA_DRAW_KEYS": "yes",
        "DJANGO_SETTINGS_MODULE": "rdma.settings",
    }


def _nifti(place: Path, files: Sequence[Path], say: Say) -> list[dict[str, Any]]:
    """Convert the series in a package and by hand, turn by turn."""
    by_series: dict[str, list[Path]] = {}
    for path in files:
        uid = str(pydicom.dcmread(path, specific_tags=["SeriesInstanceUID"]).SeriesInstanceUID)
        by_series.setdefault(uid, []).append(path)
    rows: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        rows.append({"case": "dcm2niix by hand", **_by_hand(place, list(by_series.values()))})
        said = _built(place, len(files), {"format": "nifti", **STORED})
        rows.append({"case": "NIfTI", **said})
        say(f"  by hand {rows[-2]['pack']:.2f} s, in a package {rows[-1]['pack']:.2f} s")
    return rows


def _by_hand(place: Path, series: Sequence[Sequence[Path]]) -> dict[str, Any]:
    """Run dcm2niix on each series, as many at a time as there are cores, with the same options."""
    with TemporaryDirectory(prefix="by-hand-", dir=place) as folder:
        commands = []
        for number, paths in enumerate(series):
            source, target = Path(folder, f"in{number}"), Path(folder, f"out{number}")
            source.mkdir()
            target.mkdir()
            for path in paths:
                (source / path.name).symlink_to(path)
            flags = [*Wishes().flags, "-f", "image", "-o", str(target)]
            commands.append([dcm2niix.bin, *flags, str(source)])
        began = time.perf_counter()
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(_quietly, commands))
        for path in Path(folder).glob("out*/*"):
            sync(path)  # as a package is
        took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).glob("out*/*"))
    source_size = sum(path.stat().st_size for paths in series for path in paths)
    return {"pack": took, "bytes": source_size, "size": size}


def _quietly(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
