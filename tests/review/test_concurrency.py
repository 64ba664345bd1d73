"""Two workers at once, and a worker that lost its lease: the sums stay right."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from projects.errors import LeaseLost
from review.indexing import bring_up_to_date, note_changes
from review.models import Element, IndexState, ProjectIndex, ResearchStudy
from review.tasks import index_runs, index_study
from tests.datasets import make_mr_series
from tests.review.copies import new_run, new_transfer, participant_of

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(study_id):
    try:
        index_study(study_id)
    finally:
        connection.close()


def test_workers_that_index_one_project_at_once_lose_nothing(bicam, tmp_path):
    for number in range(1, 7):
        files = make_mr_series(tmp_path / str(number), n=4, ImageComments=f"comment {number % 2}")
        new_run(new_transfer(participant_of(bicam, number)), files)
    waiting = note_changes()

    with ThreadPoolExecutor(max_workers=4) as workers:
        list(workers.map(in_a_thread, waiting * 2))

    states = set(ResearchStudy.objects.values_list("state", flat=True))
    comments = Element.objects.compared().get(path="(0020,4000)")
    totals = ProjectIndex.objects.get()
    assert states == {IndexState.INDEXED}
    assert (comments.instance_count, comments.series_count) == (24, 6)
    assert (comments.participant_count, comments.distinct_count) == (6, 2)
    assert (totals.study_count, totals.participant_count, totals.instance_count) == (6, 6, 24)


def test_a_worker_that_lost_its_lease_changes_nothing(bicam, tmp_path):
    new_run(new_transfer(participant_of(bicam, 1)), make_mr_series(tmp_path))
    (study_id,) = note_changes()
    study = ResearchStudy.objects.claim(study_id, owner=uuid4())
    ResearchStudy.objects.filter(pk=study_id).update(owner=uuid4())

    with pytest.raises(LeaseLost):
        bring_up_to_date(study, lambda: None)

    assert not Element.objects.exists()
    assert ResearchStudy.objects.get().series_count == 0


def test_the_sweep_rings_for_what_changed_and_a_worker_indexes_it(bicam, tmp_path, rung):
    new_run(new_transfer(participant_of(bicam, 1)), make_mr_series(tmp_path))

    index_runs()
    for study_id in rung:
        index_study(study_id)
    first_time = list(rung)
    rung.clear()
    index_runs()

    assert first_time == [ResearchStudy.objects.get().pk]
    assert ResearchStudy.objects.get().state == IndexState.INDEXED
    assert rung == []


def test_a_study_that_kills_its_workers_is_given_up(bicam, tmp_path, rung):
    new_run(new_transfer(participant_of(bicam, 1)), make_mr_series(tmp_path))
    note_changes()
    ResearchStudy.objects.update(attempt=5)

    index_runs()
    index_runs()

    assert ResearchStudy.objects.get().state == IndexState.FAILED
    assert rung == []


@pytest.fixture
def rung(monkeypatch):
    """The ids that bells were rung for; nobody comes by himself."""
    ids = []
    monkeypatch.setattr(index_study, "delay", ids.append)
    return ids
