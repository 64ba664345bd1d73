"""Where the files of a measurement lie: in memory if the machine has such a file system."""

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")


def in_memory(needed: int) -> Path | None:
    """Return the folder of the file system in memory; None stands for the usual temporary one.

    Args:
        needed: bytes that must fit; in a container that folder is often tiny.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= needed:
        return MEMORY
    return None


def file_system(place: Path) -> str:
    """Return the kind of file system `place` lies on, "unknown" if the kernel does not say."""
    best = ("", "unknown")
    mounts = Path("/proc/mounts")
    lines = mounts.read_text().splitlines() if mounts.is_file() else []
    for line in lines:
        _, point, kind, *_ = line.split()
        if place.resolve().is_relative_to(point) and len(point) > len(best[0]):
            best = (point, kind)
    return best[1]
