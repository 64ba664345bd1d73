"""The other programs, each in an environment of its own below `.venv/peers`.

They are installed from the committed lists in `benchmarks/peers`, versions and hashes included.
A program that cannot be installed is said in the table; the measurement goes on without it.
To take a newer version:

    echo NAME==VERSION | uv pip compile --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links - -o benchmarks/peers/NAME.txt
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LISTS = HERE / "peers"
PATIENCE = 600  # seconds


def environment(name: str, *, below: Path) -> Path | None:
    """Return the folder of a peer's environment, made if need be; None if that fails.

    Args:
        name: of its list, such as `dicognito`.
        below: the folder that holds all such environments.
    """
    listed = LISTS / f"{name}.txt"
    wanted = digest(listed.read_bytes())
    folder = below / name
    stamp = folder / "installed-from"
    if stamp.is_file() and stamp.read_text() == wanted:
        return folder
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    pip += ["--disable-pip-version-check", "--only-binary", ":all:", "--require-hashes"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [*pip, "--requirement", str(listed)],
    ):
        if not _ran(command):
            return None
    stamp.write_text(wanted)
    return folder


def digest(listed: bytes) -> str:
    """Return what stands in an environment's stamp when it was filled from this list."""
    return hashlib.sha256(listed).hexdigest()


def _ran(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def version(name: str) -> str:
    """Return which version of a peer the committed list names."""
    lines = (LISTS / f"{name}.txt").read_text().splitlines()
    found = (re.match(rf"{re.escape(name)}==([^\s;]+)", line) for line in lines)
    return next(match[1] for match in found if match)
