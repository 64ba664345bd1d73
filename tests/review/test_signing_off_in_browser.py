"""Judging, new data that opens it again, and signing off, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from exports.tasks import build_package
from review.models import Element
from review.states import OPEN
from tests.datasets import make_mr_series
from tests.factories import PASSWORD
from tests.review.copies import index, new_run, new_transfer, participant_of
from transfers.planning import current_plan

pytestmark = pytest.mark.django_db(transaction=True)

STATION = "(0008,1010)"


@pytest.fixture
def signed_in(page, live_server, owner):
    page.goto(live_server.url + reverse("sign-in"))
    page.get_by_label("User name").fill(owner.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    return page


def test_judged_reopened_signed_off_and_only_then_exported(
    signed_in, live_server, reviewed, tmp_path
):
    page, portal = signed_in, live_server.url
    reviewed.sign_off_for_exports = True
    reviewed.save()
    current_plan(reviewed)

    # all at once in the inventory, the station name by itself
    page.goto(portal + reverse("review", args=["BICAM"]))
    for box in page.locator("input[name=element]").all():
        box.check()
    page.locator("#judge-many input[name=reason]").fill("looked at all of it")
    page.locator("#judge-many button[value=safe]").click()
    expect(page.get_by_text("judged safe")).to_be_visible()
    assert not reviewed.elements.filter(standing__in=OPEN).exists()

    # a new value opens one again, and nothing can be signed off or exported
    run = make_mr_series(tmp_path, n=1, StationName="MR7T")
    new_run(new_transfer(participant_of(reviewed, 3)), run)
    index()
    page.goto(portal + reverse("exports", args=["BICAM"]))
    expect(page.get_by_text("no sign-off is current")).to_be_visible()
    opened = Element.objects.get(project=reviewed, path=STATION)
    page.goto(portal + reverse("review-element", args=["BICAM", opened.pk]))
    expect(page.get_by_text("1 value is not judged yet.")).to_be_visible()
    page.locator("#verdict").get_by_label("Reason").first.fill("a scanner of ours")
    page.locator("#verdict").get_by_role("button", name="Safe", exact=True).first.click()
    expect(page.get_by_text("Station Name: safe.")).to_be_visible()
    for element in reviewed.elements.filter(standing__in=OPEN):
        page.goto(portal + reverse("review-element", args=["BICAM", element.pk]))
        page.locator("#verdict").get_by_label("Reason").first.fill("looked at it")
        page.locator("#verdict").get_by_role("button", name="Safe", exact=True).first.click()

    # signed off, and exported
    page.goto(portal + reverse("review-sign-off", args=["BICAM"]))
    page.get_by_role("button", name="Sign off BICAM").click()
    expect(page.get_by_text("Sign-off 1 is current")).to_be_visible()
    page.goto(portal + reverse("exports", args=["BICAM"]))
    page.get_by_label("Everyone").check()
    page.get_by_role("button", name="Build package").click()
    expect(page.get_by_text("is being built")).to_be_visible()
    build_package(reviewed.packages.get().pk)
    page.goto(portal + reverse("exports", args=["BICAM"]))
    expect(page.get_by_role("link", name="Download")).to_be_visible()
