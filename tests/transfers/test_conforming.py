"""Outputs that break the standard, lead astray or disagree are held; others leave."""

import pytest
from pydicom import dcmread

from deidentify.leaks import LeakCheck
from projects.storage import storage
from tests.datasets import ct, make_mr_series, mr, new_uid, write
from tests.transfers.arrange import (
    add_destination,
    make_desk,
    outcomes,
    quarantine,
    request,
    run_to_the_end,
)
from transfers import actions
from transfers.models import AgreementStore, Outcome, Run
from transfers.pipeline import conforming
from transfers.states import State
from transfers.tasks import advance, deliver, resume_transfers

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


def deidentified(tmp_path, n=4):
    """A transfer whose images lie de-identified and wait to be verified."""
    desk = make_desk()
    make_mr_series(tmp_path / "in", n=n, patient_name=NAME)
    return desk, assigned(desk, tmp_path / "in")


def assigned(desk, folder):
    (study,) = quarantine(folder, desk.kari)
    transfer = request(desk, study)
    advance(transfer.runs.get().pk)
    assert transfer.runs.get().state == State.DEIDENTIFIED
    return transfer


def damage(outcome, change):
    path = storage().path(outcome.key)
    dataset = dcmread(path)
    change(dataset)
    dataset.save_as(path)


def findings(run):
    return list(run.findings.order_by("pk").values_list("outcome", "kind", "path"))


def test_what_breaks_the_standard_is_held_and_the_rest_leaves(tmp_path):
    _, transfer = deidentified(tmp_path)
    broken = transfer.runs.get().outcomes.all()[1]
    damage(broken, lambda dataset: dataset.__delitem__("Rows"))

    run = run_to_the_end(transfer)

    assert outcomes(run) == {"delivered": 3, "held": 1}
    assert findings(run) == [(broken.pk, "conformance", "(0028,0010)")]
    broken.refresh_from_db()
    assert broken.reason.startswith("Rows has to be there")


def test_a_release_carries_to_the_same_fault(tmp_path):
    desk, transfer = deidentified(tmp_path)
    for outcome in transfer.runs.get().outcomes.all()[:2]:
        damage(outcome, lambda dataset: dataset.__delitem__("Rows"))
    run = run_to_the_end(transfer)

    freed = actions.release(
        by=desk.kari, run=run, finding=run.findings.first(), reason="Known of this scanner."
    )

    assert freed == 2
    assert outcomes(run_to_the_end(transfer)) == {"delivered": 4}


def test_a_reference_that_dangles_is_held(tmp_path):
    desk = make_desk()
    study, series = new_uid(), new_uid()
    first = mr(StudyInstanceUID=study, SeriesInstanceUID=series, PatientName=NAME)
    second = mr(StudyInstanceUID=study, SeriesInstanceUID=series, PatientName=NAME)
    second.InstanceNumber = 2
    item = ct()
    second.ReferencedImageSequence = [item]
    for keyword in [element.keyword for element in item]:
        delattr(item, keyword)
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = (
        first.SOPClassUID,
        first.SOPInstanceUID,
    )
    write(first, tmp_path / "in" / "1.dcm")
    write(second, tmp_path / "in" / "2.dcm")
    transfer = assigned(desk, tmp_path / "in")
    outcome = next(
        one
        for one in transfer.runs.get().outcomes.all()
        if "ReferencedImageSequence" in dcmread(storage().path(one.key))
    )

    def elsewhere(dataset):
        dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "2.25.77"

    damage(outcome, elsewhere)

    run = run_to_the_end(transfer)

    assert findings(run) == [(outcome.pk, "reference", "(0008,1140)[0](0008,1155)")]
    assert outcomes(run) == {"delivered": 1, "held": 1}


def test_references_that_follow_are_no_finding(tmp_path):
    desk = make_desk()
    study = new_uid()
    first = mr(StudyInstanceUID=study, PatientName=NAME)
    second = mr(StudyInstanceUID=study, PatientName=NAME)
    second.SourceImageSequence = [type(first)()]
    source = second.SourceImageSequence[0]
    source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = (
        first.SOPClassUID,
        first.SOPInstanceUID,
    )
    write(first, tmp_path / "in" / "1.dcm")
    write(second, tmp_path / "in" / "2.dcm")

    run = run_to_the_end(assigned(desk, tmp_path / "in"))

    assert findings(run) == []
    assert outcomes(run) == {"delivered": 2}


@pytest.mark.parametrize("slice_size", [1, 100])
def test_the_one_that_disagrees_is_held_before_any_leaves(tmp_path, settings, slice_size):
    settings.SLICE_SIZE = slice_size
    _, transfer = deidentified(tmp_path)
    odd = transfer.runs.get().outcomes.first()
    damage(odd, lambda dataset: setattr(dataset, "PatientSex", "O"))

    run = run_to_the_end(transfer)

    assert findings(run) == [(odd.pk, "agreement", "(0010,0040)")]
    assert outcomes(run) == {"delivered": 3, "held": 1}


