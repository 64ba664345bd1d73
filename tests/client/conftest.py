"""A portal that answers over the network, a person with a token, and a client of theirs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rdma_client import Portal, Wire
from rdma_client.command_line import main

from projects.models import Project, User
from projects.roles import Role
from tests.factories import ProjectFactory, UserFactory
from tests.tokens import token_for

Rdma = Callable[..., int]


@pytest.fixture
def kari(transactional_db: None) -> User:
    return UserFactory(username="kari")


@pytest.fixture
def project(kari: User) -> Project:
    return ProjectFactory(acronym="BICAM", members={kari: Role.DATA_MANAGER})


@pytest.fixture
def token(kari: User) -> str:
    return token_for(kari)[1]


@pytest.fixture
def workers() -> list[Callable[[], None]]:
    """What goes on while the client waits: a test adds what workers would do."""
    return []


@pytest.fixture
def portal(live_server, token: str, workers: list[Callable[[], None]]) -> Portal:
    """The portal as kari's script sees it; waiting lets the workers work."""

    def pause(_: float) -> None:
        for work in workers:
            work()

    return Portal(Wire(live_server.url, token, timeout=30, pause=pause))


@pytest.fixture
def rdma(portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rdma:
    """Type a command in a folder of one's own; return its exit status."""
    monkeypatch.chdir(tmp_path)
    return lambda *typed: main(typed, portal=lambda _: portal)
