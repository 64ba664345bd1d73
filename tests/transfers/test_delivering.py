"""Sending to destinations that do not take everything."""

import pytest

from tests.datasets import make_mr_series, make_sr, new_uid
from tests.transfers.arrange import add_destination, make_desk, quarantine, run_to_the_end
from tests.transfers.counting_scp import counting_scp
from transfers import actions
from transfers.states import DeliveryState

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

        run = run_to_the_end(
            actions.request_transfer(
                by=desk.kari,
                study=study,
                project=desk.project,
                pseudonym="BICAM_0001",
                event=desk.project.events.first(),
            )
        )

    delivery = run.deliveries.get()
    assert len(set(scp.received)) == 3
    assert delivery.state == DeliveryState.FAILED
    assert "1 of a SOP class or transfer syntax that it does not accept" in delivery.reason
