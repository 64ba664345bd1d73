"""Every instance has one outcome, by series and in sum, and the same numbers stand everywhere."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.models import Study
from tests.datasets import make_mr_series, make_us_series, new_uid
from tests.transfers.arrange import add_destination, make_desk, quarantine, request, run_to_the_end
from tests.transfers.counting_scp import counting_scp
from transfers import actions
from transfers.models import Outcome
from transfers.reconciling import reconcile

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def short(desk, tmp_path):
    """A run of three series, one left out and one held; its destination lost two of six images."""
    study_uid = new_uid()
    same = {"study_instance_uid": study_uid, "patient_id": "H-2041"}
    make_mr_series(tmp_path / "in" / "a", n=6, SeriesNumber=3, **same)
    make_mr_series(tmp_path / "in" / "b", n=2, SeriesNumber=4, **same)
    make_us_series(tmp_path / "in" / "c", n=1, **same)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    with counting_scp(keeps=lambda n: n in {1, 2, 3, 5}) as scp:
        add_destination(desk.project, ae_title=scp.ae_title, port=scp.port, patience_seconds=0)
        transfer = actions.request_transfer(
            by=desk.kari,
            study=study,
            project=desk.project,
            pseudonym="BICAM_0001",
            event=desk.project.events.first(),
            left_out=study.series.filter(series_number=4),
        )
        return run_to_the_end(transfer)


def test_outcomes_and_the_destination_add_up_by_series(short):
    sums = reconcile(short)

    whole, left_out, pictures = sorted(sums.series, key=lambda series: -series.received)
    (tally,) = whole.tallies.values()
    assert sums.adds_up
    assert sums.received == 9
    assert (whole.number, whole.received, whole.counts) == (3, 6, {"delivered": 4, "moving": 2})
    assert (left_out.number, left_out.counts) == (4, {"left_out": 2})
    assert pictures.counts == {"held": 1}
    assert (tally.to_send, tally.accepted, tally.counted, tally.missing) == (6, 6, 4, 2)
    assert tally.to_send == tally.confirmed + tally.missing + tally.refused + tally.under_way
    assert [one.tally for one in sums.deliveries] == [tally]


def test_sums_stay_when_the_quarantine_has_let_go_of_the_study(short):
    before = reconcile(short)
    Study.objects.all().delete()

    after = reconcile(short)

    assert after.adds_up
    assert after.counts == before.counts
    assert sum(series.received for series in after.series) == 9
    assert {series.number for series in after.series} == {None}


def test_instance_that_fell_out_of_the_outcomes_is_noticed(short):
    Outcome.objects.filter(run=short, state="left_out").first().delete()

    assert not reconcile(short).adds_up


def test_one_question_counts_however_many_series_there_are(short):
    with CaptureQueriesContext(connection) as queries:
        reconcile(short)

    assert len(queries) <= 3


def test_page_says_how_many_are_missing_and_of_which_series(short, desk):
    client = Client()
    client.force_login(desk.kari)

    page = client.get(reverse("transfer-detail", args=[short.transfer.pk])).text

    assert "Forsknings-PACS has 4 of 6 images; 2 are missing." in page
    assert "Series 3, MR" in page
    assert "4 of 6, 2 missing" in page
    assert "Sending them again did not help" in page
    assert "9 received = 4 delivered + 1 held + 2 on the way + 2 left out" in page
    assert "Try again" in page


def test_rest_gives_the_same_numbers(short, desk):
    client = Client()
    client.force_login(desk.kari)

    told = client.get(f"/api/v1/transfers/{short.transfer.pk}/").json()["reconciliation"]

    (at,) = told["destinations"]
    assert told["adds_up"]
    assert told["received"] == sum(told["counts"].values()) == 9
    assert (at["destination"], at["to_send"], at["missing"]) == ("Forsknings-PACS", 6, 2)
    assert sum(series["received"] for series in told["series"]) == 9


def test_page_does_not_say_that_images_have_arrived_where_nobody_can_ask(tmp_path, desk, storescp):
    add_destination(desk.project, ae_title=storescp.ae_title, port=storescp.port)
    make_mr_series(tmp_path / "in", n=2)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)
    run_to_the_end(transfer)
    client = Client()
    client.force_login(desk.kari)

    page = client.get(reverse("transfer-detail", args=[transfer.pk])).text

    assert "Forsknings-PACS cannot be asked whether it is there." in page
    assert "Accepted, not counted: this destination cannot be asked." in page
    assert "has arrived" not in page
