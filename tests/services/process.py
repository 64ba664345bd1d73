"""Start a server for the tests, wait until it answers, and stop it by its process id.

Every server listens on 127.0.0.1 and a free port, and keeps its files in a temporary folder of
its own. A server that is not installed, or does not come up, fails the test in a sentence: it
never skips it.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Below the range that Linux gives to outgoing connections, so that none of ours can take the
# port between the moment it was found free and the moment the server listens on it. Tests that
# run in several processes at once (gw0, gw1, ...) have a share each, for the same reason.
SHARES = 4
SHARE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
PORTS = range(20_000 + SHARE, 32_000, SHARES)


class DidNotStart(Exception):
    """A server ended, or did not answer in time; the message holds the end of its log."""


def executable(name: str, *, package: str) -> str:
    """Return the path of a program, or fail the test and name its Debian package."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.fail(f"{name} is not installed: run `make servers`, or install {package}.")
    return path


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listens on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DidNotStart("No free port on 127.0.0.1 was found in a hundred tries.")


def is_listening(port: int) -> bool:
    """Say whether somebody answers on a port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
    except OSError:
        return False
    return True


def wait_until(
    condition: Callable[[], object], *, seconds: float = START_SECONDS, what: str
) -> None:
    """Ask again and again until `condition` holds; fail the test when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(0.02)


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    is_ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: int | None = None,
    group: int | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server as long as the block lasts.

    The server leads a process group of its own, so that what it started ends with it even
    when it does not heed `stop_signal`.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=folder,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            start_new_session=True,
        )
    try:
        _wait_for_start(process, is_ready, log)
        yield process
    finally:
        _stop(process, stop_signal)


def _wait_for_start(
    process: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], log: Path
) -> None:
    end = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None:
            reason = f"ended with status {process.returncode}"
        elif time.monotonic() > end:
            reason = f"did not answer within {START_SECONDS:g} s"
        else:
            time.sleep(0.02)
            continue
        name = Path(str(process.args[0])).name  # type: ignore[index]
        raise DidNotStart(f"{name} {reason}. Its log ends:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _stop(process: "subprocess.Popen[bytes]", stop_signal: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)  # the group outlives its leader
    except ProcessLookupError:
        pass
    process.wait()