def test_another_worker_knows_what_was_said_before_it_came(tmp_path, settings, monkeypatch):
    settings.SLICE_SIZE = 2
    _, transfer = deidentified(tmp_path)
    last = transfer.runs.get().outcomes.last()
    damage(last, lambda dataset: setattr(dataset, "PatientSex", "O"))
    examine, taken = conforming.ConformanceCheck.examine, []

    def dying(self, source, target):
        if len(taken) == 2:
            raise OSError("the worker dies after its first slice")
        taken.append(target)
        return examine(self, source, target)

    monkeypatch.setattr(conforming.ConformanceCheck, "examine", dying)
    advance(transfer.runs.get().pk)
    monkeypatch.undo()
    run = transfer.runs.get()
    assert run.outcomes.filter(is_verified=True).count() == 2
    assert AgreementStore.objects.filter(run=run).exists()
    type(run).objects.filter(pk=run.pk).update(not_before=None)

    run = run_to_the_end(transfer)

    assert findings(run) == [(last.pk, "agreement", "(0010,0040)")]


def test_an_image_that_cannot_be_judged_is_held(tmp_path, monkeypatch):
    _, transfer = deidentified(tmp_path, n=2)

    def failing(self, source, target):
        raise ValueError("unforeseen")

    monkeypatch.setattr(conforming.ConformanceCheck, "examine", failing)

    run = run_to_the_end(transfer)

    assert outcomes(run) == {"held": 2}
    assert {kind for _, kind, _ in findings(run)} == {"conformance"}
    assert not Outcome.objects.filter(is_verified=True).exists()


def test_late_images_wait_for_the_comparison_though_a_delivery_is_under_way(
    tmp_path, storescp, monkeypatch
):
    desk = make_desk()
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    uid = new_uid()
    make_mr_series(tmp_path / "a", n=2, patient_name=NAME, study_instance_uid=uid)
    transfer = assigned(desk, tmp_path / "a")
    run = transfer.runs.get()
    advance(run.pk)
    make_mr_series(tmp_path / "b", n=2, patient_name=NAME, study_instance_uid=uid)
    quarantine(tmp_path / "b", desk.kari)
    resume_transfers()
    advance(run.pk)
    odd = run.outcomes.last()
    damage(odd, lambda dataset: setattr(dataset, "PatientSex", "O"))

    def dying(self, *args, **more):
        raise OSError("the worker dies before it has compared")

    monkeypatch.setattr(conforming.ConformanceCheck, "compare", dying)
    advance(run.pk)
    monkeypatch.undo()
    deliver(run.deliveries.get().pk)
    early = len(storescp.received())
    Run.objects.filter(pk=run.pk).update(attempt=5, not_before=None)
    resume_transfers()
    actions.retry_transfer(by=desk.kari, transfer=transfer)
    run = run_to_the_end(transfer)

    assert early == 0
    assert (odd.pk, "agreement", "(0010,0040)") in findings(run)
    assert outcomes(run)["held"] >= 1
    assert len(storescp.received()) == outcomes(run)["delivered"]


def test_rejection_while_the_others_are_compared_stays(tmp_path, monkeypatch):
    desk, transfer = deidentified(tmp_path)
    run = transfer.runs.get()
    broken = run.outcomes.first()

    def odd_and_broken(dataset):
        del dataset.Rows
        dataset.PatientSex = "O"

    damage(broken, odd_and_broken)
    compare = conforming.ConformanceCheck.compare

    def rejected_meanwhile(self, *args, **more):
        if run.findings.filter(verdict="open").exists():
            finding = run.findings.get()
            actions.reject(by=desk.kari, run=run, finding=finding, reason="Not to be used.")
        return compare(self, *args, **more)

    monkeypatch.setattr(conforming.ConformanceCheck, "compare", rejected_meanwhile)

    run = run_to_the_end(transfer)

    assert run.findings.filter(outcome=broken, kind="agreement").exists()
    assert outcomes(run) == {"rejected": 1, "delivered": 3}
    broken.refresh_from_db()
    assert broken.reason == "Rejected: Not to be used."


def test_disagreement_that_was_rejected_before_rejects_what_is_held_already(tmp_path):
    desk, transfer = deidentified(tmp_path)
    odd = transfer.runs.get().outcomes.first()
    damage(odd, lambda dataset: setattr(dataset, "PatientSex", "O"))
    run = run_to_the_end(transfer)
    actions.reject(by=desk.kari, run=run, finding=run.findings.get(), reason="Of somebody else.")
    actions.rerun_transfer(by=desk.kari, transfer=transfer)
    again = transfer.runs.get(number=2)
    advance(again.pk)
    odd = again.outcomes.get(instance=odd.instance)

    def odd_and_broken(dataset):
        del dataset.Rows
        dataset.PatientSex = "O"

    damage(odd, odd_and_broken)
    again = run_to_the_end(transfer)

    assert outcomes(again) == {"rejected": 1, "delivered": 3}


def test_an_image_whose_search_fails_is_held_and_ends_no_run(tmp_path, monkeypatch):
    _, transfer = deidentified(tmp_path, n=2)
    examine, taken = LeakCheck.examine, []

    def failing(self, source, target):
        taken.append(target)
        if len(taken) == 1:
            raise ValueError("unforeseen")
        return examine(self, source, target)

    monkeypatch.setattr(LeakCheck, "examine", failing)

    run = run_to_the_end(transfer)

    assert outcomes(run) == {"held": 1, "delivered": 1}
    assert findings(run) == [
        (run.outcomes.get(state="held").pk, "unreadable", "the whole instance")
    ]
