"""A delivery ends when the destination was asked and the counts agree; not before."""

import pytest
from django.conf import settings

from tests.datasets import make_mr_series, new_uid
from tests.services.orthanc import PASSWORD, USER
from tests.transfers.arrange import (
    add_destination,
    deliver_patiently,
    make_desk,
    outcomes,
    quarantine,
    run_to_the_end,
)
from tests.transfers.counting_scp import counting_scp
from transfers import actions, asking
from transfers.models import Delivery, LedgerEntry
from transfers.pipeline.counting import RESEND_CAP
from transfers.states import AskedBy, DeliveryState, Proof, State

pytestmark = pytest.mark.django_db

UNABLE_TO_PROCESS = 0xC001
OUT_OF_RESOURCES = 0xA700
STORED_WITH_A_REMARK = 0xB000


@pytest.fixture
def desk():
    return make_desk()


def request(desk, folder, *, series=(5,)):
    """Ask for a study of some series to be transferred."""
    study_uid = new_uid()
    for number, n in enumerate(series):
        make_mr_series(
            folder / "in" / str(number), n=n, study_instance_uid=study_uid, patient_id="H-2041"
        )
    (study,) = quarantine(folder / "in", desk.kari)
    return actions.request_transfer(
        by=desk.kari,
        study=study,
        project=desk.project,
        pseudonym="BICAM_0001",
        event=desk.project.events.first(),
    )


def add_scp(desk, scp, **attributes):
    """Make an SCP a destination without patience, so that nobody waits."""
    return add_destination(
        desk.project,
        **{"ae_title": scp.ae_title, "port": scp.port, "patience_seconds": 0, **attributes},
    )


def test_destination_that_drops_every_tenth_instance_silently_is_not_delivered_to(tmp_path, desk):
    with counting_scp(keeps=lambda n: n % 10 != 0 and n <= 20) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path, series=[20]))

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.SHORT
    assert delivery.reason == "Forsknings-PACS has 18 of 20 images; 2 are missing."
    assert delivery.confirmed_count == 18
    assert run.state == State.FAILED
    assert "2 are missing" in run.reason
    assert outcomes(run) == {"delivered": 18, "moving": 2}


def test_what_is_missing_and_nothing_else_is_sent_again_a_few_times(tmp_path, desk):
    with counting_scp(keeps=lambda n: n <= 5 and n != 2) as scp:
        add_scp(desk, scp)

        run_to_the_end(request(desk, tmp_path))

    again = scp.received[5:]
    assert again == [scp.received[1]] * RESEND_CAP


def test_instance_that_was_lost_once_arrives_when_it_is_sent_again(tmp_path, desk):
    with counting_scp(keeps=lambda n: n != 2) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    assert len(scp.has) == 5
    assert run.deliveries.get().state == DeliveryState.DELIVERED
    assert run.deliveries.get().proof == Proof.COUNTED
    assert outcomes(run) == {"delivered": 5}


def test_what_arrived_after_all_is_counted_when_a_person_tries_again(tmp_path, desk):
    is_repaired = False
    with counting_scp(shows=lambda n, uid: is_repaired or uid != scp.received[3]) as scp:
        add_scp(desk, scp)
        transfer = request(desk, tmp_path)
        run_to_the_end(transfer)
        sent = len(scp.received)
        is_repaired = True

        actions.retry_transfer(by=desk.kari, transfer=transfer)
        run = run_to_the_end(transfer)

    assert run.state == State.DELIVERED
    assert outcomes(run) == {"delivered": 5}
    assert len(scp.received) == sent == 5 + RESEND_CAP


