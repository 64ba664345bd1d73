"""Verdicts about a run that took the place of another one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.datasets import make_us_series
from tests.transfers.arrange import every_image, make_desk, outcomes, quarantine, run_to_the_end
from transfers import actions
from transfers.models import Run
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
    transfer = actions.request_transfer(
        by=desk.kari,
        study=study,
        project=desk.project,
        pseudonym="BICAM_0001",
        event=desk.project.events.first(),
    )
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
