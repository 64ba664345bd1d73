"""Running one process to its end: how long it took, how large it grew, and what it left.

Imports nothing heavy, and nothing that does: the peak memory of a child begins with that of the
process that started it.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 900  # seconds
BLOCK = 256 * 1024
LAST_WORDS = 400  # bytes
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True)
class Taken:
    """What one process took.

    Args:
        seconds: from its start to its end.
        peak: bytes of memory of the largest process among it and its children.
        files: how many it left in the target.
        failed: why its time counts for nothing; empty if it does.
        said: the end of what it printed; may name places of this machine.
    """

    seconds: float
    peak: int
    files: int
    failed: str = ""
    said: str = ""


def run(command: Sequence[str], target: Path, *, cwd: Path, expected: int) -> Taken:
    """Run a command that fills `target`, which is there and empty when it starts.

    Args:
        command: program and arguments.
        target: made anew before; the caller removes it.
        cwd: where the command starts.
        expected: how many files it is to leave.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    # Where the environment forbids bytecode, a program that was never compiled would be compiled
    # in every run that is timed; an installed one is not.
    environment = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.start()
        try:
            # Popen would reap the child without saying how large it was.
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            alarm.cancel()
        seconds = time.perf_counter() - start
        output.seek(max(0, output.tell() - LAST_WORDS))
        said = output.read().decode(errors="replace").strip()
    process.returncode = os.waitstatus_to_exitcode(status)
    files = sum(path.is_file() for path in target.rglob("*"))
    failed = ""
    if seconds >= PATIENCE:
        failed = f"took more than {PATIENCE} s"
    elif process.returncode:
        failed = f"ended with status {process.returncode}"
    elif files != expected:
        failed = f"left {files} files of {expected}"
    return Taken(seconds, usage.ru_maxrss * 1024, files, failed, said)


def naming(target: Path, terms: Sequence[bytes]) -> int:
    """Return how many files below `target` hold one of the terms as it stands."""
    return sum(_names(path, terms) for path in target.rglob("*") if path.is_file())


def _names(path: Path, terms: Sequence[bytes]) -> bool:
    """Look block by block: who has once held a large file stays large in the kernel's eyes."""
    overlap = max(map(len, terms)) - 1
    last = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            content = last + block
            if any(term in content for term in terms):
                return True
            last = content[-overlap:]
    return False