def test_archive_that_indexes_late_is_asked_again_and_gets_nothing_twice(tmp_path, desk):
    with counting_scp(shows=lambda n, uid: scp.received.index(uid) < 2 * n) as scp:
        add_scp(desk, scp, patience_seconds=120)
        transfer = request(desk, tmp_path)

        run = run_to_the_end(transfer)
        first = run.deliveries.get()
        told = first.reason
        is_waiting = first.not_before is not None
        run = deliver_patiently(transfer)

    assert first.state == DeliveryState.COUNTING
    assert told == "Forsknings-PACS shows 4 of 5 images so far; it is asked again."
    assert is_waiting
    assert run.state == State.DELIVERED
    assert len(scp.received) == 5


def test_destination_without_c_find_is_confirmed_by_its_answers_and_that_is_said(tmp_path, desk):
    with counting_scp(answers_find=False, keeps=lambda n: n != 2) as scp:
        destination = add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    destination.refresh_from_db()
    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.DELIVERED
    assert delivery.get_proof_display() == "Accepted, not counted: this destination cannot be asked"
    assert not LedgerEntry.objects.exclude(counted_at=None).exists()
    assert destination.offers_find is False


def test_destination_that_answers_c_find_with_a_failure_is_one_that_cannot_be_asked(tmp_path, desk):
    with counting_scp(find_status=UNABLE_TO_PROCESS) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path, series=[2]))

    assert run.deliveries.get().proof == Proof.ACCEPTED


def test_destination_that_stops_answering_c_find_counts_for_no_less(tmp_path, desk):
    with counting_scp(answers_find=False) as scp:
        add_scp(desk, scp, offers_find=True)

        run = run_to_the_end(request(desk, tmp_path, series=[2]))

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.COUNTING
    assert "has answered before when it was asked what it has" in delivery.reason
    assert delivery.not_before is not None


def test_destination_declared_as_one_that_cannot_be_asked_is_not_asked(tmp_path, desk):
    with counting_scp() as scp:
        add_scp(desk, scp, asked_by=AskedBy.NOTHING)

        run = run_to_the_end(request(desk, tmp_path, series=[2]))

    assert run.deliveries.get().proof == Proof.ACCEPTED
    assert scp.finds == 0


def test_destination_that_is_out_of_resources_is_waited_for(tmp_path, desk):
    is_full = True
    with counting_scp(answer=lambda n: OUT_OF_RESOURCES if is_full else 0) as scp:
        add_scp(desk, scp)
        transfer = request(desk, tmp_path, series=[2])
        waiting = run_to_the_end(transfer).deliveries.get()
        is_full = False

        run = deliver_patiently(transfer)

    assert waiting.state == DeliveryState.WAITING
    assert waiting.reason == "The destination is out of resources."
    assert run.state == State.DELIVERED


def test_refused_instances_are_told_beside_those_that_are_there(tmp_path, desk):
    with counting_scp(answer=lambda n: 0xC000 if n == 2 else 0) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path, series=[5]))

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.FAILED
    assert delivery.reason == "The destination refused instances: 1 with status 0xC000."
    assert outcomes(run) == {"delivered": 4, "moving": 1}


def test_status_of_each_store_is_in_the_ledger(tmp_path, desk):
    with counting_scp(
        answer=lambda n: STORED_WITH_A_REMARK if n == 1 else 0, answers_find=False
    ) as scp:
        add_scp(desk, scp)

        run_to_the_end(request(desk, tmp_path, series=[2]))

    statuses = LedgerEntry.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [STORED_WITH_A_REMARK, 0]


def test_long_list_that_the_archive_cuts_is_asked_for_by_uid(tmp_path, desk):
    with counting_scp(shows=lambda n, uid: n > 1 or scp.received.index(uid) < 2) as scp:
        add_scp(desk, scp)

        run = run_to_the_end(request(desk, tmp_path))

    assert run.state == State.DELIVERED
    assert scp.finds == 2


