"""The inventory in a real browser: by risk, narrowed, kept as a view, taken as a file."""

import csv

import openpyxl
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from review.models import Element, SavedView
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inventory(page, live_server, owner, reviewed):
    """The inventory of somebody who signed in as the project's owner."""
    page.goto(live_server.url + reverse("sign-in"))
    page.get_by_label("User name").fill(owner.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    page.goto(live_server.url + reverse("review", args=["BICAM"]))
    return page


def rows(page):
    return page.locator("#elements tbody tr")


def test_the_riskiest_element_stands_first_and_says_why(inventory, reviewed):
    first = Element.objects.order_by("-risk_score", "path").first()
    assert first.risk_score > 0

    rows(inventory).first.get_by_role("button", name=f"Risk {first.risk} of 4").click()

    panel = inventory.locator(".panel:popover-open")
    expect(panel.get_by_role("heading")).to_have_text(f"Risk {first.risk} of 4")
    expect(panel.get_by_role("listitem")).not_to_have_count(0)
    expect(rows(inventory).first).to_contain_text(first.tag)


def test_a_view_is_narrowed_saved_found_again_and_taken_as_a_file(inventory, reviewed, tmp_path):
    inventory.get_by_role("link", name="CT", exact=True).click()
    expect(inventory.locator("#elements")).to_contain_text("CT")
    inventory.wait_for_url("**/?modality=CT")
    inventory.get_by_text("VR", exact=True).first.click()
    inventory.get_by_role("link", name="US", exact=True).click()
    inventory.wait_for_url("**modality=CT")
    inventory.wait_for_url("**vr=US**")
    shown = rows(inventory).count()

    inventory.get_by_role("button", name="Views").click()
    inventory.locator("#views").get_by_label("Name").fill("Numbers of CT")
    inventory.get_by_role("button", name="Save view").click()
    expect(inventory.get_by_text("The view is saved.")).to_be_visible()
    inventory.get_by_role("link", name="All", exact=False).last.click()
    inventory.wait_for_url("**/review/BICAM/?")
    inventory.get_by_role("button", name="Views").click()
    inventory.get_by_role("link", name="Numbers of CT").click()
    inventory.wait_for_url("**vr=US**")
    expect(rows(inventory)).to_have_count(shown)
    inventory.get_by_role("button", name="Download").click()
    with inventory.expect_download() as taken:
        inventory.get_by_role("link", name="CSV of the inventory").click()
    with inventory.expect_download() as values:
        inventory.get_by_role("button", name="XLSX of the values").click()

    assert SavedView.objects.get().choices == {"modality": "CT", "vr": "US"}
    taken.value.save_as(tmp_path / "inventory.csv")
    with (tmp_path / "inventory.csv").open() as file:
        assert len(list(csv.DictReader(file))) == shown
    assert values.value.suggested_filename == "BICAM-values.xlsx"
    values.value.save_as(tmp_path / "values.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "values.xlsx").active
    assert {row[3] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"US"}


def test_many_elements_are_judged_at_once(inventory, reviewed):
    inventory.get_by_role("link", name="Text", exact=False).first.click()
    inventory.wait_for_url("**kind=text")
    boxes = rows(inventory).get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    inventory.get_by_label("Reason").fill("asked the scanner's people")

    inventory.get_by_role("button", name="Unsure").click()

    expect(inventory.get_by_text("2 elements judged unsure.")).to_be_visible()
    assert inventory.url.endswith("?kind=text")
    assert Element.objects.filter(standing="unsure").count() == 2
    expect(rows(inventory).filter(has_text="Unsure")).to_have_count(2)
