"""The processes of an installation, started and ended with the demo."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings

START_SECONDS = 60
STOP_SECONDS = 15


class NotStarted(Exception):
    """A process of the demo did not come up; the message says which, and where its log is."""


class Processes:
    """Subprocesses with a log file each, ended in reverse order."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.stack = ExitStack()
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Processes":
        self.stack.enter_context(unwound_when_ended())
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def start(self, name: str, *command: str, port: int | None = None) -> subprocess.Popen[bytes]:
        """Start a Python command; wait until its port answers, if it has one."""
        process = self.stack.enter_context(_running([sys.executable, *command], self._log(name)))
        if port is not None:
            self._wait_for(name, process, port)
        return process

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _wait_for(self, name: str, process: subprocess.Popen[bytes], port: int) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                return
            time.sleep(0.1)
        raise NotStarted(f"The {name} did not start; its log is {self._log(name)}.")


@contextlib.contextmanager
def unwound_when_ended() -> Iterator[None]:
    """Let `kill` and a closed terminal unwind as Ctrl-C does, so that no process outlives us."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


@contextlib.contextmanager
def _running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    try:
        yield process
    finally:
        end(process, within=STOP_SECONDS)


def end(process: "subprocess.Popen[Any]", *, within: float) -> None:
    """Ask a process to end, and kill it if it has not ended within these seconds."""
    process.terminate()
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port(preferred: int = 0) -> int:
    """Return a port of this machine that nobody uses, the preferred one if it is free."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise NotStarted("No port of this machine is free.")