def test_images_deleted_at_the_destination_since_are_noticed_and_sent_again(tmp_path, desk):
    with counting_scp() as scp:
        add_scp(desk, scp)
        transfer = request(desk, tmp_path, series=[3])
        run_to_the_end(transfer)
        for kept in scp.kept.values():
            kept.discard(scp.received[1])

        actions.rerun_transfer(by=desk.kari, transfer=transfer)
        run = run_to_the_end(transfer)

    assert run.state == State.DELIVERED
    assert len(scp.has) == 3


def test_transfer_cancelled_while_it_is_counted_is_taken_back(tmp_path, desk):
    with counting_scp(shows=lambda n, uid: False) as scp:
        add_scp(desk, scp, patience_seconds=120, replaces="overwrites")
        transfer = request(desk, tmp_path, series=[3])
        run = run_to_the_end(transfer)
        counting = run.deliveries.get().state

        actions.cancel_transfer(by=desk.kari, transfer=transfer)
        Delivery.objects.update(not_before=None)
        run_to_the_end(transfer)

    assert counting == DeliveryState.COUNTING
    assert run.deliveries.get().state == DeliveryState.RECALLED
    assert len(scp.received) == 6  # three images, and a blank for each
    assert not LedgerEntry.objects.filter(withdrawn_at=None).exists()


def test_archive_of_dcmtk_is_counted_at(tmp_path, desk, archive):
    destination = add_scp(desk, archive)

    run = run_to_the_end(request(desk, tmp_path, series=[3, 2]))

    destination.refresh_from_db()
    assert run.deliveries.get().proof == Proof.COUNTED
    assert LedgerEntry.objects.exclude(counted_at=None).count() == 5
    assert (destination.offers_find, destination.offers_commitment) == (True, False)


def test_storescp_of_dcmtk_cannot_be_asked(tmp_path, desk, storescp):
    add_scp(desk, storescp)

    run = run_to_the_end(request(desk, tmp_path, series=[2]))

    assert run.deliveries.get().proof == Proof.ACCEPTED
    assert len(storescp.received()) == 2


def add_orthanc(desk, orthanc, **attributes):
    """Make Orthanc a destination that is asked over the web."""
    secret = settings.CREDENTIALS_DIR / "orthanc"
    secret.write_text(f"{USER}:{PASSWORD}")
    return add_destination(
        desk.project,
        ae_title=orthanc.ae_title,
        port=orthanc.dicom_port,
        patience_seconds=0,
        asked_by=AskedBy.QIDO,
        web_credentials_file=str(secret),
        **{"qido_url": f"http://127.0.0.1:{orthanc.http_port}/dicom-web", **attributes},
    )


def test_destination_is_counted_by_qido_page_by_page(tmp_path, desk, orthanc, monkeypatch):
    monkeypatch.setattr(asking, "PAGE_SIZE", 2)
    add_orthanc(desk, orthanc)

    run = run_to_the_end(request(desk, tmp_path, series=[5, 1]))

    assert run.deliveries.get().proof == Proof.COUNTED
    assert LedgerEntry.objects.exclude(counted_at=None).count() == 6


def test_what_was_deleted_is_missed_by_qido(tmp_path, desk, orthanc):
    add_orthanc(desk, orthanc)
    transfer = request(desk, tmp_path, series=[2])
    run_to_the_end(transfer)
    orthanc.empty()

    actions.rerun_transfer(by=desk.kari, transfer=transfer)
    run = run_to_the_end(transfer)

    assert run.deliveries.get().resent_count == 1
    assert run.state == State.DELIVERED
    assert len(orthanc.instances()) == 2


def test_wrong_address_of_qido_is_said_and_nothing_is_called_missing(tmp_path, desk, orthanc):
    add_orthanc(desk, orthanc, qido_url=f"http://127.0.0.1:{orthanc.http_port}/elsewhere")

    run = run_to_the_end(request(desk, tmp_path, series=[2]))

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.COUNTING
    assert "has no QIDO-RS at the address that is declared for it" in delivery.reason
    assert not LedgerEntry.objects.exclude(missing_at=None).exists()
