"""A Storage SCP that stands in for the research PACS: `python -m rdma.demo.research_pacs PORT DIR`.

It stores what it is sent, overwrites what comes again, says by C-FIND which instances of a series
it has, and knows nothing else.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

PENDING = 0xFF00


def serve(port: int, folder: Path) -> None:
    """Answer on 127.0.0.1 until the process is ended."""
    folder.mkdir(parents=True, exist_ok=True)
    index = read_index(folder)

    def store(event: Any) -> int:
        beside = folder / f"{event.request.AffectedSOPInstanceUID}.part"
        beside.write_bytes(event.encoded_dataset())
        beside.replace(beside.with_suffix(".dcm"))
        add(index, beside.with_suffix(".dcm"))
        return 0

    def find(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        wanted = asked.get("SOPInstanceUID") or []
        wanted = {wanted} if isinstance(wanted, str) else set(wanted)
        listed = index[asked.get("StudyInstanceUID"), asked.get("SeriesInstanceUID")]
        for uid in sorted(listed & wanted if wanted else listed):
            found = Dataset()
            found.QueryRetrieveLevel = "IMAGE"
            found.SOPInstanceUID = uid
            yield PENDING, found

    ae = AE(ae_title="RESEARCHPACS")
    ae.maximum_associations = 10
    for context in AllStoragePresentationContexts:
        ae.add_supported_context(str(context.abstract_syntax), AllTransferSyntaxes)
    ae.add_supported_context(Verification)
    ae.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    handlers: list[Any] = [(evt.EVT_C_STORE, store), (evt.EVT_C_FIND, find)]
    ae.start_server(("127.0.0.1", port), evt_handlers=handlers)


def read_index(folder: Path) -> dict[Any, set[str]]:
    """Read which instances of which series lie in the folder, by (study, series)."""
    index: dict[Any, set[str]] = defaultdict(set)
    for path in folder.glob("*.dcm"):
        add(index, path)
    return index


def add(index: dict[Any, set[str]], path: Path) -> None:
    """Note one instance."""
    tags = ["StudyInstanceUID", "SeriesInstanceUID"]
    header = dcmread(path, stop_before_pixels=True, specific_tags=tags)
    index[header.StudyInstanceUID, header.SeriesInstanceUID].add(path.stem)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
