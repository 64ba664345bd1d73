"""DCMTK's programs as peers: a Storage SCP to send to, and SCUs that send and ask.

They are the judges of what goes over the wire: nothing of pynetdicom is in them.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services.process import executable, free_port, is_listening, running

PACKAGE = "dcmtk"
SCU_SECONDS = 120


@dataclass(frozen=True)
class StorageScp:
    """A running storescp."""

    ae_title: str
    port: int
    folder: Path

    def received(self) -> list[Path]:
        """Return the files it has stored, in the order of their names."""
        return sorted(self.folder.iterdir())


@pytest.fixture
def start_storescp(tmp_path: Path) -> Iterator[Callable[..., StorageScp]]:
    """Start Storage SCPs as the test needs them; all end with it.

    `start_storescp(ae_title="PACS", port=None)` takes every storage SOP class and transfer
    syntax, and writes the data sets bit for bit as they arrive. With `port`, a destination that
    was away comes back where it is expected.
    """
    with ExitStack() as servers:

        def start(*, ae_title: str = "PACS", port: int | None = None) -> StorageScp:
            port = port or free_port()
            folder = tmp_path / f"storescp-{port}"
            folder.mkdir(exist_ok=True)
            command = [executable("storescp", package=PACKAGE), "--fork", "--aetitle", ae_title]
            command += ["--output-directory", str(folder), "--bit-preserving", "+xa", str(port)]
            log = tmp_path / f"storescp-{port}.log"
            servers.enter_context(running(command, log=log, is_ready=lambda: is_listening(port)))
            return StorageScp(ae_title=ae_title, port=port, folder=folder)

        yield start


@pytest.fixture
def storescp(start_storescp: Callable[..., StorageScp]) -> StorageScp:
    """One Storage SCP, called PACS."""
    return start_storescp()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[StorageScp]:
    """An archive (dcmqrscp), called ARCHIVE: it stores, and answers C-FIND from its index."""
    port, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    configuration = tmp_path / "dcmqrscp.cfg"
    configuration.write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nARCHIVE {folder} RW (100, 1024mb) ANY\nAETable END\n"
    )
    command = [executable("dcmqrscp", package=PACKAGE), "--config", str(configuration)]
    log = tmp_path / "dcmqrscp.log"
    with running(command, log=log, is_ready=lambda: is_listening(port)):
        yield StorageScp(ae_title="ARCHIVE", port=port, folder=folder)


def echoscu(port: int, *, called: str = "RDMA", calling: str = "ECHOSCU") -> bool:
    """Send a C-ECHO; say whether it was answered."""
    return _scu("echoscu", "-aec", called, "-aet", calling, "127.0.0.1", str(port)).returncode == 0


def dcmsend(
    port: int, *sources: Path, called: str = "RDMA", calling: str = "DCMSEND"
) -> "subprocess.CompletedProcess[str]":
    """Send files, and folders with all below them, by C-STORE, without changing their syntax.

    The status is 0 only when every file was accepted; a file that is no DICOM fails the call.
    """
    options = ["--scan-directories", "--recurse", "--decompress-never", "--verbose"]
    paths = [str(source) for source in sources]
    return _scu(
        "dcmsend", *options, "-aec", called, "-aet", calling, "127.0.0.1", str(port), *paths
    )


def findscu(
    port: int, *keys: str, called: str, calling: str = "FINDSCU", model: str = "--study"
) -> "subprocess.CompletedProcess[str]":
    """Ask by C-FIND; each key is `tag` or `tag=value`, as findscu writes them."""
    options = [model, "-aec", called, "-aet", calling]
    for key in keys:
        options += ["--key", key]
    return _scu("findscu", *options, "127.0.0.1", str(port))


def _scu(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [executable(name, package=PACKAGE), *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SCU_SECONDS,
        check=False,
    )
