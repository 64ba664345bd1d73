"""The DICOM node: a Storage SCP that answers success once a file is safely on disk.

It also hears what archives answer when they were asked to commit to what was sent on to them.

Each association writes into a batch of its own; a thread catalogues what lies in the batches,
slice by slice, so that nobody waits for the database with an association open. What is in a batch
when the process is killed is found by the next one.

Source: DICOM PS3.4 annex B (Storage) and annex J (Storage Commitment), PS3.7 section 9.1.1
(C-STORE) and 10.1.1 (N-EVENT-REPORT), PS3.8.
"""

import logging
import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.db import connection
from pynetdicom import AE, _config, evt
from pynetdicom.dsutils import encode_file_meta

from intake.arrivals import Batch, Origin
from intake.cataloguer import Cataloguer
from intake.commitments import file_report
from intake.models import Door
from projects.models import Project

log = logging.getLogger(__name__)

VERIFICATION = "1.2.840.10008.1.1"
COMMITMENT = "1.2.840.10008.1.20.1"
SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000
PROCESSING_FAILURE = 0x0110
CALLED_AE_NOT_RECOGNISED = (0x01, 0x01, 0x07)  # PS3.8 table 9-21: rejected permanent
MOST_ASSOCIATIONS = 50
GRACE_SECONDS = 3.0  # how long associations may go on after the order to stop
PREAMBLE = b"\0" * 128 + b"DICM"


class Receiver:
    """A running node. `stop` returns when everything received is in the catalogue."""

    def __init__(self, *, host: str, port: int, ae_title: str) -> None:
        self.address = (host, port)
        self.ae_title = ae_title
        self.cataloguer = Cataloguer()
        self.batches: dict[Any, Batch] = {}
        self.in_hand = 0
        self.is_ending = False
        self.guard = threading.Lock()
        self.server: Any = None

    def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        # Every SOP class that is offered is taken as one of storage, private ones too.
        _config.UNRESTRICTED_STORAGE_SERVICE = True
        ae = AE(ae_title=self.ae_title)
        ae.maximum_associations = MOST_ASSOCIATIONS
        ae.maximum_pdu_size = 0
        ae.network_timeout = 120
        ae.add_supported_context(VERIFICATION)
        # the peer calls us in its role as SCP of storage commitment (PS3.4 J.3.3)
        ae.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
        self.cataloguer.start()
        self.server = ae.start_server(
            self.address,
            block=False,
            evt_handlers=[
                (evt.EVT_CONN_OPEN, quicken),
                (evt.EVT_REQUESTED, self.check_called_ae_title),
                (evt.EVT_C_STORE, self.store),
                (evt.EVT_N_EVENT_REPORT, hear_commitment),
                (evt.EVT_CONN_CLOSE, self.close),
            ],
        )

    def check_called_ae_title(self, event: Any) -> None:
        """Reject an association that calls a title that is none of ours, where some are set."""
        called = event.assoc.requestor.primitive.called_ae_title.strip()
        if is_answered(called, own=self.ae_title):
            return
        log.warning("An association called an AE title that is not configured; it was rejected.")
        event.assoc.acse.send_reject(*CALLED_AE_NOT_RECOGNISED)
        event.assoc.kill()

    def store(self, event: Any) -> int:
        """Write one instance as it came; return the status of the C-STORE response."""
        with self.guard:
            if self.is_ending:
                return OUT_OF_RESOURCES
            self.in_hand += 1
        try:
            batch = self._batch(event.assoc)
            meta = PREAMBLE + encode_file_meta(event.file_meta)
            batch.add((meta, event.encoded_dataset(include_meta=False)))
        except OSError:
            log.exception("A received instance could not be written; its sender was told so.")
            return OUT_OF_RESOURCES
        except ValueError:
            log.warning("A C-STORE request named its instance in a way that cannot be written.")
            return CANNOT_UNDERSTAND
        finally:
            with self.guard:
                self.in_hand -= 1
        self.cataloguer.wake(batch)
        return SUCCESS

    def close(self, event: Any) -> None:
        """Say that nothing more comes over this association."""
        batch = self.batches.pop(event.assoc, None)
        if batch is not None:
            self.cataloguer.close(batch)

    def stop(self) -> None:
        """Take no new association, finish the instances in hand, and catalogue the rest."""
        self.server.shutdown()
        associations = self.server.active_associations
        end = time.monotonic() + GRACE_SECONDS
        while any(one.is_alive() for one in associations) and time.monotonic() < end:
            time.sleep(0.05)
        with self.guard:
            self.is_ending = True
        while self.in_hand:
            time.sleep(0.02)
        time.sleep(0.1)  # the last responses are on their way
        for association in associations:
            association.abort()
        for batch in list(self.batches.values()):
            self.cataloguer.close(batch)
        self.cataloguer.stop()

    def _batch(self, association: Any) -> Batch:
        """Return the batch of an association; only its own thread asks for it."""
        batch = self.batches.get(association)
        if batch is None:
            requestor = association.requestor
            batch = Batch.create(
                Origin(
                    door=Door.DICOM,
                    calling_ae_title=requestor.ae_title.strip(),
                    called_ae_title=requestor.primitive.called_ae_title.strip(),
                    peer_address=requestor.address,
                )
            )
            self.batches[association] = batch
        return batch


def is_answered(called: str, *, own: str) -> bool:
    """Tell whether a called AE title is ours: any, unless the settings list some.

    Where they do, the node's own title and those of projects are answered besides.
    """
    if not settings.DICOM_CALLED_AE_TITLES:
        return True
    if called in {own, *settings.DICOM_CALLED_AE_TITLES}:
        return True
    try:
        return bool(called) and Project.objects.filter(ae_title=called).exists()
    finally:
        connection.close()  # asked once in the life of an association's thread


def hear_commitment(event: Any) -> tuple[int, None]:
    """File what a peer answers about storage commitment; return the status of the response."""
    try:
        return file_report(event.event_information), None
    except Exception as error:  # noqa: BLE001 - the peer keeps its answer and tries again
        log.warning("An answer about storage commitment was not filed: %s", type(error).__name__)
        return PROCESSING_FAILURE, None
    finally:
        connection.close()


def quicken(event: Any) -> None:
    """Send small packets at once, and acknowledge at once what arrives.

    DCMTK's senders leave Nagle on: against a receiver that delays its acknowledgements every
    C-STORE stalls for 44 ms. TCP_QUICKACK is forgotten by the kernel, so it is set again before
    every read.
    """
    wrapper = event.assoc.dul.socket
    wrapper.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read_quickly(count: int) -> bytearray:
        """Read `count` bytes, fewer only if the peer went away."""
        content = bytearray(count)
        view, position = memoryview(content), 0
        while position < count:
            wrapper.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            got = wrapper.socket.recv_into(view[position:])
            if not got:
                break
            position += got
        view.release()
        del content[position:]
        return content

    wrapper.recv = read_quickly
