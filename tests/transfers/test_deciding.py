"""What becomes of held instances when people decide: alone, together, at once, and again."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from projects.models import HoldPolicy
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.factories import UserFactory
from tests.transfers.arrange import (
    add_destination,
    make_desk,
    outcomes,
    quarantine,
    read_all,
    request,
    run_to_the_end,
)
from tests.transfers.hidden_names import (
    BLOCK,
    BLOCK_PATH,
    CSA,
    CSA_PATH,
    HIDDEN,
    NAME_NOW,
    earlier_study,
    name_a_file,
    study_with,
)
from transfers import actions
from transfers.models import Finding, LedgerEntry, Run
from transfers.states import AskedBy, CarriesTo, FindingVerdict, Replaces, State
from transfers.tasks import advance

pytestmark = pytest.mark.django_db
REASON = "Looked at: it is a word, not the name."


def finding_at(run, path):
    return run.findings.filter(path=path).first()


@pytest.fixture
def desk(tmp_path):
    desk = make_desk()
    earlier_study(tmp_path / "before", desk)
    return desk


@pytest.fixture
def colleague(desk):
    """A second person who may decide."""
    ola = UserFactory()
    desk.project.memberships.create(user=ola, role=Role.DATA_MANAGER)
    return ola


@pytest.fixture
def held(desk, tmp_path):
    """A held run: two images with a name in a private block, two clean ones."""
    study = study_with(tmp_path / "in", desk, BLOCK, clean=2)
    return run_to_the_end(request(desk, study))


class TestThreeHiddenNames:
    def test_each_is_held_at_its_place_and_the_rest_leaves(self, desk, tmp_path):
        study = study_with(tmp_path / "in", desk, BLOCK, CSA, clean=3)
        transfer = request(desk, study)
        advance(transfer.runs.get().pk)
        name_a_file(transfer.runs.get())

        run = run_to_the_end(transfer)

        assert outcomes(run) == {"held": 5, "delivered": 2}
        found = {
            (finding.path, finding.outcome.series.series_number)
            for finding in run.findings.select_related("outcome__series")
        }
        assert found == {(BLOCK_PATH, 1), (CSA_PATH, 2), ("file name", 3)}

    def test_bytes_of_the_finding_are_those_of_the_name(self, held):
        finding = finding_at(held, BLOCK_PATH)

        with storage().fetch(finding.outcome.key) as path:
            assert path.read_bytes()[finding.start : finding.end] == b"SOLBAKKEN"


class TestHoldingPolicy:
    def test_rest_waits_where_the_project_sends_whole_and_goes_after_the_release(
        self, desk, tmp_path
    ):
        desk.project.hold_policy = HoldPolicy.SEND_WHOLE
        desk.project.save()
        study = study_with(tmp_path / "in", desk, BLOCK, clean=2)
        transfer = request(desk, study)

        run = run_to_the_end(transfer)
        before = outcomes(run)
        actions.release(by=desk.kari, run=run, finding=run.findings.first(), reason=REASON)
        run = run_to_the_end(transfer)

        assert before == {"held": 2, "moving": 2}
        assert outcomes(run) == {"delivered": 4}

    def test_rest_leaves_where_the_project_sends_the_rest(self, held):
        assert outcomes(held) == {"held": 2, "delivered": 2}


class TestCarrying:
    def test_release_counts_for_another_study_that_is_held_and_for_one_that_comes_later(
        self, desk, held, tmp_path
    ):
        other = request(desk, study_with(tmp_path / "other", desk, BLOCK, n=1), "BICAM_0001")
        run_to_the_end(other)

        freed = actions.release(
            by=desk.kari, run=held, finding=finding_at(held, BLOCK_PATH), reason=REASON
        )
        later = request(desk, study_with(tmp_path / "later", desk, BLOCK, n=1), "BICAM_0001")

        assert freed == 3
        assert outcomes(run_to_the_end(held.transfer)) == {"delivered": 4}
        assert outcomes(run_to_the_end(other)) == {"delivered": 1}
        assert outcomes(run_to_the_end(later)) == {"delivered": 1}

    def test_rejection_holds_in_the_next_run_until_somebody_asks_again(self, desk, held):
        transfer = held.transfer
        actions.reject(
            by=desk.kari, run=held, finding=finding_at(held, BLOCK_PATH), reason="It is the name."
        )

        actions.rerun_transfer(by=desk.kari, transfer=transfer)
        again = run_to_the_end(transfer)
        actions.rerun_transfer(by=desk.kari, transfer=transfer, ask_again=True)
        asked = run_to_the_end(transfer)

        assert outcomes(again) == {"rejected": 2, "delivered": 2}
        assert outcomes(asked) == {"held": 2, "delivered": 2}

    def test_what_else_was_in_a_rejected_image_is_judged_by_nobody(self, desk, tmp_path):
        study = study_with(tmp_path / "in", desk, BLOCK, n=1)
        run = run_to_the_end(request(desk, study))
        finding = run.findings.get()
        Finding.objects.create(
            run=run,
            outcome=finding.outcome,
            kind="name",
            path="(0008,0104)",
            sure="likely",
            sentence="Another place.",
            fingerprint="another",
        )

        actions.reject(by=desk.kari, run=run, finding=finding, reason="It is the name.")

        carried = dict(run.findings.values_list("path", "carries_to"))
        assert carried == {BLOCK_PATH: "alike", "(0008,0104)": "instance"}
        assert not run.findings.filter(verdict="open").exists()


class TestSeries:
    def test_series_is_rejected_whole_and_stays_so_for_late_images_and_later_runs(
        self, desk, tmp_path
    ):
        desk.project.hold_policy = HoldPolicy.SEND_WHOLE
        desk.project.save()
        study = study_with(tmp_path / "in", desk, BLOCK, n=1, clean=2)
        held_series = study.series.get(series_number=1)
        make_mr_series(
            tmp_path / "more",
            n=2,
            patient_name=NAME_NOW,
            study_instance_uid=study.study_instance_uid,
            series_instance_uid=held_series.series_instance_uid,
            SeriesNumber=1,
        )
        quarantine(tmp_path / "more", desk.kari)
        transfer = request(desk, study)
        run = run_to_the_end(transfer)
        before = outcomes(run)

        count = actions.reject_series(
            by=desk.kari, run=run, series=held_series, reason="Not needed, and named."
        )
        first = outcomes(run_to_the_end(transfer))
        actions.rerun_transfer(by=desk.kari, transfer=transfer)
        second = outcomes(run_to_the_end(transfer))

        assert before == {"held": 1, "moving": 4}
        assert count == 3
        assert first == second == {"rejected": 3, "delivered": 2}

    def test_what_has_left_is_not_called_rejected(self, desk, held):
        clean = held.transfer.study.series.get(series_number=2)

        with pytest.raises(ValidationError, match="Nothing of this series can be stopped"):
            actions.reject_series(by=desk.kari, run=held, series=clean, reason="Not needed.")

        assert outcomes(held) == {"held": 2, "delivered": 2}


class TestTwoPersons:
    @pytest.fixture(autouse=True)
    def _two(self, desk):
        desk.project.two_person_release = True
        desk.project.save()

    def test_release_waits_for_somebody_else(self, desk, held, colleague):
        finding = finding_at(held, BLOCK_PATH)

        waiting = actions.release(by=desk.kari, run=held, finding=finding, reason=REASON)
        with pytest.raises(ValidationError, match="You released this yourself"):
            actions.confirm_release(by=desk.kari, run=held, finding=finding)
        between = outcomes(run_to_the_end(held.transfer))
        freed = actions.confirm_release(by=colleague, run=held, finding=finding)
        run = run_to_the_end(held.transfer)

        assert waiting == freed == 2
        assert between == {"held": 2, "delivered": 2}
        assert outcomes(run) == {"delivered": 4}
        decided = set(run.findings.values_list("verdict", "verdict_by", "second_by"))
        assert decided == {("released", desk.kari.pk, colleague.pk)}

    def test_first_person_may_withdraw_and_nobody_else(self, desk, held, colleague):
        finding = finding_at(held, BLOCK_PATH)
        actions.release(by=desk.kari, run=held, finding=finding, reason=REASON)

        with pytest.raises(ValidationError, match="No release of yours"):
            actions.withdraw_release(by=colleague, run=held, finding=finding)
        actions.withdraw_release(by=desk.kari, run=held, finding=finding)

        assert set(held.findings.values_list("verdict", "verdict_by")) == {("open", None)}
        with pytest.raises(ValidationError, match="No release waits"):
            actions.confirm_release(by=colleague, run=held, finding=finding)

    def test_second_person_may_reject_instead_and_a_rejection_needs_nobody_else(
        self, desk, held, colleague
    ):
        finding = finding_at(held, BLOCK_PATH)
        actions.release(by=desk.kari, run=held, finding=finding, reason=REASON)

        actions.reject(by=colleague, run=held, finding=finding, reason="It is the name.")

        assert outcomes(held) == {"rejected": 2, "delivered": 2}

    def test_stranger_cannot_be_the_second_person(self, desk, held):
        finding = finding_at(held, BLOCK_PATH)
        actions.release(by=desk.kari, run=held, finding=finding, reason=REASON)

        with pytest.raises(PermissionDenied):
            actions.confirm_release(by=UserFactory(), run=held, finding=finding)

    def test_release_by_one_from_before_the_demand_does_not_carry_any_more(
        self, desk, held, tmp_path
    ):
        desk.project.two_person_release = False
        desk.project.save()
        held.refresh_from_db()
        actions.release(by=desk.kari, run=held, finding=finding_at(held, BLOCK_PATH), reason=REASON)
        desk.project.two_person_release = True
        desk.project.save()

        later = request(desk, study_with(tmp_path / "later", desk, BLOCK, n=1))

        assert outcomes(run_to_the_end(later)) == {"held": 1}

    def test_release_that_waits_goes_on_waiting_when_the_demand_is_withdrawn(
        self, desk, held, colleague
    ):
        finding = finding_at(held, BLOCK_PATH)
        actions.release(by=desk.kari, run=held, finding=finding, reason=REASON)
        desk.project.two_person_release = False
        desk.project.save()
        held = Run.objects.get(pk=held.pk)

        for one in (finding, None):
            with pytest.raises(ValidationError, match="Nothing is open here"):
                actions.release(by=desk.kari, run=held, finding=one, reason=REASON)
        with (
            pytest.raises(IntegrityError, match="needs_its_second_person"),
            transaction.atomic(),
        ):
            Finding.objects.filter(pk=finding.pk).update(verdict=FindingVerdict.RELEASED)
        between = outcomes(held)
        actions.confirm_release(by=colleague, run=held, finding=finding)

        assert between == {"held": 2, "delivered": 2}
        assert outcomes(run_to_the_end(held.transfer)) == {"delivered": 4}

    def test_database_refuses_a_release_by_one_and_one_person_twice(self, desk, held):
        finding = finding_at(held, BLOCK_PATH)
        rows = Finding.objects.filter(pk=finding.pk)
        by_one = {"verdict": FindingVerdict.RELEASED, "verdict_by": desk.kari}

        with pytest.raises(IntegrityError, match="two_people_release"), transaction.atomic():
            rows.update(**by_one, verdict_at="2026-03-12T12:00Z")
        actions.release(by=desk.kari, run=held, finding=finding, reason=REASON)
        with pytest.raises(IntegrityError, match="second_person_is_another"), transaction.atomic():
            rows.update(
                verdict=FindingVerdict.RELEASED, second_by=desk.kari, second_at="2026-03-12T12:00Z"
            )


def test_what_an_earlier_run_delivered_is_taken_back_when_a_later_one_rejects_it(
    desk, tmp_path, storescp
):
    add_destination(
        desk.project,
        ae_title=storescp.ae_title,
        port=storescp.port,
        replaces=Replaces.OVERWRITES,
        asked_by=AskedBy.NOTHING,
    )
    study = study_with(tmp_path / "in", desk, BLOCK, n=3, named=1)
    transfer = request(desk, study)
    run = run_to_the_end(transfer)
    actions.release(by=desk.kari, run=run, reason="Thought it was harmless.")
    run_to_the_end(transfer)
    assert HIDDEN in read_all(storescp.received())
    Finding.objects.update(carries_to=CarriesTo.NOTHING)

    actions.rerun_transfer(by=desk.kari, transfer=transfer)
    again = run_to_the_end(transfer)
    before = outcomes(again)
    actions.reject(by=desk.kari, run=again, reason="It is the name after all.")
    again = run_to_the_end(transfer)

    assert before == {"held": 1, "delivered": 2}
    assert outcomes(again) == {"rejected": 1, "delivered": 2}
    assert HIDDEN not in read_all(storescp.received())
    assert len(storescp.received()) == 3
    there = LedgerEntry.objects.filter(withdrawn_at=None)
    assert set(there.values_list("sop_instance_uid", flat=True)) == set(
        again.outcomes.filter(state="delivered").values_list("sop_instance_uid", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_decide_at_once_one_is_told_that_nothing_is_open(desk, held, colleague):
    finding = finding_at(held, BLOCK_PATH)
    together = threading.Barrier(2)
    said = []

    def decide(action, by):
        try:
            together.wait()
            action(by=by, run=held, finding=finding, reason="Decided at the same moment.")
            said.append("done")
        except ValidationError as error:
            said.append(error.messages[0])
        finally:
            connection.close()

    people = [(actions.release, desk.kari), (actions.reject, colleague)]
    threads = [threading.Thread(target=decide, args=pair) for pair in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "done" in said
    assert any("Nothing is open here any more" in one for one in said)
    verdicts = set(held.findings.values_list("verdict", flat=True))
    assert len(verdicts) == 1
    held.refresh_from_db()
    assert held.state in {State.VERIFIED, State.DELIVERED}
    expected = {"released": {"delivered": 4}, "rejected": {"rejected": 2, "delivered": 2}}
    assert outcomes(run_to_the_end(held.transfer)) == expected[verdicts.pop()]
