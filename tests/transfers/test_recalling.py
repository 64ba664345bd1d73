"""Taking back what was sent, when something happens in between."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.datasets import make_mr_series
from tests.transfers.arrange import add_destination, make_desk, quarantine, request, run_to_the_end
from tests.transfers.counting_scp import counting_scp
from transfers import actions
from transfers.models import Chore, Delivery, LedgerEntry, Run
from transfers.pipeline.erasing import erasable, erase_files
from transfers.states import DeliveryState, Replaces
from transfers.tasks import advance, deliver, resume_transfers
from transfers.wire import Line

pytestmark = pytest.mark.django_db

CANNOT_UNDERSTAND = 0xC000
STORED_WITH_A_REMARK = 0xB007


@pytest.fixture
def desk():
    return make_desk()


def request_series(desk, folder, scp):
    """Ask for three images to be brought to an SCP that overwrites."""
    add_destination(
        desk.project, ae_title=scp.ae_title, port=scp.port, replaces=Replaces.OVERWRITES
    )
    make_mr_series(folder / "in", n=3)
    (study,) = quarantine(folder / "in", desk.kari)
    return request(desk, study)


def test_what_a_replaced_run_sent_is_taken_back_though_its_files_are_erased(tmp_path, desk):
    with counting_scp() as scp:
        transfer = request_series(desk, tmp_path, scp)
        first = run_to_the_end(transfer)
        actions.rerun_transfer(by=desk.kari, transfer=transfer)
        run_to_the_end(transfer)
        Run.objects.filter(pk=first.pk).update(ended_at=timezone.now() - timedelta(minutes=10))
        assert [erase_files(run) for run in erasable()] == [3]

        actions.cancel_transfer(by=desk.kari, transfer=transfer)
        run_to_the_end(transfer)

        assert first.deliveries.get().state == DeliveryState.RECALLED
        assert len(scp.received) == 6  # each with its picture, then blank
        assert not LedgerEntry.objects.filter(withdrawn_at=None).exists()


def test_files_stay_while_any_run_of_the_transfer_is_being_taken_back(tmp_path, desk):
    with counting_scp() as scp:
        transfer = request_series(desk, tmp_path, scp)
        run_to_the_end(transfer)
        actions.rerun_transfer(by=desk.kari, transfer=transfer)
        run_to_the_end(transfer)
    actions.cancel_transfer(by=desk.kari, transfer=transfer)
    long_ago = timezone.now() - timedelta(minutes=10)
    Run.objects.update(ended_at=long_ago)
    type(transfer).objects.update(ended_at=long_ago)

    run_to_the_end(transfer)

    assert Delivery.objects.filter(state=DeliveryState.RECALLING).exists()
    assert list(erasable()) == []


def test_recall_that_the_destination_refuses_is_left_to_a_person(tmp_path, desk):
    with counting_scp(answer=lambda n: 0 if n <= 3 else CANNOT_UNDERSTAND) as scp:
        transfer = request_series(desk, tmp_path, scp)
        run = run_to_the_end(transfer)

        actions.cancel_transfer(by=desk.kari, transfer=transfer)
        run_to_the_end(transfer)

    delivery = run.deliveries.get()
    assert delivery.state == DeliveryState.BY_HAND
    assert "0xC000" in delivery.reason
    assert Chore.objects.get().instance_count == 3


def test_recall_that_kills_its_workers_is_left_to_a_person(tmp_path, desk):
    with counting_scp() as scp:
        transfer = request_series(desk, tmp_path, scp)
        run = run_to_the_end(transfer)
    actions.cancel_transfer(by=desk.kari, transfer=transfer)
    Delivery.objects.update(attempt=5)

    resume_transfers()

    assert run.deliveries.get().state == DeliveryState.BY_HAND
    assert Chore.objects.get().instance_count == 3


def test_remark_on_a_blank_does_not_end_the_recall(tmp_path, desk):
    with counting_scp(answer=lambda n: 0 if n <= 3 else STORED_WITH_A_REMARK) as scp:
        transfer = request_series(desk, tmp_path, scp)
        run = run_to_the_end(transfer)

        actions.cancel_transfer(by=desk.kari, transfer=transfer)
        run_to_the_end(transfer)

    assert run.deliveries.get().state == DeliveryState.RECALLED


def test_instance_on_the_wire_while_the_recall_ends_is_taken_back_too(tmp_path, desk, monkeypatch):
    with counting_scp() as scp:
        transfer = request_series(desk, tmp_path, scp)
        run = transfer.runs.get()
        advance(run.pk)
        advance(run.pk)
        delivery = run.deliveries.get()
        store = Line.store

        def cancelled_before_the_answer(line, path):
            status = store(line, path)
            monkeypatch.undo()
            actions.cancel_transfer(by=desk.kari, transfer=transfer)
            Delivery.objects.update(not_before=None)
            deliver(delivery.pk)  # another worker takes back everything at once
            assert Delivery.objects.get().state == DeliveryState.RECALLED
            return status

        monkeypatch.setattr(Line, "store", cancelled_before_the_answer)
        deliver(delivery.pk)

        assert Delivery.objects.get().state == DeliveryState.RECALLING
        run_to_the_end(transfer)
        delivery.refresh_from_db()
        assert delivery.state == DeliveryState.RECALLED
        assert len(set(scp.received)) == 1
        assert not LedgerEntry.objects.filter(withdrawn_at=None).exists()
