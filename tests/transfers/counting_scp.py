"""A Storage SCP that remembers every C-STORE it took, and answers C-FIND from that memory."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind

from tests.services.process import free_port


@dataclass
class CountingScp:
    """What it was sent, in order; a SOP Instance UID that came twice is in it twice."""

    port: int
    ae_title: str = "COUNTING"
    received: list[str] = field(default_factory=list)


@contextmanager
def counting_scp(
    *,
    seconds_each: float = 0,
    answer: Callable[[int], int] = lambda count: 0,
    sop_classes: Iterable[str] = (),
    answers_find: bool = True,
) -> Iterator[CountingScp]:
    """Run one in this process; each instance takes it a while, so that one can kill in between.

    `answer` gives the status of the first, second, ... C-STORE; `sop_classes` are those it takes,
    all if none is named.
    """
    scp = CountingScp(port=free_port())

    def store(event: evt.Event) -> int:
        scp.received.append(str(event.request.AffectedSOPInstanceUID))
        time.sleep(seconds_each)
        return answer(len(scp.received))

    def find(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        if event.identifier.SOPInstanceUID in scp.received:
            answer = Dataset()
            answer.QueryRetrieveLevel = "IMAGE"
            answer.SOPInstanceUID = event.identifier.SOPInstanceUID
            yield 0xFF00, answer

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
