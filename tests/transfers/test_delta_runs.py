"""Runs over the research copy: a newer plan for what quarantine has let go of."""

from datetime import timedelta

import pydicom
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from deidentify.rules import Rule
from intake.models import Instance, Study
from projects.errors import LeaseLost
from projects.models import Participant
from projects.storage import storage
from tests.datasets import make_mr_series, make_sc_series
from tests.transfers.arrange import (
    add_destination,
    every_image,
    make_desk,
    outcomes,
    quarantine,
    run_to_the_end,
)
from tests.transfers.copying import files, new_plan, over_the_copy, purge
from transfers import actions
from transfers.actions.requests import run_anew, source_of
from transfers.models import Difference, LedgerEntry, Outcome, Run, SearchTermStore
from transfers.pipeline.deidentifying import deidentify_study
from transfers.pipeline.erasing import erasable
from transfers.pipeline.latecomers import admit_latecomers
from transfers.ruled import rules_context
from transfers.states import OutcomeState, Replaces, Source, State
from transfers.trial import try_rule

pytestmark = pytest.mark.django_db
COMMENT = "(0020,4000)"
NAME = "Fjell^Turid Aasen"


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def bring(desk, tmp_path):
    """Transfer a series of MR images to its end."""

    def bring_one(make=make_mr_series, n=3, **attributes):
        folder = tmp_path / str(Study.objects.count())
        make(folder, n=n, patient_name=NAME, **attributes)
        (study,) = quarantine(folder, desk.kari)
        transfer = actions.request_transfer(
            by=desk.kari,
            study=study,
            project=desk.project,
            pseudonym="BICAM_0001",
            event=desk.project.events.first(),
        )
        run_to_the_end(transfer)
        return transfer

    return bring_one


def test_a_newer_plan_runs_over_the_copy_and_changes_nothing_else(desk, bring):
    transfer = bring(ImageComments="phantom in the left coil")
    before = files(transfer.latest_run)
    new_plan(desk, Rule(COMMENT, "remove"))

    run = over_the_copy(transfer)

    assert (run.source, run.over.number, run.state) == (Source.COPY, 1, State.DELIVERED)
    assert outcomes(run) == {"delivered": 3}
    for old, new in zip(before, files(run), strict=True):
        assert "ImageComments" in old
        del old.ImageComments
        assert old == new
    difference = Difference.objects.get(run=run)
    assert [COMMENT, "ImageComments", "removed", 3] in difference.elements
    assert (difference.compared_count, difference.changed_count) == (3, 3)


def test_one_run_after_the_other_over_the_copy_moves_dates_once(desk, bring):
    transfer = bring(ImageComments="phantom", ProtocolName="t1")
    (before, *_) = files(transfer.latest_run)
    new_plan(desk, Rule(COMMENT, "remove"))
    over_the_copy(transfer)
    new_plan(desk, Rule("(0018,1030)", "empty"))

    run_anew(transfer)
    run = run_to_the_end(transfer)

    (after, *_) = files(run)
    assert (run.number, run.over.number, run.state) == (3, 2, State.DELIVERED)
    assert "ImageComments" not in after
    assert (before.ProtocolName, after.ProtocolName) == ("t1", "")
    assert after.StudyDate == before.StudyDate
    assert after.SOPInstanceUID == before.SOPInstanceUID


def test_a_destination_gets_only_the_bytes_that_changed(desk, bring, storescp):
    add_destination(
        desk.project,
        ae_title=storescp.ae_title,
        port=storescp.port,
        replaces=Replaces.OVERWRITES,
    )
    transfer = bring(n=2)
    first = {o.sop_instance_uid: o.digest for o in transfer.latest_run.outcomes.all()}
    new_plan(desk, Rule(COMMENT, "remove"))  # which none of them has
    same = over_the_copy(transfer)
    assert {o.sop_instance_uid: o.digest for o in same.outcomes.all()} == first
    assert LedgerEntry.objects.count() == 2

    new_plan(desk, Rule("(0008,0070)", "dummy", "ACME"))
    run_anew(transfer)
    run = run_to_the_end(transfer)

    assert run.state == State.DELIVERED
    received = [pydicom.dcmread(path) for path in storescp.received()]
    assert {str(one.SOPInstanceUID) for one in received} == set(first)
    assert {one.Manufacturer for one in received} == {"ACME"}
    assert LedgerEntry.objects.filter(withdrawn_at=None).count() == 2
    assert LedgerEntry.objects.exclude(withdrawn_at=None).count() == 2


