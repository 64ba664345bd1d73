import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)
from pynetdicom import AE, _config

from intake import receiver as receiving
from intake.models import Arrival, Instance, Rejection, Study
from intake.receiver import Receiver, is_answered
from projects.storage import storage
from tests.datasets import ct, make_ct_series, make_mr_series, new_uid
from tests.factories import ProjectFactory
from tests.intake.conftest import waiting_files
from tests.services.dcmtk import dcmsend, echoscu
from tests.services.process import free_port, is_listening, running, wait_until
from tests.services.rdma_processes import ROOT

Account = Callable[[], dict[str, Any]]


def test_dcmsend_delivers_a_study_to_the_running_node(
    receiver: int, tmp_path: Path, account: Account
):
    files = make_ct_series(tmp_path / "ct", n=7)

    sent = dcmsend(receiver, tmp_path / "ct", called="BICAM", calling="CT2")

    assert sent.returncode == 0, sent.stdout
    _wait_for(7)
    study = Study.objects.get()
    assert (study.calling_ae_title, study.called_ae_title) == ("CT2", "BICAM")
    assert (study.peer_address, study.door) == ("127.0.0.1", "dicom")
    _wait_for_the_end()
    assert account() == {"catalogued": 7, "rejected": 0, "duplicates": 0, "waiting": 0}
    for instance in Instance.objects.all():
        kept = dcmread(storage().path(instance.key))
        original = next(d for d in map(dcmread, files) if d.SOPInstanceUID == kept.SOPInstanceUID)
        assert kept == original


def test_the_node_answers_an_echo_under_any_title(receiver: int):
    assert echoscu(receiver, called="ANY")


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_every_encoding_is_kept_as_it_was_sent(node: Receiver, tmp_path: Path, syntax: str):
    (path,) = make_ct_series(tmp_path, n=1, transfer_syntax=syntax)
    sender = AE()
    sender.add_requested_context(CTImageStorage, syntax)
    association = sender.associate("127.0.0.1", _port(node))

    status = association.send_c_store(path)
    association.release()

    assert status.Status == 0x0000
    _wait_for(1)
    assert Instance.objects.get().transfer_syntax_uid == syntax


@pytest.mark.parametrize(
    "sop_class", [CTImageStorage, "1.2.3.4.5.6.7.8", "1.2.840.10008.5.1.4.1.1.9999"]
)
def test_unknown_and_private_classes_and_compressed_data_are_taken(node: Receiver, sop_class: str):
    dataset = ct(SOPClassUID=sop_class)
    del dataset.PixelData
    sender = AE()
    sender.add_requested_context(sop_class, JPEG2000Lossless)
    association = sender.associate("127.0.0.1", _port(node))
    (context,) = association.accepted_contexts

    dataset.file_meta = _meta(dataset, JPEG2000Lossless)
    status = association.send_c_store(dataset)
    association.release()

    assert context.transfer_syntax == [JPEG2000Lossless]
    assert status.Status == 0x0000
    _wait_for(1)
    assert Instance.objects.get().sop_class_uid == sop_class


def test_two_associations_that_send_the_same_instances_at_once_both_succeed(
    receiver: int, tmp_path: Path, account: Account
):
    make_ct_series(tmp_path / "ct", n=30)
    results = []
    senders = [
        threading.Thread(
            target=lambda title=title: results.append(
                dcmsend(receiver, tmp_path / "ct", calling=title).returncode
            )
        )
        for title in ("ONE", "TWO")
    ]

    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert results == [0, 0]
    _wait_for_the_end(arrivals=2)
    assert account() == {"catalogued": 30, "rejected": 0, "duplicates": 30, "waiting": 0}
    assert not Instance.objects.filter(is_conflicting=True).exists()


def test_three_real_files_under_one_uid_arrive_apart_and_flagged(
    node: Receiver, test_data: Path, account: Account
):
    sent = dcmsend(_port(node), test_data / "dcm_qa_12bit" / "In")

    assert "status code 0x0000" not in sent.stderr
    _wait_for(3)
    assert Instance.objects.filter(is_conflicting=True).count() == 3
    assert Study.objects.get().has_conflicts


def test_a_kill_between_receiving_and_cataloguing_loses_nothing(
    environment: dict[str, str], tmp_path: Path, account: Account
):
    make_ct_series(tmp_path / "ct", n=12)
    dead_database = environment | {"DATABASE_URL": _of_nobody(environment["DATABASE_URL"])}
    with _node(dead_database, tmp_path) as (process, port):
        sent = dcmsend(port, tmp_path / "ct")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    received = len(waiting_files())

    with _node(environment, tmp_path):
        _wait_for(12)
        _wait_for_the_end()

    assert sent.returncode == 0, sent.stdout
    assert received == 12
    assert account() == {"catalogued": 12, "rejected": 0, "duplicates": 0, "waiting": 0}


def test_an_order_to_stop_ends_the_node_with_everything_catalogued(
    environment: dict[str, str], tmp_path: Path, account: Account
):
    make_ct_series(tmp_path / "ct", n=400)
    with _node(environment, tmp_path) as (process, port):
        sending = threading.Thread(target=dcmsend, args=(port, tmp_path / "ct"))
        sending.start()
        wait_until(waiting_files, what="the first instance")
        process.terminate()
        status = process.wait(20)
        sending.join()

    assert status == 0
    assert Instance.objects.exists()
    assert account()["waiting"] == 0


