"""Assigning a study in a real browser, as a project administrator does it."""

import time

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from projects.roles import Role
from tests.datasets import make_mr_series
from tests.factories import ProjectFactory
from tests.services.chromium import NARROW
from tests.transfers.arrange import make_desk, outcomes, quarantine, run_to_the_end
from transfers.models import TransferRequest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def assign_page(page, live_server, desk, tmp_path):
    """The assign page with one study of six images waiting."""
    make_mr_series(tmp_path / "in", n=6, patient_name="Fjell^Turid Aasen")
    quarantine(tmp_path / "in", desk.kari)
    client = Client()
    client.force_login(desk.kari)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/assign/")
    return page


def test_identifier_is_judged_while_typing_and_the_study_goes_its_way(assign_page, desk):
    participant = assign_page.get_by_role("textbox", name="Participant")

    expect(participant).to_have_value("BICAM_0001")
    participant.fill("")
    participant.press_sequentially("BICAM7")
    expect(assign_page.get_by_text("expects identifiers such as BICAM_0001")).to_be_visible()
    participant.fill("")
    participant.press_sequentially("BICAM_0007")
    expect(assign_page.get_by_text("A new participant; the identifier fits")).to_be_visible()
    assign_page.get_by_role("button", name="Transfer 6 images").click()
    expect(assign_page.get_by_role("heading", name="Are you sure?")).to_be_visible()
    assert not TransferRequest.objects.exists()
    assign_page.get_by_role("button", name="Transfer 6 images").click()
    expect(assign_page.get_by_role("heading", name="BICAM_0007, baseline")).to_be_visible()
    expect(assign_page.get_by_text("De-identifying: 0 of 6 images")).to_be_visible()

    run = run_to_the_end(TransferRequest.objects.get())

    expect(assign_page.get_by_text("Everything that may leave has arrived.")).to_be_visible()
    expect(assign_page.get_by_text("6 received = ")).to_be_visible()
    assert outcomes(run) == {"delivered": 6}


def test_pasted_identifier_is_judged_and_an_untouched_offer_follows_the_project(assign_page, desk):
    other = ProjectFactory(acronym="ECTMRI", members={desk.kari: Role.ADMINISTRATOR})
    assign_page.reload()
    participant = assign_page.get_by_role("textbox", name="Participant")
    project = assign_page.get_by_label("Project", exact=True)
    project.select_option(label="BICAM")
    expect(participant).to_have_value("BICAM_0001")

    project.select_option(label="ECTMRI")
    expect(participant).to_have_value(f"{other.acronym}_0001")
    participant.fill("Kari 1")

    expect(assign_page.get_by_text("expects identifiers such as ECTMRI_0001")).to_be_visible()
    project.select_option(label="BICAM")
    expect(assign_page.get_by_text("expects identifiers such as BICAM_0001")).to_be_visible()
    expect(participant).to_have_value("Kari 1")


def test_what_is_typed_while_an_answer_is_on_its_way_stays_and_is_judged(assign_page):
    assign_page.route("**/check/", lambda route: (time.sleep(0.6), route.continue_()))
    participant = assign_page.get_by_role("textbox", name="Participant")
    assign_page.get_by_label("Project", exact=True).select_option(label="BICAM")
    participant.fill("Kari 1")

    expect(assign_page.get_by_text("expects identifiers such as BICAM_0001")).to_be_visible()
    expect(participant).to_have_value("Kari 1")


def test_page_never_scrolls_sideways_on_a_phone(assign_page):
    assign_page.set_viewport_size(NARROW)
    assign_page.reload()

    width = assign_page.evaluate("document.documentElement.scrollWidth")

    assert width <= NARROW["width"]
