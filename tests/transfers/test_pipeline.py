"""From quarantine to a research PACS: every instance ends somewhere, and nobody's name leaves."""

from datetime import timedelta

import pydicom
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from intake.models import Instance
from projects.storage import storage
from tests.datasets import make_mr_series, make_us_series, new_uid
from tests.factories import UserFactory
from tests.services.process import free_port
from tests.transfers.arrange import (
    add_destination,
    every_image,
    make_desk,
    outcomes,
    quarantine,
    read_all,
    request,
    run_to_the_end,
)
from transfers import actions
from transfers.models import Delivery, Finding, LedgerEntry, Outcome, Run
from transfers.states import DeliveryState, State
from transfers.tasks import advance, deliver, resume_transfers

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


def test_study_arrives_under_the_pseudonym_and_without_the_name(tmp_path, storescp):
    desk = make_desk()
    destination = add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    make_mr_series(tmp_path / "in", n=5, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)

    run = run_to_the_end(request(desk, study))

    assert run.state == State.DELIVERED
    assert outcomes(run) == {"delivered": 5}
    assert LedgerEntry.objects.filter(destination=destination).count() == 5
    received = list(storescp.folder.iterdir())
    assert len(received) == 5
    assert pydicom.dcmread(received[0]).PatientID == "BICAM_0001"
    assert b"Fjell" not in read_all(received)


