"""One series to NIfTI, by dcm2niix in a process of its own.

dcm2niix gets neutral file names and an empty environment, reads no settings of anybody's home and
writes into a scratch folder. It is not asked to compress: its own gzip is slower than packing the
plain .nii, which then also equals what dcm2niix makes by hand, byte for byte.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import dcm2niix
import pydicom

from exports.building.progress import Progress
from exports.names import UNSAFE, Names
from exports.selection import Image

TIME_LIMIT = 3600.0  # seconds a series; the largest known takes two minutes
STEM = "image"
LETTER = re.compile(r"[a-z]")


@dataclass(frozen=True)
class Conversion:
    """What became of one series: files by their names in the package, or the reason why not."""

    folder: str
    images: int
    size: int  # bytes that went in
    files: dict[str, Path] = field(default_factory=dict)
    reason: str = ""


def pack(progress: Progress) -> bool:
    """Convert and pack series by series, as many at a time as there are processors."""
    folder = progress.folder
    with TemporaryDirectory(dir=folder) as scratch, ThreadPoolExecutor(_processors()) as pool:
        ahead = (
            (pool.submit(convert, progress, images, Path(mkdtemp(dir=scratch))), end)
            for images, end in progress.series()
        )
        waiting: deque[tuple[Future[Conversion], int]] = deque(islice(ahead, 2 * _processors()))
        try:
            while waiting:
                future, position = waiting.popleft()
                conversion = future.result()
                _pack_conversion(progress, conversion)
                if not progress.packed(conversion.images, position, conversion.size):
                    break
                waiting.extend(islice(ahead, 1))
        finally:
            pool.shutdown(cancel_futures=True)
    return progress.is_whole


def _processors() -> int:
    return os.cpu_count() or 1


def _pack_conversion(progress: Progress, conversion: Conversion) -> None:
    """Pack what one series became, and clear it away."""
    for name, path in conversion.files.items():
        progress.add_file(f"{conversion.folder}/{name}", path)
        path.unlink()
    if conversion.reason:
        part = "In part: " if conversion.files else ""
        reason = part + conversion.reason
        progress.leave_out(conversion.folder, conversion.images, reason)


def convert(progress: Progress, images: Sequence[Image], scratch: Path) -> Conversion:
    """Convert one series; everything is written below the empty folder `scratch`.

    Raises SourceChanged if a file is gone or is not what was verified. A series that dcm2niix
    makes nothing of is no error: its Conversion has a reason.
    """
    folder = images[0].folder
    source, target = scratch / "in", scratch / "out"
    source.mkdir()
    target.mkdir()
    size = 0
    with ExitStack() as opened:
        for image in images:
            path = opened.enter_context(progress.open(image))
            size += path.stat().st_size
            (source / image.name).symlink_to(path.resolve())
        if not any(_has_pixels(source / image.name) for image in images):
            reason = "It holds no images."
            return Conversion(folder, len(images), size, reason=reason)
        reason = _run(source, target, scratch)
    shutil.rmtree(source)
    files = _named(target, folder.rsplit("/", 1)[-1])
    if not any(name.endswith(".nii") for name in files):
        reason = reason or "dcm2niix made no image of it."
        return Conversion(folder, len(images), size, reason=reason)
    return Conversion(folder, len(images), size, files, reason)


def _has_pixels(path: Path) -> bool:
    """Tell whether an instance has rows of pixels; documents, structures and plans have none."""
    return "Rows" in pydicom.dcmread(path, specific_tags=["Rows"], stop_before_pixels=True)


def _run(source: Path, target: Path, home: Path) -> str:
    """Run dcm2niix; return why it failed, or nothing. What it says is not kept."""
    command = [dcm2niix.bin, "-g", "i", "-d", "0", "-b", "y", "-ba", "y", "-z", "n"]
    command += ["-f", STEM, "-o", str(target), str(source)]
    try:
        done = subprocess.run(
            command,
            env={"HOME": str(home), "LC_ALL": "C"},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "dcm2niix did not end within an hour."
    if done.returncode < 0:
        return "dcm2niix broke off."
    return f"dcm2niix ended with status {done.returncode}." if done.returncode else ""


def _named(target: Path, series: str) -> dict[str, Path]:
    """Return the outputs under the names that they have in the package.

    dcm2niix tells several images of one series apart by what differs (`_e1`, `_ph`), and by a
    letter where nothing does, in the order in which the folder happened to be read. Instead of
    letters they get numbers (`_2`) by content, so that a series always gives the same names.
    """
    suffixes: dict[str, list[Path]] = {}  # of one image: .nii, .json, .bval, .bvec
    for path in sorted(target.iterdir()):
        suffixes.setdefault(path.stem.removeprefix(STEM), []).append(path)
    alike: dict[str, list[str]] = {}
    for suffix in sorted(suffixes):
        is_letter = LETTER.fullmatch(suffix[-1:]) and suffix[:-1] in suffixes
        alike.setdefault(suffix[:-1] if is_letter else suffix, []).append(suffix)
    names = Names()
    named: dict[str, Path] = {}
    for kind, members in alike.items():
        for suffix in sorted(members, key=lambda one: [_digest(path) for path in suffixes[one]]):
            stem = names.give(f"{series}{UNSAFE.sub('_', kind)}")
            named |= {f"{stem}{path.suffix}": path for path in suffixes[suffix]}
    return named


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def converter_version() -> str:
    """Return the name and version of dcm2niix, as it says them itself."""
    command = [dcm2niix.bin, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f"dcm2niix {said.split()[-1]}" if said.split() else "dcm2niix"
