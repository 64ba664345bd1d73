"""Sending to destinations that do not take everything."""

import pytest

from projects.storage import storage
from tests.datasets import make_mr_series, make_sr, new_uid
from tests.transfers.arrange import (
    add_destination,
    make_desk,
    outcomes,
    quarantine,
    read_all,
    request,
    run_to_the_end,
)
from tests.transfers.counting_scp import counting_scp
from transfers.models import Delivery, Destination
from transfers.states import DeliveryState, State
from transfers.tasks import advance

pytestmark = pytest.mark.django_db

MR = "1.2.840.10008.5.1.4.1.1.4"


def test_kind_that_the_destination_does_not_take_does_not_keep_the_others_back(tmp_path):
    desk = make_desk()
    study_uid = new_uid()
    make_sr(tmp_path / "in" / "a", study_instance_uid=study_uid, patient_id="H-2041")
    make_mr_series(tmp_path / "in" / "b", n=3, study_instance_uid=study_uid, patient_id="H-2041")
    (study,) = quarantine(tmp_path / "in", desk.kari)
    with counting_scp(sop_classes=[MR]) as scp:
        add_destination(desk.project, ae_title=scp.ae_title, port=scp.port)

        run = run_to_the_end(request(desk, study))

    delivery = run.deliveries.get()
    assert len(set(scp.received)) == 3
    assert delivery.state == DeliveryState.FAILED
    assert "1 of a SOP class or transfer syntax that it does not accept" in delivery.reason
    assert outcomes(run) == {"delivered": 3, "moving": 1}


def transfer_of_two(desk, folder):
    make_mr_series(folder / "in", n=2, patient_id="H-2042")
    (study,) = quarantine(folder / "in", desk.kari)
    return request(desk, study)


def test_destination_that_takes_nothing_of_it_is_told_from_one_that_is_away(tmp_path):
    desk = make_desk()
    with counting_scp(sop_classes=["1.2.840.10008.5.1.4.1.1.2"], answers_find=False) as scp:
        add_destination(desk.project, ae_title=scp.ae_title, port=scp.port)

        run = run_to_the_end(transfer_of_two(desk, tmp_path))

    assert run.deliveries.get().state == DeliveryState.FAILED
    assert "2 of a SOP class" in run.deliveries.get().reason


def test_destination_that_is_switched_off_waits_and_goes_on_when_it_is_on_again(tmp_path, storescp):
    desk = make_desk()
    destination = add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    transfer = transfer_of_two(desk, tmp_path)
    advance(transfer.runs.get().pk)
    advance(transfer.runs.get().pk)
    Destination.objects.update(is_active=False)

    waiting = run_to_the_end(transfer).deliveries.get()
    before = list(storescp.received())
    Destination.objects.filter(pk=destination.pk).update(is_active=True)
    Delivery.objects.update(not_before=None)
    run = run_to_the_end(transfer)

    assert waiting.state == DeliveryState.WAITING
    assert "switched off" in waiting.reason
    assert before == []
    assert outcomes(run) == {"delivered": 2}


def test_file_that_was_changed_after_it_was_verified_is_not_sent(tmp_path, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    transfer = transfer_of_two(desk, tmp_path)
    advance(transfer.runs.get().pk)
    advance(transfer.runs.get().pk)
    changed = storage().path(transfer.runs.get().outcomes.first().key)
    changed.write_bytes(changed.read_bytes().replace(b"BICAM_0001", b"FJELL_TUR\x20"))

    run = run_to_the_end(transfer)

    assert run.state == State.FAILED
    assert "was changed after it was written" in run.reason
    assert b"FJELL" not in read_all(storescp.received())
