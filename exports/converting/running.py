"""dcm2niix in processes of its own: bounded in time and memory, killed when nobody wants it.

It gets neutral file names and an empty environment, reads no settings of anybody's home and writes
into a scratch folder. What it says is looked through for one complaint, since it ends with status
0 on a full disk too, and is kept nowhere: it quotes headers.
"""

import errno
import re
import resource
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import IO

import dcm2niix

TIME_LIMIT = 3600.0  # seconds a series; the largest known takes two minutes
MEMORY = 3 << 30  # bytes a series, and
MEMORY_FOLD = 40  # so many times what went in: compressed images grow by that much and no more
STEM = "image"
LINE = 4096  # bytes of what it says that are looked at together
UNWRITTEN = re.compile(rb"(Error: |Warning: )?Unable to write ")  # as a line begins: not a header


class Converter:
    """Runs dcm2niix for several threads; `stop` ends all that still run."""

    def __init__(self, flags: Sequence[str]) -> None:
        self.flags = list(flags)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._is_stopped = False

    def run(self, source: Path, target: Path, *, home: Path, size: int) -> str:
        """Convert what lies in `source` into `target`; return why it failed, or nothing.

        `size` is how many bytes lie there; `home` an empty folder that it may take for its home.
        Raises OSError if it had no room to write what it made.
        """
        command = [dcm2niix.bin, *self.flags, "-f", STEM, "-o", str(target), str(source)]
        with self._lock:
            if self._is_stopped:
                return "The conversion was stopped."
            process = subprocess.Popen(
                command,
                env={"HOME": str(home), "LC_ALL": "C"},
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self._running.add(process)
        # A timer, since waiting with a time limit asks twenty times a second instead of waiting.
        killer = Timer(TIME_LIMIT, process.kill)
        killer.daemon = True
        killer.start()
        try:
            with process:
                _bound(process, MEMORY + MEMORY_FOLD * size)
                is_full = _lacks_room(process.stdout)
            status = process.returncode
        finally:
            is_late = not killer.is_alive()
            killer.cancel()
            with self._lock:
                self._running.discard(process)
        if is_full:
            raise OSError(errno.ENOSPC, "dcm2niix could not write what it made")
        if is_late:
            return "dcm2niix did not end within an hour."
        if status < 0:
            return "dcm2niix broke off."
        return f"dcm2niix ended with status {status}." if status else ""

    def stop(self) -> None:
        """Kill what runs, and start nothing any more."""
        with self._lock:
            self._is_stopped = True
            for process in self._running:
                process.kill()


def _lacks_room(said: IO[bytes] | None) -> bool:
    """Read to its end what dcm2niix says; tell whether it could not write a file."""
    lines = iter(lambda: said.readline(LINE), b"") if said else ()
    return sum(UNWRITTEN.match(line) is not None for line in lines) > 0


def _bound(process: "subprocess.Popen[bytes]", memory: int) -> None:
    """Bound the memory of a process that has just begun; it may be done already."""
    try:
        resource.prlimit(process.pid, resource.RLIMIT_AS, (memory, memory))
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
    except ProcessLookupError:
        return


@cache
def converter_version() -> str:
    """Return the name and version of dcm2niix, as it says them itself."""
    command = [dcm2niix.bin, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f"dcm2niix {said.split()[-1]}" if said.split() else "dcm2niix"
