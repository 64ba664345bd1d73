"""Verdicts about a run that took the place of another one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.models import HoldPolicy
from tests.datasets import make_mr_series, make_us_series, new_uid
from tests.transfers.arrange import (
    every_image,
    make_desk,
    outcomes,
    quarantine,
    request,
    run_to_the_end,
)
from transfers import actions
from transfers.models import Finding, Run
from transfers.pipeline.erasing import erasable, erase_files
from transfers.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def rerun(desk, tmp_path):
    """A held run that took the place of an earlier one, whose files are erased by now."""
    make_us_series(tmp_path / "us", n=2)
    (study,) = quarantine(tmp_path / "us", desk.kari)
    transfer = request(desk, study)
    run_to_the_end(transfer)
    actions.rerun_transfer(by=desk.kari, transfer=transfer)
    run = run_to_the_end(transfer)
    Run.objects.exclude(ended_at=None).update(ended_at=timezone.now() - timedelta(minutes=10))
    assert [erase_files(earlier) for earlier in erasable()] == [2]
    return run


def test_findings_of_a_replaced_run_do_not_stand_in_the_way_of_a_release(desk, rerun):
    freed = actions.release(
        by=desk.kari, run=rerun, outcomes=every_image(rerun), reason="Looked at: no text in it."
    )

    run = run_to_the_end(rerun.transfer)
    assert freed == 2
    assert run.state == State.DELIVERED
    assert outcomes(run) == {"delivered": 2}


def test_hold_desk_shows_only_what_still_waits_for_a_decision(desk, rerun, client):
    client.force_login(desk.kari)

    response = client.get("/transfers/held/")

    assert [shown.run for shown in response.context["desks"]] == [rerun]


def series_of_two_kinds(desk, folder):
    """A transfer of pictures that wait and of images that pass, in two series of one study."""
    uid = new_uid()
    make_us_series(folder / "us", n=1, study_instance_uid=uid)
    make_mr_series(folder / "mr", n=2, study_instance_uid=uid)
    (study,) = quarantine(folder, desk.kari)
    desk.project.hold_policy = HoldPolicy.SEND_WHOLE
    desk.project.save()
    return request(desk, study)


def test_rejected_series_stays_behind_however_the_study_comes_again(desk, tmp_path):
    transfer = series_of_two_kinds(desk, tmp_path)
    run = run_to_the_end(transfer)
    series = run.outcomes.filter(state="moving").first().series
    actions.reject_series(by=desk.kari, run=run, series=series, reason="Of another patient.")

    moved = actions.move_transfer(by=desk.kari, transfer=transfer, pseudonym="BICAM_0002")
    after_the_move = outcomes(run_to_the_end(moved))
    actions.cancel_transfer(by=desk.kari, transfer=moved)
    asked_once_more = request(desk, transfer.study, "BICAM_0002")
    after_asking = outcomes(run_to_the_end(asked_once_more))
    actions.rerun_transfer(by=desk.kari, transfer=asked_once_more, ask_again=True)
    asked_again = outcomes(run_to_the_end(asked_once_more))

    assert after_the_move == after_asking == {"held": 1, "rejected": 2}
    assert asked_again == {"held": 1, "moving": 2}


def test_what_a_failed_run_held_waits_no_more_once_a_later_run_took_its_place(desk, tmp_path):
    transfer = series_of_two_kinds(desk, tmp_path)
    run = run_to_the_end(transfer)
    Run.objects.filter(pk=run.pk).update(state=State.FAILED)

    actions.rerun_transfer(by=desk.kari, transfer=transfer)

    assert outcomes(run) == {"left_out": 1, "moving": 2}
    assert not Finding.objects.holding().filter(run=run).exists()
