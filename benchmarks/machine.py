"""What the figures were measured on: processor, memory, kernel, file system and versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.places import file_system
from deidentify.version import ENGINE, VERSION


def described(place: Path) -> list[tuple[str, str]]:
    """Return the machine in pairs of words and facts; no name and no path of it among them.

    Ask before the measuring: how busy the machine is with other things is one of the facts.

    Args:
        place: where the files that are measured lie.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        ("Processor", f"{_processor()}, {os.cpu_count()} cores, {platform.machine()}"),
        ("Memory", f"{memory:.0f} GiB"),
        ("Busy", f"load {os.getloadavg()[0]:.1f} before the run, which adds about 1 of its own"),
        ("Kernel", f"{platform.system()} {platform.release()}"),
        ("Files on", file_system(place)),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Engine", f"{ENGINE} {VERSION}"),
        ("Naive pydicom", f"pydicom {version('pydicom')}"),
    ]


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    for line in listed.read_text().splitlines() if listed.is_file() else []:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or "unknown processor"
