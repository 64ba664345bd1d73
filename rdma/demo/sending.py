"""Sending files to the node as a modality would: C-STORE under a project's AE title."""

from pathlib import Path

from intake.models import Arrival
from transfers.models import Destination
from transfers.wire import open_line


def send(files: list[Path], *, port: int, called_ae_title: str) -> int:
    """Send files to the node on this machine; return how many it answered for with success.

    Raises Away if the node does not answer.
    """
    from pydicom import dcmread

    node = Destination(
        name="the node of the demo", ae_title=called_ae_title, host="127.0.0.1", port=port
    )
    metas = [dcmread(path, specific_tags=[], stop_before_pixels=True).file_meta for path in files]
    kinds = {(m.MediaStorageSOPClassUID, m.TransferSyntaxUID) for m in metas}
    with open_line(node, sorted(kinds)) as line:
        return sum(line.store(path) == 0 for path in files)


def all_settled(arrivals_before: int) -> bool:
    """Tell whether everything that arrived since is in the catalogue or kept aside."""
    newer = Arrival.objects.filter(pk__gt=arrivals_before)
    return newer.exists() and not newer.filter(ended_at=None).exists()
