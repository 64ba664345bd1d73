"""A Redis of one's own: the broker of workers that run as processes."""

from collections.abc import Iterator

import pytest

from tests.services.process import executable, free_port, is_listening, running


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty Redis that keeps nothing on disk and evicts nothing."""
    folder = tmp_path_factory.mktemp("redis")
    port = free_port()
    command = [executable("redis-server", package="redis-server"), "--port", str(port)]
    command += ["--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    command += ["--maxmemory-policy", "noeviction"]
    with running(command, log=folder / "log", is_ready=lambda: is_listening(port)):
        yield f"redis://127.0.0.1:{port}/0"
