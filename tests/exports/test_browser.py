"""In Chromium: choose, watch, download; and the page as it looks."""

import threading
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from exports import tasks
from exports.models import Package
from exports.states import State
from projects.models import Project
from projects.roles import Role
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files
from tests.factories import PASSWORD, ProjectFactory, UserFactory


@pytest.fixture
def project(transactional_db, tmp_path) -> Project:
    owner = UserFactory(username="kari")
    project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
    make_mr_series(tmp_path / "a", n=3)
    for number in (1, 2, 12):
        add_study(project, dicom_files(tmp_path / "a"), number=number)
    return project


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in/?next=/exports/BICAM/")
    page.fill("input[name=username]", "kari")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.get_by_role("heading", name="Exports", exact=True)).to_be_visible()


def test_package_is_chosen_watched_and_downloaded(project, page: Page, live_server, tmp_path: Path):
    sign_in(page, live_server.url)
    page.get_by_label("Find a participant", exact=True).fill("0012")
    expect(page.get_by_label("BICAM_0001")).to_be_hidden()
    page.get_by_label("BICAM_0012").check()
    expect(page.get_by_text("Chosen: 1 participant, 3 images.")).to_be_visible()
    page.get_by_role("button", name="Build package").click()
    expect(page.get_by_text("A worker takes it in a moment")).to_be_visible()

    package = Package.objects.get()
    Package.objects.update(state=State.BUILDING, done_count=1)
    expect(page.get_by_text("1 of 3 images")).to_be_visible()
    in_a_thread(lambda: tasks.build_package(package.pk))
    expect(page.get_by_text("kept until")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()

    started.value.save_as(tmp_path / "package.zip")
    assert started.value.suggested_filename == package.file_name
    with ZipFile(tmp_path / "package.zip") as found:
        assert found.testzip() is None
        assert {name.split("/")[0] for name in found.namelist() if "/" in name} == {"BICAM_0012"}
    assert page.locator("[hx-get]").count() == 0


def test_everyone_ticks_all_and_the_form_works_without_a_script(
    project, browser, live_server, page: Page
):
    sign_in(page, live_server.url)
    page.get_by_label("Everyone").check()
    expect(page.get_by_text("Chosen: 3 participants, 9 images.")).to_be_visible()
    page.get_by_label("BICAM_0002").uncheck()
    expect(page.get_by_label("Everyone")).not_to_be_checked()

    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    sign_in(plain, live_server.url)
    plain.get_by_label("Everyone").check()
    plain.get_by_label("NIfTI with JSON").check()
    plain.get_by_role("button", name="Build package").click()

    expect(plain.get_by_text("9 images of 3 participants")).to_be_visible()
    context.close()


def test_page_never_scrolls_sideways_on_a_phone(project, page: Page, live_server):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server.url)

    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert overflow <= 0


def in_a_thread(work) -> None:
    """Do database work outside Playwright's event loop, on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