def test_what_was_rejected_left_out_or_expired_stays_so_and_everything_adds_up(desk, bring):
    transfer = bring(n=5)
    ends = [OutcomeState.REJECTED, OutcomeState.LEFT_OUT, OutcomeState.EXPIRED]
    some = list(transfer.latest_run.outcomes.order_by("pk"))[: len(ends)]
    for outcome, state in zip(some, ends, strict=True):
        Outcome.objects.filter(pk=outcome.pk).update(state=state, reason=f"It is {state}.")

    run = over_the_copy(transfer)

    assert outcomes(run) == {"delivered": 2, "rejected": 1, "left_out": 1, "expired": 1}
    assert run.received_count == sum(run.counts().values()) == 5
    assert run.outcomes.get(state=OutcomeState.EXPIRED).reason == "It is expired."


def test_pictures_that_were_passed_stay_so_and_others_wait_still(desk, bring):
    transfer = bring(make_sc_series, n=2)
    run = transfer.latest_run
    first, _ = every_image(run)
    assert outcomes(run) == {"held": 2}
    actions.release(by=desk.kari, run=run, outcomes=[first], reason="No text in it.")
    run_to_the_end(transfer)
    new_plan(desk, Rule(COMMENT, "remove"))

    again = over_the_copy(transfer)

    assert outcomes(again) == {"delivered": 1, "held": 1}
    passed = again.findings.get(verdict="released")
    assert (passed.kind, passed.verdict_reason) == ("pixels", "No text in it.")


def test_what_was_released_is_found_without_its_original_and_the_release_still_counts(desk, bring):
    keep = Rule("(0008,1030)", "keep")
    new_plan(desk, keep)
    transfer = bring(StudyDescription="Fjell, control")
    run = transfer.latest_run
    assert outcomes(run) == {"held": 3}
    actions.release(
        by=desk.kari, run=run, finding=run.findings.first(), reason="It is a mountain here."
    )
    run_to_the_end(transfer)
    new_plan(desk, Rule(COMMENT, "remove"))
    released = over_the_copy(transfer)
    new_plan(desk, Rule("(0008,1030)", "remove"), without=[keep])

    run_anew(transfer)
    removed = run_to_the_end(transfer)

    assert outcomes(released) == {"delivered": 3}
    assert set(released.findings.values_list("path", "verdict")) == {("(0008,1030)", "released")}
    assert outcomes(removed) == {"delivered": 3}
    assert not removed.findings.exists()


def test_a_name_that_only_the_stored_terms_tell_holds_what_has_it(desk, bring):
    keep = Rule("(0008,1030)", "keep")
    new_plan(desk, keep)
    transfer = bring(n=1, StudyDescription="control")
    (outcome,) = transfer.latest_run.outcomes.all()
    with storage().fetch(outcome.key) as path:
        dataset = pydicom.dcmread(path)
        dataset.StudyDescription = "Turid Aasen"
        dataset.save_as(path)

    run = over_the_copy(transfer)

    assert outcomes(run) == {"held": 1}
    assert set(run.findings.values_list("path", flat=True)) == {"(0008,1030)"}


def test_what_was_kept_before_is_searched_for_once_the_plan_keeps_it_no_more(desk, bring):
    transfer = bring(DeviceSerialNumber="SN77190042", ImageComments="coil of SN77190042")
    assert outcomes(transfer.latest_run) == {"delivered": 3}
    new_plan(desk, options=["no-retain-device-identity"])

    run = over_the_copy(transfer)

    assert outcomes(run) == {"held": 3}
    assert set(run.findings.values_list("kind", "path")) == {("device", COMMENT)}