def test_a_full_disk_is_answered_with_a700_and_leaves_nothing_half(
    node: Receiver, monkeypatch: pytest.MonkeyPatch
):
    def is_full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", is_full)

    status = _store(node, ct())

    assert status == 0xA700
    assert waiting_files() == []


def test_an_instance_that_disagrees_with_its_request_is_kept_aside(node: Receiver):
    dataset = ct()
    said = new_uid()

    status = _store(node, dataset, sop_instance_uid=said)

    assert status == 0x0000
    wait_until(Rejection.objects.exists, what="the rejection")
    assert Rejection.objects.get().code == "meta_disagrees"
    assert not Instance.objects.exists()


def test_a_patient_id_that_is_a_path_is_kept_aside(node: Receiver):
    _store(node, ct(PatientID="../../../etc/cron.d/x"))

    wait_until(Rejection.objects.exists, what="the rejection")
    key = Rejection.objects.get().key
    assert re.fullmatch(r"rejected/[0-9a-f]{2}/[0-9a-f]{32}\.bin", key)


def test_a_title_that_is_not_configured_is_rejected(node: Receiver, settings: Any):
    settings.DICOM_CALLED_AE_TITLES = ["MAIN"]
    ProjectFactory(ae_title="BICAM")

    answered = {
        title: echoscu(_port(node), called=title) for title in ("MAIN", "BICAM", "RDMA", "OTHER")
    }

    assert answered == {"MAIN": True, "BICAM": True, "RDMA": True, "OTHER": False}


@pytest.mark.django_db
def test_with_no_title_configured_any_is_answered():
    assert is_answered("ANY", own="RDMA")


def test_the_socket_sends_small_packets_at_once(node: Receiver):
    seen = []
    sender = AE()
    sender.add_requested_context(CTImageStorage)

    association = sender.associate("127.0.0.1", _port(node))
    (mine,) = node.server.active_associations
    seen.append(mine.dul.socket.socket.getsockopt(6, receiving.socket.TCP_NODELAY))
    association.release()

    assert seen == [1]


def test_two_processes_that_each_bring_half_a_conflict_both_see_it(
    environment: dict[str, str], tmp_path: Path
):
    first, second = make_mr_series(tmp_path / "a", n=1), make_mr_series(tmp_path / "b", n=1)
    other = dcmread(first[0])
    other.PatientComments = "another content"
    other.save_as(second[0])

    with _node(environment, tmp_path) as (_, one), _node(environment, tmp_path) as (_, two):
        senders = [
            threading.Thread(target=dcmsend, args=(port, tmp_path / name))
            for port, name in ((one, "a"), (two, "b"))
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        _wait_for_the_end(arrivals=2)

    assert list(Instance.objects.values_list("is_conflicting", flat=True)) == [True, True]


@pytest.fixture
def node(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A node inside the test's own process."""
    # it opens pynetdicom for every SOP class in this process, also for the tests after this one
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", False)
    receiver = Receiver(host="127.0.0.1", port=free_port(), ae_title="RDMA")
    receiver.start()
    yield receiver
    receiver.stop()


def _node(environment: dict[str, str], folder: Path) -> Any:
    port = free_port()
    started = running(
        [sys.executable, "manage.py", "receive"],
        log=folder / f"receiver-{port}.log",
        is_ready=lambda: is_listening(port) and echoscu(port),
        env=environment | {"DICOM_PORT": str(port), "DICOM_AE_TITLE": "RDMA"},
        folder=ROOT,
    )
    return _WithPort(started, port)


class _WithPort:
    def __init__(self, started: Any, port: int) -> None:
        self.started, self.port = started, port

    def __enter__(self) -> tuple["Popen[bytes]", int]:
        return self.started.__enter__(), self.port

    def __exit__(self, *error: Any) -> None:
        self.started.__exit__(*error)


def _of_nobody(url: str) -> str:
    return re.sub(r":\d+/", f":{free_port()}/", url)


def _port(node: Receiver) -> int:
    return node.address[1]


def _meta(dataset: Any, syntax: str, sop_instance_uid: str = "") -> Any:
    from pydicom.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = sop_instance_uid or dataset.SOPInstanceUID
    return meta


def _store(node: Receiver, dataset: Any, sop_instance_uid: str = "") -> int:
    """Send one data set; the request may name another instance than the data set does."""
    sender = AE()
    sender.add_requested_context(dataset.SOPClassUID, ImplicitVRLittleEndian)
    association = sender.associate("127.0.0.1", _port(node))
    dataset.file_meta = _meta(dataset, ImplicitVRLittleEndian)
    if sop_instance_uid:
        request = _renamed(association, sop_instance_uid)
    else:
        request = association.send_c_store
    status = request(dataset)
    association.release()
    return int(status.Status)


def _renamed(association: Any, uid: str) -> Callable[[Any], Any]:
    send = association.dimse.send_msg

    def send_renamed(message: Any, context_id: int) -> None:
        message.AffectedSOPInstanceUID = uid
        send(message, context_id)

    association.dimse.send_msg = send_renamed
    return association.send_c_store


def _wait_for(count: int) -> None:
    wait_until(lambda: Instance.objects.count() == count, what=f"{count} instances")


def _wait_for_the_end(arrivals: int = 1) -> None:
    done = Arrival.objects.exclude(ended_at=None)
    wait_until(lambda: done.count() == arrivals, what="the arrivals to end")
