"""A study assigned to the wrong participant and moved: new UIDs, and no old copy anywhere."""

from collections import Counter
from pathlib import Path

import pydicom
import pytest
from django.core.exceptions import ValidationError

from tests.datasets import make_mr_series
from tests.services.orthanc import PASSWORD, USER
from tests.services.process import wait_until
from tests.transfers.arrange import (
    add_destination,
    make_desk,
    outcomes,
    quarantine,
    request,
    run_to_the_end,
)
from tests.transfers.counting_scp import counting_scp
from transfers import actions
from transfers.models import Chore, Delivery, LedgerEntry
from transfers.states import DeliveryState, Replaces, State

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


@pytest.fixture
def desk():
    return make_desk()


def deliver_wrongly(desk, folder: Path):
    """Bring a study of three images to everybody's destinations, under the wrong participant."""
    make_mr_series(folder / "in", n=3, patient_name=NAME)
    (study,) = quarantine(folder / "in", desk.kari)
    transfer = request(desk, study)
    return transfer, run_to_the_end(transfer)


def instances_of(orthanc, pseudonym: str) -> list[pydicom.Dataset]:
    from io import BytesIO

    files = [orthanc.file(instance["ID"]) for instance in orthanc.instances()]
    headers = [pydicom.dcmread(BytesIO(content)) for content in files]
    return [header for header in headers if header.PatientID == pseudonym]


def test_destination_that_deletes_has_only_the_new_copy(tmp_path, desk, orthanc, settings):
    secret = settings.CREDENTIALS_DIR / "orthanc"
    secret.write_text(f"{USER}:{PASSWORD}")
    add_destination(
        desk.project,
        ae_title=orthanc.ae_title,
        port=orthanc.dicom_port,
        replaces=Replaces.DELETES,
        web_dialect="orthanc",
        web_url=f"http://127.0.0.1:{orthanc.http_port}",
        web_credentials_file=str(secret),
    )
    transfer, wrong = deliver_wrongly(desk, tmp_path)

    moved = actions.move_transfer(by=desk.kari, transfer=transfer, pseudonym="BICAM_0002")
    run_to_the_end(transfer)
    right = run_to_the_end(moved)

    assert right.state == State.DELIVERED
    assert len(orthanc.instances()) == 3
    assert len(instances_of(orthanc, "BICAM_0002")) == 3
    uids = [set(run.outcomes.values_list("sop_instance_uid", flat=True)) for run in (wrong, right)]
    assert not uids[0] & uids[1]
    wrong.refresh_from_db()
    assert outcomes(wrong) == {"erased": 3}
    assert wrong.deliveries.get().state == DeliveryState.RECALLED
    assert not LedgerEntry.objects.filter(run=wrong, withdrawn_at=None).exists()


def test_destination_that_overwrites_has_blanks_instead_of_the_old_copy(tmp_path, desk, orthanc):
    add_destination(
        desk.project,
        ae_title=orthanc.ae_title,
        port=orthanc.dicom_port,
        replaces=Replaces.OVERWRITES,
    )
    transfer, wrong = deliver_wrongly(desk, tmp_path)

    moved = actions.move_transfer(by=desk.kari, transfer=transfer, pseudonym="BICAM_0002")
    run_to_the_end(transfer)
    right = run_to_the_end(moved)

    assert right.state == State.DELIVERED
    blanks = instances_of(orthanc, "BICAM_0001")
    assert {blank.SOPInstanceUID for blank in blanks} == set(
        wrong.outcomes.values_list("sop_instance_uid", flat=True)
    )
    assert all(not any(blank.PixelData) for blank in blanks)
    assert all(blank.ImageComments == "Withdrawn" for blank in blanks)
    assert all(any(image.PixelData) for image in instances_of(orthanc, "BICAM_0002"))


def test_destination_replaced_by_hand_leaves_a_chore_that_ends_the_recall(tmp_path, desk, storescp):
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    transfer, wrong = deliver_wrongly(desk, tmp_path)

    actions.move_transfer(by=desk.kari, transfer=transfer, pseudonym="BICAM_0002")
    run_to_the_end(transfer)

    chore = Chore.objects.get()
    assert chore.instance_count == 3
    assert wrong.deliveries.get().state == DeliveryState.BY_HAND
    actions.finish_chore(by=desk.office, chore=chore)
    assert wrong.deliveries.get().state == DeliveryState.RECALLED
    assert not LedgerEntry.objects.filter(run=wrong, withdrawn_at=None).exists()


def test_moving_to_the_same_participant_is_refused(tmp_path, desk):
    transfer, _ = deliver_wrongly(desk, tmp_path)

    with pytest.raises(ValidationError, match="already"):
        actions.move_transfer(by=desk.kari, transfer=transfer, pseudonym="BICAM_0001")

    transfer.refresh_from_db()
    assert transfer.is_live


def test_move_while_a_worker_sends_takes_back_what_it_still_sent(
    transactional_db, tmp_path, start_worker
):
    with counting_scp(seconds_each=0.1) as scp:
        desk = make_desk()
        add_destination(
            desk.project, ae_title=scp.ae_title, port=scp.port, replaces=Replaces.OVERWRITES
        )
        make_mr_series(tmp_path / "in", n=40, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)
        start_worker("--beat", RDMA_LEASE_SECONDS="4", RDMA_SWEEP_SECONDS="1")
        transfer = request(desk, study)
        wait_until(lambda: len(scp.received) > 5, what="the sending to begin")

        moved = actions.move_transfer(by=desk.kari, transfer=transfer, pseudonym="BICAM_0002")
        wait_until(
            lambda: (
                Delivery.objects.get(run__transfer=transfer).state == DeliveryState.RECALLED
                and Delivery.objects.get(run__transfer=moved).state == DeliveryState.DELIVERED
            ),
            seconds=60,
            what="the old copy to be taken back and the new one to arrive",
        )

        wrong = set(transfer.runs.get().outcomes.values_list("sop_instance_uid", flat=True))
        times = Counter(uid for uid in scp.received if uid in wrong)
        assert 5 < len(times) < 40
        assert set(times.values()) == {2}  # once with its picture, once blank
        assert not LedgerEntry.objects.filter(run__transfer=transfer, withdrawn_at=None).exists()