def test_what_only_an_original_could_become_is_held_and_said(desk, bring):
    new_plan(desk, options=["full-dates"])
    transfer = bring(n=1)
    (before,) = files(transfer.latest_run)
    new_plan(desk)

    run = over_the_copy(transfer)

    assert outcomes(run) == {"held": 1}
    assert ("undone", "(0008,0020)") in set(run.findings.values_list("kind", "path"))
    assert ["(0008,0020)", "Study Date"] in [limit[:2] for limit in run.limits]
    for finding in run.findings.filter(verdict="open"):
        actions.release(by=desk.kari, run=run, finding=finding, reason="The board allows it.")
    run = run_to_the_end(transfer)
    assert outcomes(run) == {"delivered": 1}
    assert files(run)[0].StudyDate == before.StudyDate


def test_of_a_severed_participant_the_plan_still_takes_and_a_person_decides(desk, bring):
    transfer = bring(ImageComments="phantom")
    SearchTermStore.objects.all().delete()
    Participant.objects.update(wrapped_secret=None)
    new_plan(desk, Rule(COMMENT, "remove"))

    run = over_the_copy(transfer)

    assert outcomes(run) == {"held": 3}
    finding = run.findings.first()
    assert (finding.kind, "nobody can prove" in finding.sentence) == ("unproved", True)
    assert not any("ImageComments" in one for one in files(run))
    assert not SearchTermStore.objects.exists()
    actions.release(by=desk.kari, run=run, finding=finding, reason="It was proved before.")
    assert outcomes(run_to_the_end(transfer)) == {"delivered": 3}


def test_a_worker_that_is_killed_leaves_the_rest_to_the_next_one(desk, bring, settings):
    settings.SLICE_SIZE = 1
    transfer = bring(ImageComments="phantom")
    base = transfer.latest_run
    new_plan(desk, Rule(COMMENT, "remove"))
    purge(transfer)
    run = run_anew(transfer)
    beats = iter([None, None])

    def check():
        if next(beats, LeaseLost) is LeaseLost:
            raise LeaseLost

    claimed = Run.objects.claim(run.pk, owner=run.folder and "0" * 32)
    with pytest.raises(LeaseLost):
        deidentify_study(claimed, check)
    half = outcomes(run)
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=1), lease_until=None, owner=None)
    kept = set(erasable().values_list("pk", flat=True))
    run = run_to_the_end(transfer)

    assert half == {"moving": 2, "waiting": 1}
    assert base.pk not in kept
    assert (run.state, outcomes(run)) == (State.DELIVERED, {"delivered": 3})
    Run.objects.filter(pk=base.pk).update(ended_at=timezone.now() - timedelta(hours=1))
    assert base in erasable()


def test_originals_are_used_only_while_every_one_is_there(desk, bring):
    whole, part, without_files = bring(), bring(), bring()
    purge(part, keep=2)
    for instance in Instance.objects.filter(series__study=without_files.study):
        storage().delete(instance.key)

    sources = [source_of(transfer) for transfer in (whole, part, without_files)]
    runs = []
    for transfer in (whole, part, without_files):
        run_anew(transfer)
        runs.append(run_to_the_end(transfer))

    assert sources == [Source.QUARANTINE, Source.COPY, Source.QUARANTINE]
    # the worker looks for the files themselves
    assert [run.source for run in runs] == [Source.QUARANTINE, Source.COPY, Source.COPY]
    assert [outcomes(run) for run in runs] == [{"delivered": 3}] * 3


