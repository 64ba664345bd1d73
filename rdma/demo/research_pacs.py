"""A Storage SCP that stands in for the research PACS: `python -m rdma.demo.research_pacs PORT DIR`.

It stores what it is sent, overwrites what comes again, and knows nothing else.
"""

import sys
from pathlib import Path
from typing import Any

from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]


def serve(port: int, folder: Path) -> None:
    """Answer on 127.0.0.1 until the process is ended."""
    folder.mkdir(parents=True, exist_ok=True)

    def store(event: Any) -> int:
        beside = folder / f"{event.request.AffectedSOPInstanceUID}.part"
        beside.write_bytes(event.encoded_dataset())
        beside.replace(beside.with_suffix(".dcm"))
        return 0

    ae = AE(ae_title="RESEARCHPACS")
    ae.maximum_associations = 10
    for context in AllStoragePresentationContexts:
        ae.add_supported_context(str(context.abstract_syntax), AllTransferSyntaxes)
    ae.add_supported_context(Verification)
    ae.start_server(("127.0.0.1", port), evt_handlers=[(evt.EVT_C_STORE, store)])


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
