"""Rows that are work: one worker at a time, for a while, a limited number of times."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from projects import leases
from projects.errors import LeaseLost
from tests.factories import ParticipantFactory, StudyFactory
from transfers.models import PlanVersion, Run, TransferRequest
from transfers.states import State


def make_run(**columns):
    participant = ParticipantFactory()
    project = participant.project
    transfer = TransferRequest.objects.create(
        study=StudyFactory(),
        project=project,
        participant=participant,
        event=project.events.first(),
    )
    plan = PlanVersion.objects.create(project=project, number=1, digest="0" * 64)
    return Run.objects.create(transfer=transfer, plan_version=plan, **columns)


def claimed():
    return Run.objects.claim(make_run().pk, owner=uuid4())


@pytest.mark.django_db
def test_a_claimed_run_is_left_alone_until_its_lease_runs_out():
    run = claimed()

    assert run.attempt == 1
    assert Run.objects.claim(run.pk, owner=uuid4()) is None

    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert Run.objects.claim(run.pk, owner=uuid4()).attempt == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_the_same_moment_one_wins():
    run, together = make_run(), Barrier(2)

    def claim():
        try:
            together.wait(10)
            return Run.objects.claim(run.pk, owner=uuid4())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        got = [job.result() for job in [pool.submit(claim), pool.submit(claim)]]

    assert sum(one is not None for one in got) == 1
    run.refresh_from_db()
    assert run.attempt == 1


@pytest.mark.django_db
def test_who_lost_the_lease_can_change_nothing():
    run = claimed()
    Run.objects.filter(pk=run.pk).update(owner=uuid4())

    with pytest.raises(LeaseLost):
        run.let_go(state=State.DELIVERED)

    run.refresh_from_db()
    assert run.state == State.REQUESTED


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.CANCELLED, State.HELD])
def test_what_has_ended_or_waits_for_a_person_is_not_claimed(state):
    assert Run.objects.claim(make_run(state=state).pk, owner=uuid4()) is None


@pytest.mark.django_db
def test_what_is_not_yet_due_is_not_claimed():
    run = make_run(not_before=timezone.now() + timedelta(minutes=1))

    assert Run.objects.claim(run.pk, owner=uuid4()) is None


@pytest.mark.django_db
def test_used_up_attempts_end_the_trying():
    run = make_run()

    for _ in range(leases.ATTEMPT_CAP):
        mine = Run.objects.claim(run.pk, owner=uuid4())
        mine.let_go()

    assert Run.objects.claim(run.pk, owner=uuid4()) is None
    assert list(Run.objects.worn_out()) == [run]


@pytest.mark.django_db
def test_a_saved_piece_of_work_starts_the_count_of_attempts_anew():
    run = claimed()

    run.progressed()

    run.refresh_from_db()
    assert run.attempt == 0
    assert run.lease_until > timezone.now() + leases.LEASE / 2


@pytest.mark.django_db
def test_what_is_away_is_tried_for_ever_and_ever_later():
    run, waits = make_run(), []

    for _ in range(leases.ATTEMPT_CAP + 2):
        mine = Run.objects.claim(run.pk, owner=uuid4())
        mine.postpone("The destination does not answer.", counts=False)
        run.refresh_from_db()
        waits.append(round((run.not_before - timezone.now()).total_seconds()))
        Run.objects.filter(pk=run.pk).update(not_before=None)

    assert waits[:5] == pytest.approx(leases.BACK_OFF_SECONDS, abs=2)
    assert waits[-1] == pytest.approx(leases.BACK_OFF_SECONDS[-1], abs=2)
    assert run.reason == "The destination does not answer."


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_and_notices_that_it_was_lost(monkeypatch):
    monkeypatch.setattr(leases, "BEAT_SECONDS", 0.05)
    run = claimed()
    Run.objects.filter(pk=run.pk).update(lease_until=Now() + timedelta(seconds=1))
    beaten = run.lease_until

    with run.heartbeat() as check:
        wait_until(lambda: Run.objects.get(pk=run.pk).lease_until > beaten)
        check()
        Run.objects.filter(pk=run.pk).update(owner=None)
        wait_until(lambda: has_lost(check))

    with pytest.raises(LeaseLost):
        check()


def has_lost(check):
    try:
        check()
    except LeaseLost:
        return True
    return False


def wait_until(is_so, seconds=10):
    end = timezone.now() + timedelta(seconds=seconds)
    while not is_so():
        assert timezone.now() < end, "it did not happen in time"
