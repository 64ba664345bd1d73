"""Only what was let out and verified is in a package, and nothing that was taken back meanwhile."""

import pytest
from django.utils import timezone

from exports.building import turn
from exports.building.scratch import scratch_folder
from exports.states import Format, State
from projects.models.projects import HoldPolicy
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files
from transfers.models import Outcome, Run
from transfers.states import OutcomeState
from transfers.states import State as RunState


def hold(run: Run) -> None:
    run.outcomes.update(state=OutcomeState.HELD)


def leave_unverified(run: Run) -> None:
    run.outcomes.update(state=OutcomeState.MOVING, is_verified=False)


def end_transfer(run: Run) -> None:
    run.transfer.ended_at = run.created_at
    run.transfer.save()


def run_again(run: Run) -> None:
    Run.objects.create(transfer=run.transfer, plan_version=run.plan_version, number=2)


def cancel_run(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.CANCELLED)


def hold_whole(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.HELD)
    run.transfer.project.hold_policy = HoldPolicy.SEND_WHOLE
    run.transfer.project.save()


def fail_unverified(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED)


def fail_with_some_held(run: Run) -> None:
    Outcome.objects.create(run=run, state=OutcomeState.HELD)
    hold_whole(run)
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, verified_at=timezone.now())


@pytest.mark.parametrize(
    "withhold",
    [
        *(hold, leave_unverified, end_transfer, run_again, cancel_run, hold_whole),
        *(fail_unverified, fail_with_some_held),
    ],
)
def test_what_may_not_leave_is_not_in_the_package(withhold, project, build, opened, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    kept = add_study(project, dicom_files(tmp_path / "a"), number=2)
    withheld = add_study(project, dicom_files(tmp_path / "a"), number=1)
    withhold(withheld)
    kept.transfer.project.refresh_from_db()

    names = opened(build(kept.transfer.project)).namelist()

    assert {name.split("/")[0] for name in names if "/" in name} == {"BICAM_0002"}


def test_what_a_destination_did_not_take_whole_is_in_the_package(project, build, opened, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"), state=RunState.FAILED)
    Run.objects.filter(pk=run.pk).update(verified_at=timezone.now())

    names = opened(build(project)).namelist()

    assert len([name for name in names if name.endswith(".dcm")]) == 2


@pytest.mark.parametrize("kind", [Format.DICOM, Format.NIFTI])
def test_image_that_is_not_what_was_verified_fails_the_package(kind, project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    key = run.outcomes.last().key
    with storage().fetch(key) as path:
        path.write_bytes(path.read_bytes()[:-1] + b"x")

    package = build(project, kind)

    assert package.state == State.FAILED
    assert package.reason == "An image in the storage is not the one that was verified."
    assert list(storage().list("packages")) == []
    assert not scratch_folder(package.pk).exists()


@pytest.mark.parametrize("kind", [Format.DICOM, Format.NIFTI])
def test_image_that_is_gone_fails_the_package(kind, project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    storage().delete(run.outcomes.last().key)

    package = build(project, kind)

    assert package.state == State.FAILED
    assert "not in the storage any more" in package.reason


def test_image_taken_back_while_the_package_is_built_does_not_leave(
    project, build, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    arrange = turn.arrange

    def arrange_and_take_back(*args: object) -> None:
        arrange(*args)
        run.outcomes.filter(pk=run.outcomes.first().pk).update(state=OutcomeState.HELD)

    monkeypatch.setattr(turn, "arrange", arrange_and_take_back)

    package = build(project)

    assert package.state == State.FAILED
    assert "taken back" in package.reason
    assert list(storage().list("packages")) == []
