"""A folder of links to the images of a series, under neutral names, for dcm2niix to read.

It lies in memory where the system has room for that: on a disk, each link costs more than dcm2niix
takes to read the image behind it. A link holds no data, and tells nothing but where the storage
keeps an image.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - folders in it are private (0700) and hold links only
PREFIX = "rdma-links-"


@contextmanager
def links_folder(otherwise: Path) -> Iterator[Path]:
    """Give an empty folder for links, and take it away again; `otherwise` is where, on a disk."""
    _clear_away_the_dead()
    folder = Path(mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_place(otherwise)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(otherwise: Path) -> Path:
    return IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else otherwise


def _clear_away_the_dead() -> None:
    """Take away what workers of this user left behind that were killed."""
    for folder in IN_MEMORY.glob(f"{PREFIX}*-*"):
        process = folder.name.removeprefix(PREFIX).split("-")[0]
        if process.isdecimal() and not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)