def test_a_late_image_joins_a_run_over_the_copy_from_its_own_original(desk, bring, tmp_path):
    transfer = bring()
    study = transfer.study
    (series,) = study.series.all()
    purge(transfer, keep=1)
    run_anew(transfer)
    run = run_to_the_end(transfer)
    make_mr_series(
        tmp_path / "late",
        n=1,
        patient_name=NAME,
        patient_id=study.patient.patient_id,
        study_instance_uid=study.study_instance_uid,
        series_instance_uid=series.series_instance_uid,
    )
    quarantine(tmp_path / "late", desk.kari)

    admit_latecomers(transfer)
    run = run_to_the_end(transfer)

    assert (run.source, outcomes(run)) == (Source.COPY, {"delivered": 4})
    made = files(run)
    assert len({str(one.StudyInstanceUID) for one in made}) == 1
    assert {str(one.PatientID) for one in made} == {"BICAM_0001"}
    assert len({one.StudyDate for one in made}) == 1


def test_without_originals_and_without_a_verified_copy_nothing_is_left_to_run(desk, bring):
    transfer = bring()
    purge(transfer)
    Run.objects.update(files_erased_at=timezone.now())
    new_plan(desk, Rule(COMMENT, "remove"))

    with pytest.raises(ValidationError, match="no verified research copy"):
        run_anew(transfer)

    ruled = rules_context(desk.project, desk.kari)["ruled"]
    assert (ruled["older_count"], ruled["too_late_count"]) == (0, 1)


def test_a_rule_is_tried_on_the_copy_when_the_next_run_goes_over_it(desk, bring):
    keep = Rule("(0008,1030)", "keep")
    new_plan(desk, keep)
    transfer = bring(n=2, StudyDescription="Fjell, control")
    finding = transfer.latest_run.findings.first()
    purge(transfer)

    removed = try_rule(finding, Rule("(0008,1030)", "remove"))
    cleaned = try_rule(finding, Rule("(0008,1030)", "clean"))
    useless = try_rule(finding, Rule(COMMENT, "remove"))

    assert (removed.tried, removed.gone) == (2, 2)
    assert (cleaned.tried, cleaned.gone) == (2, 2)
    assert (useless.tried, useless.gone) == (2, 0)


def test_pages_and_rest_say_what_a_run_is_made_of(desk, bring, client):
    transfer = bring(n=1)
    client.force_login(desk.kari)
    page = reverse("transfer-detail", args=[transfer.pk])
    before = client.get(page).text
    new_plan(desk, options=["retain-institution-identity"])
    purge(transfer)
    offered = client.get(page).text

    answer = client.post(f"/api/v1/transfers/{transfer.pk}/rerun/").json()
    assert outcomes(run_to_the_end(transfer)) == {"delivered": 1}
    after = client.get(page).text

    assert "The originals in quarantine." in before
    assert "It runs over the research copy" in offered
    assert "ask again about what was rejected" not in offered
    assert (answer["run"]["source"], answer["run"]["made_over_run"]) == ("copy", 1)
    assert "The research copy: originals have left quarantine" in after
    assert "what was taken does not come back" in after
    assert "(0008,0081)" in after


def test_what_was_rejected_comes_before_somebody_again_when_that_is_asked_for(desk, bring):
    transfer = bring(make_sc_series, n=2)
    run = transfer.latest_run
    actions.reject(by=desk.kari, run=run, outcomes=every_image(run)[:1], reason="A name in it.")
    purge(transfer)

    actions.rerun_transfer(by=desk.kari, transfer=transfer, ask_again=True)
    asked = run_to_the_end(transfer)
    before = outcomes(asked), set(asked.findings.values_list("kind", "verdict"))
    actions.reject(by=desk.kari, run=asked, outcomes=every_image(asked)[:1], reason="It is one.")
    actions.rerun_transfer(by=desk.kari, transfer=transfer)
    not_asked = outcomes(run_to_the_end(transfer))
    actions.rerun_transfer(by=desk.kari, transfer=transfer, ask_again=True)

    assert before == ({"held": 2}, {("pixels", "open")})
    assert not_asked == {"held": 1, "rejected": 1}
    # the run before left it behind, so there is no file any more to ask about
    assert outcomes(run_to_the_end(transfer)) == {"held": 1, "rejected": 1}
