"""A Storage SCP that remembers every C-STORE it took, and answers C-FIND from what it kept."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind

from tests.services.process import free_port

PENDING = 0xFF00


@dataclass
class CountingScp:
    """What it was sent, in order; a SOP Instance UID that came twice is in it twice.

    `kept` is what it has of that, by series.
    """

    port: int
    ae_title: str = "COUNTING"
    received: list[str] = field(default_factory=list)
    kept: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    finds: int = 0

    @property
    def has(self) -> set[str]:
        """Every SOP Instance UID that it kept."""
        return set().union(*self.kept.values())


@contextmanager
def counting_scp(
    *,
    seconds_each: float = 0,
    answer: Callable[[int], int] = lambda count: 0,
    keeps: Callable[[int], bool] = lambda count: True,
    shows: Callable[[int, str], bool] = lambda find, uid: True,
    find_status: int = 0,
    sop_classes: Iterable[str] = (),
    answers_find: bool = True,
) -> Iterator[CountingScp]:
    """Run one in this process; each instance takes it a while, so that one can kill in between.

    `answer` gives the status of the first, second, ... C-STORE, `keeps` whether what was accepted
    is really kept, `shows` whether the first, second, ... C-FIND shows a kept instance already;
    `sop_classes` are those it takes, all if none is named.
    """
    scp = CountingScp(port=free_port())

    def store(event: evt.Event) -> int:
        uid = str(event.request.AffectedSOPInstanceUID)
        scp.received.append(uid)
        time.sleep(seconds_each)
        status = answer(len(scp.received))
        if not status and keeps(len(scp.received)):
            header = event.dataset
            scp.kept.setdefault((header.StudyInstanceUID, header.SeriesInstanceUID), set()).add(uid)
        return status

    def find(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        scp.finds += 1
        if find_status:
            yield find_status, None
            return
        asked = event.identifier
        listed = asked.get("SOPInstanceUID") or []
        listed = [listed] if isinstance(listed, str) else list(listed)
        for uid in scp.kept.get((asked.StudyInstanceUID, asked.SeriesInstanceUID), set()):
            if (not listed or uid in listed) and shows(scp.finds, uid):
                found = Dataset()
                found.QueryRetrieveLevel = "IMAGE"
                found.SOPInstanceUID = uid
                yield PENDING, found

    ae = AE(ae_title=scp.ae_title)
    taken = list(sop_classes) or [one.abstract_syntax for one in AllStoragePresentationContexts]
    for sop_class in taken:
        ae.add_supported_context(sop_class)
    if answers_find:
        ae.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    server = ae.start_server(
        ("127.0.0.1", scp.port),
        block=False,
        evt_handlers=[(evt.EVT_C_STORE, store), (evt.EVT_C_FIND, find)],
    )
    try:
        yield scp
    finally:
        server.shutdown()
