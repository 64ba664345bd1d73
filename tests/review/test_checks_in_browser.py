"""In Chromium: drop an archive, see the planted names, delete everything."""

import base64
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from projects.roles import Role
from review.check_files import checks_folder
from review.models import Check
from review.tasks import check_data
from tests.datasets import make_ct_series
from tests.deidentify.beyond_files import make_nifti, make_zip
from tests.factories import ProjectFactory, UserFactory
from tests.services.chromium import NARROW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def check_page(page: Page, live_server: Any) -> Page:
    """The page of the checks as a reviewer sees it."""
    kari = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", members={kari: Role.RESEARCHER})
    client = Client()
    client.force_login(kari)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto(f"{live_server.url}/review/check/")
    return page


def work() -> None:
    """Look at what was sent, as a worker does beside the web server."""

    def run() -> None:
        try:
            check_data(Check.objects.latest("pk").pk)
        finally:
            connection.close()

    worker = threading.Thread(target=run)
    worker.start()
    worker.join()


def test_a_dropped_archive_shows_its_planted_names_and_is_deleted(check_page: Page, tmp_path: Path):
    nifti = make_nifti(tmp_path / "brain.nii.gz", descrip="brain of Ola Testmann")
    archive = make_zip(
        tmp_path / "export.zip",
        {"sub-01/brain.nii.gz": nifti.read_bytes()},
        comment=b"made for Kari Testmann",
    )
    dropped = check_page.evaluate_handle(
        """(text) => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "export.zip"));
            return transfer;
        }""",
        base64.b64encode(archive.read_bytes()).decode(),
    )

    check_page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    check_page.get_by_role("button", name="Check").click()
    expect(check_page.get_by_text("You may leave this page")).to_be_visible()
    work()
    expect(check_page.get_by_role("heading", name="What to look at")).to_be_visible()
    expect(check_page.get_by_text("0 DICOM images and 2 other files")).to_be_visible()
    expect(check_page.get_by_text("Testmann")).to_have_count(0)
    check_page.get_by_role("button", name="Show the values of nifti descrip").click()
    expect(check_page.get_by_text("brain of Ola Testmann")).to_be_visible()
    check_page.get_by_role("button", name="Show the values of zip comment").click()
    expect(check_page.get_by_text("made for Kari Testmann")).to_be_visible()
    check_page.get_by_role("button", name="Delete now").click()

    expect(check_page.get_by_text("The check is deleted")).to_be_visible()
    assert not Check.objects.exists()
    assert list(checks_folder().iterdir()) == []


def test_a_whole_folder_keeps_the_names_of_its_folders(check_page: Page, tmp_path: Path):
    make_ct_series(tmp_path / "TESTMANN OLA" / "S1", n=2)

    check_page.locator("#folder").set_input_files(tmp_path / "TESTMANN OLA")
    check_page.get_by_role("button", name="Check").click()
    expect(check_page.get_by_text("You may leave this page")).to_be_visible()
    work()
    check_page.get_by_role("button", name="Show the values of name folder").click()

    expect(check_page.get_by_text("TESTMANN OLA", exact=True)).to_be_visible()


def test_on_a_narrow_screen_nothing_scrolls_sideways(check_page: Page, tmp_path: Path):
    files = make_ct_series(tmp_path / "ct", n=1)
    check_page.set_viewport_size(NARROW)
    widths = [check_page.evaluate("document.documentElement.scrollWidth")]

    check_page.locator("#files").set_input_files(files)
    check_page.get_by_role("button", name="Check").click()
    expect(check_page.get_by_text("You may leave this page")).to_be_visible()
    work()
    expect(check_page.get_by_role("heading", name="What to look at")).to_be_visible()
    widths.append(check_page.evaluate("document.documentElement.scrollWidth"))

    assert max(widths) <= NARROW["width"]
