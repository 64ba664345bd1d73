"""A Storage SCP that remembers every C-STORE it took, and answers C-FIND from what it kept."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import (
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind,
)

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
    questions: list[Dataset] = field(default_factory=list)

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
    commits: Callable[[int, str], bool] | None = None,
    is_mute: bool = False,
) -> Iterator[CountingScp]:
    """Run one in this process; each instance takes it a while, so that one can kill in between.

    `answer` gives the status of the first, second, ... C-STORE, `keeps` whether what was accepted
    is really kept, `shows` whether the first, second, ... C-FIND shows a kept instance already;
    `sop_classes` are those it takes, all if none is named. `commits` makes it answer storage
    commitment over the same association: whether it keeps an instance when asked the first,
    second, ... time; if it `is_mute`, it takes the question and never answers.
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

    def act(event: evt.Event) -> tuple[int, None]:
        scp.questions.append(event.action_information)
        if commits is not None and not is_mute:
            question = len(scp.questions)
            answer = report(event.action_information, lambda uid: commits(question, uid))
            threading.Thread(target=send_report, args=(event.assoc, answer)).start()
        return 0, None

    ae = AE(ae_title=scp.ae_title)
    taken = list(sop_classes) or [one.abstract_syntax for one in AllStoragePresentationContexts]
    for sop_class in taken:
        ae.add_supported_context(sop_class)
    if answers_find:
        ae.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    if commits is not None:
        ae.add_supported_context(StorageCommitmentPushModel)
    server = ae.start_server(
        ("127.0.0.1", scp.port),
        block=False,
        evt_handlers=[
            (evt.EVT_C_STORE, store),
            (evt.EVT_C_FIND, find),
            (evt.EVT_N_ACTION, act),
        ],
    )
    try:
        yield scp
    finally:
        server.shutdown()


def report(question: Dataset, keeps: Callable[[str], bool]) -> Dataset:
    """Make the answer to a question about storage commitment (PS3.4 Table J.3-2)."""
    answer = Dataset()
    answer.TransactionUID = question.TransactionUID
    answer.ReferencedSOPSequence, answer.FailedSOPSequence = [], []
    for asked in question.ReferencedSOPSequence:
        if keeps(asked.ReferencedSOPInstanceUID):
            answer.ReferencedSOPSequence.append(asked)
        else:
            asked.FailureReason = 0x0112
            answer.FailedSOPSequence.append(asked)
    for name in ("ReferencedSOPSequence", "FailedSOPSequence"):
        if not answer[name].value:
            delattr(answer, name)
    return answer


def send_report(association: Association, answer: Dataset) -> int:
    """Send such an answer; return the status that the other side gave it."""
    kind = 2 if "FailedSOPSequence" in answer else 1
    status, _ = association.send_n_event_report(
        answer, kind, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
    )
    return int(status.Status)
