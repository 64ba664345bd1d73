"""The processes of the demo end with it, however it is ended."""

import os
import signal

import pytest

from rdma.demo.processes import Processes, free_port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_demo_that_is_killed_takes_its_processes_along(tmp_path, number):
    port = free_port()
    started = []

    def be_killed() -> None:
        with Processes(tmp_path) as processes:
            started.append(processes.start("server", "-m", "http.server", str(port), port=port))
            os.kill(os.getpid(), number)

    with pytest.raises(SystemExit) as ended:
        be_killed()

    assert ended.value.code == 128 + number
    assert started[0].poll() is not None
