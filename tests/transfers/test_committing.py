"""A destination that commits to storage is asked to, and its answer is waited for."""

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, _config, build_role
from pynetdicom.sop_class import StorageCommitmentPushModel

from intake.models import StorageCommitment
from intake.receiver import Receiver
from tests.datasets import make_mr_series
from tests.services.orthanc import running_orthanc
from tests.services.process import free_port, wait_until
from tests.transfers.arrange import (
    add_destination,
    deliver_patiently,
    make_desk,
    outcomes,
    quarantine,
    run_to_the_end,
)
from tests.transfers.counting_scp import counting_scp, report, send_report
from transfers import actions
from transfers.models import Delivery, LedgerEntry
from transfers.pipeline.counting import RESEND_CAP
from transfers.states import DeliveryState, Proof, State
from transfers.tasks import resume_transfers

pytestmark = pytest.mark.django_db

# the node files answers in threads of its own, which see only what is committed
with_node = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def node(monkeypatch):
    """The DICOM node, in this process."""
    # it opens pynetdicom for every SOP class in this process, also for the tests after this one
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", False)
    receiver = Receiver(host="127.0.0.1", port=free_port(), ae_title="RDMA")
    receiver.start()
    yield receiver
    receiver.stop()


def request(desk, folder, *, n=3):
    make_mr_series(folder / "in", n=n, patient_id="H-2041")
    (study,) = quarantine(folder / "in", desk.kari)
    return actions.request_transfer(
        by=desk.kari,
        study=study,
        project=desk.project,
        pseudonym="BICAM_0001",
        event=desk.project.events.first(),
    )


def add_scp(desk, scp, **attributes):
    return add_destination(
        desk.project,
        **{
            "ae_title": scp.ae_title,
            "port": scp.port,
            "patience_seconds": 0,
            "commits": True,
            **attributes,
        },
    )


def answer_from_afar(node, answer):
    """Open an association to the node as an archive does, minutes later; return its status."""
    ae = AE(ae_title="ARCHIVE")
    ae.add_requested_context(StorageCommitmentPushModel)
    role = build_role(StorageCommitmentPushModel, scp_role=True)
    association = ae.associate(*node.address, ae_title="RDMA", ext_neg=[role])
    try:
        return send_report(association, answer)
    finally:
        association.release()


@with_node
def test_orthanc_commits_to_what_it_got_and_tells_the_node(tmp_path, desk, node):
    (tmp_path / "orthanc").mkdir()
    with running_orthanc(
        tmp_path / "orthanc", overwrites=True, commits_to=node.address[1]
    ) as orthanc:
        destination = add_destination(
            desk.project, ae_title=orthanc.ae_title, port=orthanc.dicom_port, commits=True
        )
        transfer = request(desk, tmp_path)
        run_to_the_end(transfer)
        wait_until(
            lambda: StorageCommitment.objects.exclude(answered_at=None).exists(),
            what="Orthanc to answer",
        )

        run = deliver_patiently(transfer)

    destination.refresh_from_db()
    assert run.state == State.DELIVERED
    assert run.deliveries.get().proof == Proof.COMMITTED
    assert LedgerEntry.objects.exclude(counted_at=None).exclude(committed_at=None).count() == 3
    assert (destination.offers_find, destination.offers_commitment) == (True, True)


def test_archive_that_answers_over_the_same_association_is_heard(tmp_path, desk):
    with counting_scp(answers_find=False, commits=lambda n, uid: True) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    assert run.deliveries.get().proof == Proof.COMMITTED
    assert len(scp.questions) == 1


def test_what_the_archive_does_not_commit_to_is_sent_again(tmp_path, desk):
    with counting_scp(commits=lambda n, uid: n > 1 or uid != scp.received[1]) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    assert run.state == State.DELIVERED
    assert scp.received[3:] == [scp.received[1]]
    assert [len(question.ReferencedSOPSequence) for question in scp.questions] == [3, 1]


def test_what_the_archive_never_commits_to_is_missing(tmp_path, desk):
    with counting_scp(commits=lambda n, uid: uid != scp.received[1]) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.SHORT
    assert delivery.reason == "Forsknings-PACS has 2 of 3 images; 1 is missing."
    assert len(scp.received) == 3 + RESEND_CAP
    assert outcomes(run) == {"delivered": 2, "moving": 1}


@with_node
def test_answer_that_comes_later_rings_the_delivery_that_waits_for_it(tmp_path, desk, node):
    with counting_scp(commits=lambda n, uid: True, is_mute=True) as scp:
        add_scp(desk, scp)
        transfer = request(desk, tmp_path)
        waiting = run_to_the_end(transfer).deliveries.get()

        status = answer_from_afar(node, report(scp.questions[0], lambda uid: True))
        resume_transfers()
        is_due = Delivery.objects.due().exists()
        run = run_to_the_end(transfer)

    assert waiting.state == DeliveryState.COUNTING
    assert "its answer is awaited" in waiting.reason
    assert status == 0
    assert is_due
    assert run.state == State.DELIVERED


@with_node
def test_answer_to_a_question_nobody_asked_is_refused(node):
    stray = Dataset()
    stray.TransactionUID = "2.25.17"
    stray.ReferencedSOPSequence = []

    status = answer_from_afar(node, report(stray, lambda uid: True))

    assert status == 0x0112
    assert not StorageCommitment.objects.exists()


def test_archive_declared_to_commit_that_takes_no_question_is_told(tmp_path, desk):
    with counting_scp() as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.FAILED
    assert "is declared to commit storage, and does not take the question" in delivery.reason


def test_archive_that_is_not_declared_to_commit_is_not_asked(tmp_path, desk):
    with counting_scp(commits=lambda n, uid: True) as scp:
        destination = add_scp(desk, scp, commits=False)

        run = run_to_the_end(request(desk, tmp_path))

    destination.refresh_from_db()
    assert scp.questions == []
    assert run.deliveries.get().proof == Proof.COUNTED
    assert destination.offers_commitment is True
