"""The review in a real browser: searching, narrowing and sorting without a page load."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from projects.models import AuditEvent
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(page, live_server, owner):
    """The page of somebody who signed in as the project's owner."""
    page.goto(live_server.url + reverse("sign-in"))
    page.get_by_label("User name").fill(owner.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    return page


@pytest.fixture
def inventory(signed_in, live_server, reviewed):
    signed_in.goto(live_server.url + reverse("review", args=["BICAM"]))
    signed_in.evaluate("window.isTheSamePage = true")
    return signed_in


def rows(page):
    return page.locator("#elements tbody tr")


def test_words_narrow_the_table_while_they_are_typed(inventory):
    inventory.get_by_label("Search elements").fill("image comm")

    expect(rows(inventory)).to_have_count(1)
    expect(rows(inventory)).to_contain_text("(0020,4000)")
    assert "image" not in inventory.url
    assert inventory.evaluate("window.isTheSamePage")


def test_a_chip_narrows_what_the_words_found(inventory):
    inventory.get_by_label("Search elements").fill("0020,000D")
    expect(rows(inventory)).to_have_count(1)

    inventory.get_by_role("link", name="Text", exact=True).click()

    expect(inventory.get_by_text("No element fits")).to_be_visible()
    assert inventory.url.endswith("?kind=text")
    assert inventory.evaluate("window.isTheSamePage")


def test_a_heading_sorts(inventory):
    inventory.get_by_role("link", name="Values", exact=True).click()

    expect(inventory.locator("th[aria-sort=descending]")).to_have_text("Values")
    assert inventory.url.endswith("?sort=-values")
    assert inventory.evaluate("window.isTheSamePage")


def test_examples_come_when_asked_for(inventory):
    inventory.get_by_label("Search elements").fill("0020,4000")
    expect(rows(inventory)).to_have_count(1)

    rows(inventory).get_by_role("link", name="Show examples of 2 values").click()

    examples = inventory.locator("tr.examples")
    expect(examples).to_contain_text("Its values are hidden.")
    expect(examples).not_to_have_class(re.compile("htmx"))  # it is settled, and hears clicks
    examples.get_by_role("button", name="Show them").click()

    expect(examples).to_contain_text("patient moved")
    assert inventory.evaluate("window.isTheSamePage")
    assert AuditEvent.objects.filter(verb="showed_values").count() == 1


def test_the_keyboard_leads_from_an_element_to_its_values_and_places(inventory):
    inventory.get_by_label("Search elements").fill("0020,4000")
    expect(rows(inventory)).to_have_count(1)

    rows(inventory).focus()
    inventory.keyboard.press("Enter")
    expect(inventory.get_by_role("heading", level=1)).to_have_text("Image Comments")
    inventory.get_by_role("button", name="Show the values").click()
    expect(inventory.locator("#values")).to_contain_text("patient moved")
    inventory.wait_for_load_state("load")  # words typed before the page's scripts are not heard
    inventory.get_by_label("Search in these values").fill("repe")
    expect(inventory.locator("#values tbody tr")).to_have_count(1)
    inventory.get_by_role("link", name="BICAM_0002").click()

    expect(inventory.get_by_role("row", name="BICAM_0002 baseline")).to_be_visible()


def test_two_scanners_are_put_side_by_side_and_a_hidden_row_is_shown(inventory):
    inventory.get_by_role("link", name="Side by side").click()
    inventory.get_by_label("A", exact=True).select_option(label="SIEMENS Prisma")
    inventory.get_by_label("B", exact=True).select_option(label="GE MEDICAL SYSTEMS Revolution")
    inventory.get_by_role("button", name="Compare", exact=True).click()
    row = inventory.get_by_role("row").filter(has_text="Image Comments")
    expect(row).to_contain_text("Only in A")
    expect(row).not_to_contain_text("patient moved")
    inventory.wait_for_load_state("load")
    inventory.evaluate("window.isTheSamePage = true")

    row.get_by_role("button", name="Show").click()

    expect(row).to_contain_text("patient moved")
    expect(row).to_contain_text("not there")
    assert inventory.evaluate("window.isTheSamePage")
    event = AuditEvent.objects.get(verb="showed_values")
    assert event.actor.username == "owner"
    assert "moved" not in str(event.facts)


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways(inventory, live_server, reviewed, width):
    inventory.set_viewport_size({"width": width, "height": 844})
    row = reviewed.elements.get(path="(0020,4000)").element_values.first()
    names = ["BICAM", row.element_id, row.value_id]

    for address in (
        reverse("review", args=names[:1]),
        reverse("review-element", args=names[:2]),
        reverse("review-places", args=names),
        reverse("review-study-list", args=names[:1]),
        reverse("review-study", args=["BICAM", reviewed.research_studies.first().pk]),
        reverse("review-compare", args=names[:1]),
    ):
        inventory.goto(live_server.url + address)
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not inventory.evaluate(wider), address
