"""Orthanc with its DICOMweb plugin: a whole PACS to deliver to and to read back from."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.services.process import executable, free_port, is_listening, running

AE_TITLE = "ORTHANC"
USER, PASSWORD = "tests", "only-for-tests"
DICOMWEB_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


@dataclass(frozen=True)
class Orthanc:
    """A running Orthanc: its DICOM node, and its REST interface to look at what arrived."""

    http_port: int
    dicom_port: int
    ae_title: str = AE_TITLE

    def get(self, path: str) -> Any:
        """Return what its REST interface answers at `path`, decoded from JSON."""
        return json.loads(self._ask("GET", path))

    def file(self, instance: str) -> bytes:
        """Return one instance as a DICOM file, by Orthanc's own identifier."""
        return self._ask("GET", f"/instances/{instance}/file")

    def instances(self) -> list[dict[str, Any]]:
        """Return what Orthanc knows of every instance it holds."""
        found: list[dict[str, Any]] = self.get("/instances?expand")
        return found

    def empty(self) -> None:
        """Delete everything it holds."""
        for patient in self.get("/patients"):
            self._ask("DELETE", f"/patients/{patient}")

    def _ask(self, method: str, path: str) -> bytes:
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http_port}{path}",
            method=method,
            headers={"Authorization": f"Basic {token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content


@contextmanager
def running_orthanc(
    folder: Path, *, overwrites: bool, commits_to: int | None = None
) -> Iterator[Orthanc]:
    """Run an Orthanc as long as the block lasts.

    With `overwrites`, an instance that arrives again replaces the one that is there; without,
    the first stays, as Orthanc does by default. `commits_to` is the port of a node called RDMA
    that it answers storage commitment to.
    """
    if not DICOMWEB_PLUGIN.exists():
        pytest.fail("Orthanc's DICOMweb is not installed: run `make servers`.")
    server = Orthanc(http_port=free_port(), dicom_port=free_port())
    configuration = {
        "Name": "tests",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": server.http_port,
        "DicomPort": server.dicom_port,
        "DicomAet": server.ae_title,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "OverwriteInstances": overwrites,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "Plugins": [str(DICOMWEB_PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    if commits_to is not None:
        node = {"AET": "RDMA", "Host": "127.0.0.1", "Port": commits_to}
        configuration["DicomModalities"] = {"rdma": node | {"AllowStorageCommitment": True}}
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    command = [executable("Orthanc", package="orthanc"), folder / "orthanc.json"]

    def is_ready() -> bool:
        return is_listening(server.http_port) and is_listening(server.dicom_port)

    with running(command, log=folder / "log", is_ready=is_ready):
        yield server


@pytest.fixture(scope="session")
def orthanc_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """One Orthanc that overwrites, for the whole test run; use `orthanc`."""
    with running_orthanc(tmp_path_factory.mktemp("orthanc"), overwrites=True) as server:
        yield server


@pytest.fixture
def orthanc(orthanc_process: Orthanc) -> Orthanc:
    """An Orthanc that overwrites, empty at the start of the test."""
    orthanc_process.empty()
    return orthanc_process