def test_run_anew_gives_the_same_uids_and_sends_nothing_twice(tmp_path, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    make_mr_series(tmp_path / "in", n=3, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)
    first = run_to_the_end(transfer)
    for path in storescp.folder.iterdir():
        path.unlink()

    second_run = actions.rerun_transfer(by=desk.kari, transfer=transfer)
    second = run_to_the_end(transfer)

    assert second.pk == second_run.pk != first.pk
    assert second.state == State.DELIVERED
    uids = [set(run.outcomes.values_list("sop_instance_uid", "digest")) for run in (first, second)]
    assert uids[0] == uids[1]
    assert list(storescp.folder.iterdir()) == []


def test_destination_that_is_away_delays_its_own_delivery_and_nothing_else(tmp_path, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    add_destination(desk.project, name="Away", ae_title="AWAY", port=free_port())
    make_mr_series(tmp_path / "in", n=2, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)

    run = run_to_the_end(request(desk, study))

    states = dict(run.deliveries.values_list("destination__name", "state"))
    assert states == {"Forsknings-PACS": DeliveryState.DELIVERED, "Away": DeliveryState.WAITING}
    away = run.deliveries.get(destination__name="Away")
    assert away.not_before > timezone.now()
    assert "cannot be reached" in away.reason
    assert run.state == State.VERIFIED
    assert len(list(storescp.folder.iterdir())) == 2


def test_being_away_is_never_held_against_a_delivery(tmp_path):
    desk = make_desk()
    add_destination(desk.project, ae_title="AWAY", port=free_port())
    make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    run = run_to_the_end(request(desk, study))

    for _ in range(8):
        Delivery.objects.update(not_before=None)
        deliver(run.deliveries.get().pk)
        resume_transfers()

    assert run.deliveries.get().state == DeliveryState.WAITING


def test_name_in_the_file_that_the_plan_keeps_holds_that_instance_alone(tmp_path, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    make_us_series(tmp_path / "us", n=2, patient_name=NAME)
    (study,) = quarantine(tmp_path / "us", desk.kari)

    run = run_to_the_end(request(desk, study))

    assert run.state == State.HELD
    assert set(outcomes(run)) == {"held"}
    assert list(storescp.folder.iterdir()) == []
    assert set(run.findings.values_list("kind", flat=True)) == {"pixels"}


def test_release_with_a_reason_lets_the_pictures_of_a_series_leave(tmp_path, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    make_us_series(tmp_path / "us", n=3, patient_name=NAME)
    (study,) = quarantine(tmp_path / "us", desk.kari)
    transfer = request(desk, study)
    run = run_to_the_end(transfer)

    freed = actions.release(
        by=desk.kari, run=run, outcomes=every_image(run), reason="Looked at: no text in it."
    )
    run = run_to_the_end(transfer)

    assert freed == 3
    assert run.state == State.DELIVERED
    assert outcomes(run) == {"delivered": 3}
    assert len(list(storescp.folder.iterdir())) == 3


def test_release_of_a_picture_passes_no_picture_that_comes_later(tmp_path):
    desk = make_desk()
    series = {"study_instance_uid": new_uid(), "series_instance_uid": new_uid()}
    make_us_series(tmp_path / "first", n=1, patient_name=NAME, **series)
    (study,) = quarantine(tmp_path / "first", desk.kari)
    transfer = request(desk, study)
    run = run_to_the_end(transfer)
    actions.release(by=desk.kari, run=run, outcomes=every_image(run), reason="Nothing in it.")
    run_to_the_end(transfer)
    make_us_series(tmp_path / "late", n=2, patient_name=NAME, **series)

    quarantine(tmp_path / "late", desk.kari)
    resume_transfers()
    run = run_to_the_end(transfer)

    assert outcomes(run) == {"delivered": 1, "held": 2}


def test_rejected_instances_stay_behind_and_are_counted(tmp_path):
    desk = make_desk()
    make_us_series(tmp_path / "us", n=2, patient_name=NAME)
    (study,) = quarantine(tmp_path / "us", desk.kari)
    transfer = request(desk, study)
    run = run_to_the_end(transfer)

    rejected = actions.reject(
        by=desk.kari, run=run, outcomes=every_image(run), reason="A name is in the picture."
    )

    run.refresh_from_db()
    assert rejected == 2
    assert outcomes(run) == {"rejected": 2}
    assert run.state == State.CANCELLED
    assert "rejected" in run.reason


def test_verdict_of_somebody_without_the_right_is_refused(tmp_path):
    desk = make_desk()
    make_us_series(tmp_path / "us", n=1, patient_name=NAME)
    (study,) = quarantine(tmp_path / "us", desk.kari)
    run = run_to_the_end(request(desk, study))

    with pytest.raises(PermissionDenied):
        actions.release(by=UserFactory(), run=run, reason="Because I want it.")

    assert not Finding.objects.exclude(verdict="open").exists()


def test_three_files_under_one_uid_all_arrive_apart(test_data, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    studies = quarantine(test_data / "dcm_qa_12bit" / "In", desk.kari)
    received = sum(study.instance_count for study in studies)

    runs = [
        run_to_the_end(request(desk, study, f"BICAM_{n:04}"))
        for n, study in enumerate(studies, start=1)
    ]

    assert sum(run.received_count for run in runs) == received
    assert all(run.state == State.DELIVERED for run in runs)
    assert len(list(storescp.folder.iterdir())) == received


def test_clean_real_studies_pass_without_a_finding(test_data):
    desk = make_desk()
    studies = quarantine(test_data / "dcm_qa_nih" / "In", desk.kari)

    runs = [
        run_to_the_end(request(desk, study, f"BICAM_{n:04}"))
        for n, study in enumerate(studies, start=1)
    ]

    assert sum(run.received_count for run in runs) == Instance.objects.count() > 600
    assert not Finding.objects.exists()
    assert {run.state for run in runs} == {State.DELIVERED}


def test_left_out_series_is_counted_and_not_de_identified(tmp_path):
    desk = make_desk()
    uid = "1.2.826.0.1.3680043.8.498.77"
    make_mr_series(tmp_path / "a", n=2, patient_name=NAME, study_instance_uid=uid)
    make_mr_series(tmp_path / "b", n=3, patient_name=NAME, study_instance_uid=uid)
    (study,) = quarantine(tmp_path, desk.kari)
    smaller = study.series.get(instance_count=2)

    run = run_to_the_end(request(desk, study, left_out=[smaller]))

    assert outcomes(run) == {"delivered": 3, "left_out": 2}
    assert not Outcome.objects.filter(state="left_out").exclude(key="").exists()


def test_damaged_instance_is_held_with_its_reason_and_the_rest_goes_on(tmp_path):
    desk = make_desk()
    make_mr_series(tmp_path / "in", n=3, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    broken = Instance.objects.first()
    path = storage().path(broken.key)
    path.write_bytes(path.read_bytes()[:600])

    run = run_to_the_end(request(desk, study))

    assert outcomes(run) == {"delivered": 2, "held": 1}
    assert run.state == State.HELD
    assert run.outcomes.get(instance=broken).reason


def test_instance_that_cannot_be_searched_is_rejected_and_never_released(tmp_path):
    desk = make_desk()
    make_mr_series(tmp_path / "in", n=2, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)
    advance(transfer.runs.get().pk)
    storage().delete(Instance.objects.first().key)

    run = run_to_the_end(transfer)

    for finding in (run.findings.get(), None):
        with pytest.raises(ValidationError, match="can only be rejected"):
            actions.release(by=desk.kari, run=run, finding=finding, reason="It will be harmless.")
    assert outcomes(run) == {"delivered": 1, "held": 1}


def test_instance_that_quarantine_let_go_of_is_expired_not_lost(tmp_path):
    desk = make_desk()
    make_mr_series(tmp_path / "in", n=3, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)
    Instance.objects.update(received_at=timezone.now() - timedelta(days=7))
    storage().delete(Instance.objects.first().key)

    run = run_to_the_end(transfer)

    assert outcomes(run) == {"delivered": 2, "expired": 1}


def test_images_that_arrive_late_join_the_transfer_and_only_they_are_sent(tmp_path, storescp):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    uid = "1.2.826.0.1.3680043.8.498.78"
    make_mr_series(tmp_path / "a", n=2, patient_name=NAME, study_instance_uid=uid)
    (study,) = quarantine(tmp_path / "a", desk.kari)
    transfer = request(desk, study)
    run_to_the_end(transfer)
    for path in storescp.received():
        path.unlink()

    make_mr_series(tmp_path / "b", n=3, patient_name=NAME, study_instance_uid=uid)
    quarantine(tmp_path / "b", desk.kari)
    resume_transfers()
    run = run_to_the_end(transfer)

    assert run.number == 1
    assert run.state == State.DELIVERED
    assert run.received_count == 5
    assert outcomes(run) == {"delivered": 5}
    assert len(storescp.received()) == 3
    assert len(set(run.outcomes.values_list("study_instance_uid", flat=True))) == 1


def test_late_images_are_counted_though_everything_before_them_was_rejected(tmp_path):
    desk = make_desk()
    uid = "1.2.826.0.1.3680043.8.498.79"
    make_us_series(tmp_path / "a", n=1, patient_name=NAME, study_instance_uid=uid)
    (study,) = quarantine(tmp_path / "a", desk.kari)
    transfer = request(desk, study)
    run = run_to_the_end(transfer)
    actions.reject(by=desk.kari, run=run, reason="A name is in the picture.")

    make_mr_series(tmp_path / "b", n=2, patient_name=NAME, study_instance_uid=uid)
    quarantine(tmp_path / "b", desk.kari)
    resume_transfers()
    run = run_to_the_end(transfer)

    assert run.received_count == 3
    assert outcomes(run) == {"delivered": 2, "rejected": 1}
    assert run.state == State.DELIVERED


def test_cancelled_transfer_stops_and_gives_the_study_free(tmp_path):
    desk = make_desk()
    make_mr_series(tmp_path / "in", n=3, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)

    actions.cancel_transfer(by=desk.kari, transfer=transfer)
    advance(transfer.runs.get().pk)

    run = transfer.runs.get()
    assert run.state == State.CANCELLED
    assert outcomes(run) == {"left_out": 3}
    assert request(desk, study).is_live


def test_run_that_kills_its_workers_ends_with_a_reason(tmp_path):
    desk = make_desk()
    make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)
    Run.objects.update(attempt=5)

    resume_transfers()

    run = transfer.runs.get()
    assert run.state == State.FAILED
    assert run.reason
    assert actions.retry_transfer(by=desk.kari, transfer=transfer).pk == run.pk
    assert run_to_the_end(transfer).state == State.DELIVERED
