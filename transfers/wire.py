"""Talking DICOM as a Storage SCU: one association, files sent as they stand (PS3.4 Annex B).

Files go out in pieces from disk without being decoded. TCP_NODELAY, and TCP_QUICKACK before each
read, keep a peer that delays its acknowledgements from slowing us to some 20 instances a second.
"""

import socket
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from projects.outgoing import HostRefused, checked_addresses
from transfers.errors import Away, CannotTell, NotTaken
from transfers.models import Destination

CONNECT_SECONDS = 10
ANSWER_SECONDS = 120
MOST_CONTEXTS = 128  # PS3.8: context identifiers are odd numbers below 256
OUT_OF_RESOURCES = range(0xA700, 0xA800)
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
VERIFICATION = "1.2.840.10008.1.1"
COMMITMENT = "1.2.840.10008.1.20.1"  # Storage Commitment Push Model, PS3.4 annex J


class Line:
    """An open association with a destination."""

    def __init__(self, association: Any) -> None:
        self.association = association

    def store(self, path: Path) -> int:
        """Send one file; return the status that the peer answered (0: stored).

        Raises Away if the peer went silent or is out of resources, NotTaken if it does not take
        this kind of instance at all.
        """
        try:
            status = self.association.send_c_store(path)
        except ValueError as error:  # no accepted presentation context
            raise NotTaken(
                "The destination does not accept this SOP class in this transfer syntax."
            ) from error
        except (OSError, RuntimeError) as error:
            raise Away("The destination closed the connection.") from error
        code = getattr(status, "Status", None)
        if code is None:
            raise Away("The destination did not answer a C-STORE.")
        if code in OUT_OF_RESOURCES:
            raise Away("The destination is out of resources.")
        return int(code)

    def offers(self, sop_class: str) -> bool:
        """Tell whether the peer accepted a context for a SOP class."""
        return any(
            context.abstract_syntax == sop_class for context in self.association.accepted_contexts
        )

    def find(self, study_uid: str, series_uid: str, sop_uids: Sequence[str] = ()) -> set[str]:
        """Ask by C-FIND which instances of a series are there; all, or those of a list of UIDs.

        Raises CannotTell if the peer does not answer that, Away if it went silent or is out of
        resources. Source: DICOM PS3.4 C.4.1 and C.2.2.2.2 (matching by a list of UIDs).
        """
        from pydicom.dataset import Dataset

        query = Dataset()
        query.QueryRetrieveLevel = "IMAGE"
        query.StudyInstanceUID = study_uid
        query.SeriesInstanceUID = series_uid
        query.SOPInstanceUID = list(sop_uids)
        try:
            answers = list(self.association.send_c_find(query, STUDY_ROOT_FIND))
        except ValueError as error:  # no accepted presentation context
            raise CannotTell("It does not offer C-FIND.") from error
        except (OSError, RuntimeError) as error:
            raise Away("The destination closed the connection.") from error
        code = getattr(answers[-1][0], "Status", None) if answers else None
        if code is None:
            raise Away("The destination did not answer a C-FIND.")
        if code in OUT_OF_RESOURCES:
            raise Away("The destination is out of resources.")
        if code:
            raise CannotTell(f"It answered C-FIND with status 0x{code:04X}.")
        return {
            str(found.SOPInstanceUID) for _, found in answers if found and "SOPInstanceUID" in found
        }

    def act(self, information: Any, action: int, sop_class: str, sop_instance: str) -> int:
        """Send an N-ACTION; return the status that the peer answered (0: it takes it).

        Raises Away if it went silent.
        """
        try:
            status, _ = self.association.send_n_action(information, action, sop_class, sop_instance)
        except (OSError, RuntimeError) as error:
            raise Away("The destination closed the connection.") from error
        code = getattr(status, "Status", None)
        if code is None:
            raise Away("The destination did not answer an N-ACTION.")
        return int(code)

    def has_instance(self, study_uid: str, series_uid: str, sop_uid: str) -> bool | None:
        """Ask by C-FIND whether an instance is there; None if the peer does not answer that."""
        try:
            return sop_uid in self.find(study_uid, series_uid, [sop_uid])
        except (CannotTell, Away):
            return None


@contextmanager
def open_line(
    destination: Destination,
    kinds: Iterable[tuple[str, str]] = (),
    *,
    services: Sequence[str] = (),
    hear: Callable[[Any], tuple[int, None]] | None = None,
    allowed: Sequence[str] | None = None,
) -> Iterator[Line]:
    """Open an association for (SOP class, transfer syntax) pairs, and services besides.

    `hear` takes what the peer reports by itself (N-EVENT-REPORT) and returns a status, and no data
    set; it is called in the association's own thread. `allowed` are the hosts that operations have
    named, where that is another list than settings.DESTINATION_HOSTS. Raises Away if there is no
    association, NotTaken if the peer accepts nothing of what is asked for.
    """
    from pynetdicom import AE, _config, evt

    address = _address(destination, settings.DESTINATION_HOSTS if allowed is None else allowed)
    _config.STORE_SEND_CHUNKED_DATASET = True
    ae = AE(ae_title=settings.DICOM_AE_TITLE)
    ae.connection_timeout = CONNECT_SECONDS
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = ANSWER_SECONDS
    for service in services:
        ae.add_requested_context(service)
    for sop_class, syntax in list(kinds)[: MOST_CONTEXTS - len(services)]:
        ae.add_requested_context(sop_class, syntax)
        # one context per pair: a peer that picks one syntax out of several would refuse the rest
    try:
        with warnings.catch_warnings():
            # pynetdicom leaves a refused socket to the garbage collector
            warnings.simplefilter("ignore", ResourceWarning)
            association = ae.associate(
                address,
                destination.port,
                ae_title=destination.ae_title,
                evt_handlers=[(evt.EVT_N_EVENT_REPORT, hear)] if hear else None,
            )
    except (OSError, RuntimeError) as error:
        raise Away(f"{destination.name} cannot be reached.") from error
    if not association.is_established and association.rejected_contexts:
        raise NotTaken(f"{destination.name} accepts none of these kinds of images.")
    if not association.is_established:
        raise Away(_why_not(destination, association))
    make_prompt(association)
    try:
        yield Line(association)
    finally:
        if association.is_established:
            association.release()


def _address(destination: Destination, allowed: Sequence[str]) -> str:
    """Return the address that was looked at, and that alone is connected to."""
    try:
        return checked_addresses(
            destination.host, destination.port, allowed=allowed, setting="RDMA_DESTINATION_HOSTS"
        )[0]
    except HostRefused as error:
        raise Away(f"{destination.name}: {error}") from error
    except OSError as error:
        raise Away(f"{destination.name} cannot be reached.") from error


def make_prompt(association: Any) -> None:
    """Switch Nagle off, and acknowledge at once before each read."""
    line = association.dul.socket
    if line is None or line.socket is None:
        return
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    quick_ack = getattr(socket, "TCP_QUICKACK", None)
    if quick_ack is None:
        return
    receive: Callable[[int], bytearray] = line.recv

    def receive_promptly(count: int) -> bytearray:
        if line.socket is not None:
            line.socket.setsockopt(socket.IPPROTO_TCP, quick_ack, 1)
        return receive(count)

    line.recv = receive_promptly


def _why_not(destination: Destination, association: Any) -> str:
    if association.is_rejected:
        return (
            f"{destination.name} rejected the association; its administrator may have to allow "
            f"the AE title {settings.DICOM_AE_TITLE}."
        )
    if association.is_aborted:
        return f"{destination.name} cannot be reached or broke off the association."
    return f"{destination.name} cannot be reached."
