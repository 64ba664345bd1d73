"""The record of a run: what it says, when there is another, and that nobody can change it."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.chain.sealing import seal_audit
from projects.models import AuditEvent
from tests.datasets import make_mr_series, make_us_series
from tests.factories import ParticipantFactory, StudyFactory
from tests.projects.by_hand import by_hand
from tests.transfers.arrange import every_image, make_desk, quarantine, request, run_to_the_end
from transfers import actions
from transfers.models import Outcome, PlanVersion, Run, TransferRecord, TransferRequest
from transfers.pipeline import recording
from transfers.pipeline.recording import record_runs
from transfers.proving import proof_of, verify_records
from transfers.states import OutcomeState, State
from transfers.telling import WITHHELD

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


@pytest.fixture
def desk():
    return make_desk()


def bring_in(desk, folder):
    (study,) = quarantine(folder, desk.kari)
    transfer = request(desk, study)
    return run_to_the_end(transfer)


@pytest.fixture
def delivered(desk, tmp_path):
    make_mr_series(tmp_path / "mr", n=2, patient_name=NAME)
    return bring_in(desk, tmp_path / "mr")


@pytest.fixture
def ended():
    """A run that delivered one image: its rows alone."""
    participant = ParticipantFactory()
    project = participant.project
    transfer = TransferRequest.objects.create(
        study=StudyFactory(), project=project, participant=participant, event=project.events.first()
    )
    plan = PlanVersion.objects.create(project=project, number=1, digest="0" * 64)
    run = Run.objects.create(
        transfer=transfer,
        plan_version=plan,
        state=State.DELIVERED,
        received_count=1,
        ended_at=timezone.now(),
    )
    Outcome.objects.create(
        run=run,
        state=OutcomeState.DELIVERED,
        is_verified=True,
        digest="d" * 64,
        sop_instance_uid="2.25.1",
    )
    return run


@pytest.fixture
def held(desk, tmp_path):
    make_us_series(tmp_path / "us", n=2, patient_name=NAME)
    return bring_in(desk, tmp_path / "us")


def newest(run):
    return run.records.order_by("-number").first()


def test_a_record_says_what_was_done_to_what_and_by_whom(desk, delivered):
    record_runs()

    facts = newest(delivered).said["facts"]
    assert facts["transfer"]["participant"] == "BICAM_0001"
    assert facts["transfer"]["requested_by"] == f"Kari Moen ({desk.kari.username})"
    assert facts["run"]["state"] == "delivered"
    assert facts["received"] == 2
    assert facts["outcomes"] == {"delivered": 2}
    assert facts["plan"]["digest"] == delivered.plan_digest
    assert facts["program"] == delivered.program_version


def test_a_record_lists_the_checksum_of_every_output(delivered):
    record_runs()

    record = newest(delivered)
    lines = sorted(
        f"{outcome.digest}  {outcome.sop_instance_uid}.dcm" for outcome in delivered.outcomes.all()
    )
    assert sorted(record.outputs.text.splitlines()) == lines
    assert record.said["facts"]["outputs"] == {
        "count": 2,
        "digest": hashlib.sha256(record.outputs.text.encode()).hexdigest(),
    }


def test_a_record_holds_nothing_of_the_patient(desk, held, monkeypatch):
    # as before such reasons were refused: what is written stays written
    monkeypatch.setattr("transfers.actions.verdicts.refuse_identity", lambda *_: None)
    reason = "It shows no text; the patient is Turid Fjell."
    actions.release(by=desk.kari, run=held, outcomes=every_image(held), reason=reason)
    run_to_the_end(held.transfer)
    record_runs()

    record = newest(held)
    [finding] = record.said["facts"]["findings"]
    assert finding["reason"] == WITHHELD
    assert finding["verdict"] == "released"
    assert "Fjell" not in record.text
    assert "Turid" not in record.text


def test_findings_that_are_alike_are_told_once_with_what_became_of_them(desk, held):
    actions.release(
        by=desk.kari, run=held, outcomes=every_image(held), reason="No text in the picture."
    )
    run_to_the_end(held.transfer)
    record_runs()

    [finding] = newest(held).said["facts"]["findings"]
    assert (finding["findings"], finding["images"]) == (2, 2)
    assert finding["reason"] == "No text in the picture."
    assert finding["by"] == f"Kari Moen ({desk.kari.username})"


def test_the_same_is_not_said_twice(ended):
    assert record_runs() == 1
    assert record_runs() == 0


def test_a_late_verdict_makes_another_record_and_keeps_the_first(desk, held):
    record_runs()
    actions.reject(by=desk.kari, run=held, outcomes=every_image(held), reason="A name in it.")
    run_to_the_end(held.transfer)

    assert record_runs() == 1

    first, second = held.records.order_by("number")
    assert first.said["facts"]["outcomes"] == {"held": 2}
    assert second.said["facts"]["outcomes"] == {"rejected": 2}
    assert (first.number, second.number) == (1, 2)


def test_a_cancelled_transfer_is_told_again(desk, delivered):
    record_runs()
    actions.cancel_transfer(by=desk.kari, transfer=delivered.transfer)

    assert record_runs() == 1

    facts = newest(delivered).said["facts"]
    assert facts["transfer"]["ended_by"] == f"Kari Moen ({desk.kari.username})"
    assert facts["outcomes"] == {"erased": 2}


def test_what_changed_long_ago_is_not_looked_at_again(ended, monkeypatch):
    record_runs()
    monkeypatch.setattr(recording, "OVERLAP", timedelta(0))

    assert not recording.to_look_at().exists()


def test_a_digest_of_the_text_stands_in_the_audit_and_under_its_seal(ended):
    record_runs()
    record = newest(ended)
    assert proof_of(record).seal is None

    [seal] = seal_audit()

    proof = proof_of(record)
    assert hashlib.sha256(record.text.encode()).hexdigest() == record.digest
    assert AuditEvent.objects.get(pk=proof.event).facts["digest"] == record.digest
    assert proof.seal == seal
    assert seal.carries(record.digest)


def test_records_that_nobody_touched_are_intact_before_and_after_the_seal(ended):
    record_runs()
    before = verify_records()
    seal_audit()

    assert before.sentences() == verify_records().sentences()
    assert before.sentences() == ["1 record of a transfer is as it was made."]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "UPDATE transfers_transferrecord SET text = replace(text, 'delivered', 'rejected')",
            "Records changed since they were made: {record}.",
        ),
        (
            "UPDATE transfers_transferrecord SET digest = repeat('a', 64)",
            "Records changed since they were made: {record}.",
        ),
        (
            "UPDATE transfers_transferrecord SET text = 'x', digest = "
            "encode(sha256('x'::bytea), 'hex')",
            "Records that no audit event vouches for: {record}.",
        ),
        (
            "DELETE FROM transfers_transferrecord",
            "Records that are missing, by their audit events: {event}.",
        ),
        (
            "UPDATE transfers_outputlist SET packed = substring(packed from 2)",
            "Lists of checksums that were changed: {outputs}.",
        ),
    ],
)
@pytest.mark.parametrize("is_sealed", [False, True], ids=["unsealed", "sealed"])
def test_a_record_that_was_changed_by_hand_is_named(ended, change, sentence, is_sealed):
    record_runs()
    record = newest(ended)
    if is_sealed:
        seal_audit()

    with by_hand("transfers_transferrecord", "transfers_outputlist") as cursor:
        cursor.execute(change)

    assert verify_records().sentences()[0] == sentence.format(
        record=record.pk, event=record.event_id, outputs=record.outputs_id
    )


def test_records_can_be_neither_changed_nor_deleted(ended):
    record_runs()

    for forbidden in (
        lambda: TransferRecord.objects.update(text="{}"),
        lambda: TransferRecord.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="records_stay_as_they_are"), transaction.atomic():
            forbidden()


def test_a_run_that_is_still_moving_has_no_record(ended):
    Run.objects.filter(pk=ended.pk).update(state="verified")

    assert record_runs() == 0
    assert not ended.records.exists()
