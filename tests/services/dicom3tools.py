"""dicom3tools as judges: dciodvfy of one instance, dcentvfy of the instances of one study.

Both tell what breaks the standard. Originals often do; what counts is what came anew.
"""

import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.services.process import executable

PACKAGE = "dicom3tools"
SECONDS = 600
BEGIN = "=== the file"

# What the line is about stays; the values, places and counts in it do not.
_VALUE = re.compile(r"(?<!Element=)(?<!Module=)(?<!attribute )(?<!IE=)<[^>]*>")
_PLACE = re.compile(r"\[\d+\]|\b\d+(?:\.\d+)+\b|(?<=UID) \d+$|\bfor file\b.*$")


def dciodvfy(paths: Sequence[Path]) -> dict[Path, Counter[str]]:
    """Return the errors of each file, as often as they occur, without the values they name."""
    program = executable("dciodvfy", package=PACKAGE)
    loop = f'for file; do echo "{BEGIN} $file"; "{program}" "$file" 2>&1; done; true'
    done = subprocess.run(
        ["/bin/sh", "-c", loop, "sh", *map(str, paths)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=True,
    )
    found: dict[Path, Counter[str]] = {}
    errors: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        if line.startswith(BEGIN):
            errors = found[Path(line.removeprefix(BEGIN + " "))] = Counter()
        elif line.startswith("Error"):
            errors[normalised(line)] += 1
    return found


def dcentvfy(paths: Sequence[Path]) -> Counter[str]:
    """Return what differs between instances that name the same patient, study or series."""
    program = executable("dcentvfy", package=PACKAGE)
    done = subprocess.run(
        [program, *map(str, paths)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )
    lines = (done.stdout + done.stderr).splitlines()
    return Counter(normalised(line) for line in lines if line.startswith("Error"))


def normalised(line: str) -> str:
    """Return a line of either program without the values, places and counts in it."""
    return " ".join(_PLACE.sub("", _VALUE.sub("<>", line)).split())
