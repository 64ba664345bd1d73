import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from intake import archives
from intake.models import Arrival, Instance, Study
from intake.tasks import settle_arrival
from projects.models import User
from projects.roles import Role
from tests.datasets import make_ct_series, make_mr_series
from tests.factories import ProjectFactory, UserFactory
from tests.intake.archives import zip_of
from tests.services.chromium import NARROW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upload_page(page: Page, live_server: Any) -> Page:
    """The upload page as a data manager sees it."""
    kari = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", members={kari: Role.DATA_MANAGER})
    page.context.add_cookies([_session(kari, live_server.url)])
    page.goto(f"{live_server.url}/attach/")
    return page


def test_files_are_sent_and_catalogued_before_ones_eyes(upload_page: Page, tmp_path: Path):
    files = make_ct_series(tmp_path / "ct", n=60)

    upload_page.locator("#files").set_input_files(files)
    expect(upload_page.locator("[data-chosen]")).to_contain_text("60 files")
    upload_page.get_by_role("button", name="Upload").click()
    expect(upload_page.get_by_text("You may leave this page")).to_be_visible()
    expect(upload_page.get_by_text("Waiting for its turn, 60 files")).to_be_visible()
    settle_arrival(Arrival.objects.get().pk)

    expect(upload_page.get_by_text("60 files: 60 in quarantine now.")).to_be_visible()
    expect(upload_page.get_by_role("link", name="CT thorax")).to_be_visible()
    assert Instance.objects.count() == 60


def test_progress_is_told_in_files(
    upload_page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = make_mr_series(tmp_path / "mr", n=6)
    archive = tmp_path / "cd.zip"
    archive.write_bytes(zip_of({one.name: one for one in files}))
    monkeypatch.setattr(archives, "SLICE", 2)
    settle, go_on = archives.settle, threading.Event()

    def settle_slowly(*arguments: Any, **more: Any) -> Any:
        settled = settle(*arguments, **more)
        go_on.wait(20)
        return settled

    monkeypatch.setattr(archives, "settle", settle_slowly)
    upload_page.locator("#files").set_input_files(archive)
    upload_page.get_by_role("button", name="Upload").click()
    expect(upload_page.get_by_text("You may leave this page")).to_be_visible()
    worker = threading.Thread(target=_settle, args=(Arrival.objects.get().pk,))
    worker.start()

    expect(upload_page.get_by_text("2 of 6 files")).to_be_visible()
    go_on.set()
    worker.join()

    expect(upload_page.get_by_text("6 files: 6 in quarantine now.")).to_be_visible()


def test_a_whole_folder_is_sent_with_everything_below_it(upload_page: Page, tmp_path: Path):
    make_ct_series(tmp_path / "cd" / "DICOM" / "S1", n=2)
    make_mr_series(tmp_path / "cd" / "DICOM" / "S2", n=3)
    (tmp_path / "cd" / "AUTORUN.INF").write_text("[autorun]")

    upload_page.locator("#folder").set_input_files(tmp_path / "cd")
    upload_page.get_by_role("button", name="Upload").click()
    expect(upload_page.get_by_text("You may leave this page")).to_be_visible()
    settle_arrival(Arrival.objects.get().pk)

    expect(upload_page.get_by_text("6 files: 5 in quarantine now, 1 kept aside.")).to_be_visible()
    expect(upload_page.get_by_role("row", name="AUTORUN.INF")).to_contain_text(
        "It is not a DICOM file."
    )
    assert Study.objects.count() == 2


def test_dropped_files_are_sent(upload_page: Page, tmp_path: Path):
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    transfer = upload_page.evaluate_handle(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "a.dcm"));
            return transfer;
        }""",
        list(file.read_bytes()),
    )

    upload_page.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})
    expect(upload_page.locator("[data-chosen]")).to_contain_text("1 file,")
    upload_page.get_by_role("button", name="Upload").click()
    expect(upload_page.get_by_text("You may leave this page")).to_be_visible()
    settle_arrival(Arrival.objects.get().pk)

    assert Instance.objects.count() == 1


def test_members_that_are_refused_are_named_with_a_sentence(upload_page: Page, tmp_path: Path):
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    archive = tmp_path / "cd.zip"
    archive.write_bytes(zip_of({"good.dcm": file, "../../owned.dcm": file, "in.zip": zip_of({})}))

    upload_page.locator("#files").set_input_files(archive)
    upload_page.get_by_role("button", name="Upload").click()
    expect(upload_page.get_by_text("You may leave this page")).to_be_visible()
    settle_arrival(Arrival.objects.get().pk)

    row = upload_page.get_by_role("row", name="../../owned.dcm")
    expect(row).to_contain_text("Its name leads out of the archive.")
    row = upload_page.get_by_role("row", name="in.zip")
    expect(row).to_contain_text("It is an archive inside an archive: unpack it first.")


def test_what_the_portal_refuses_is_said_beside_the_button(
    upload_page: Page, tmp_path: Path, settings: Any
):
    settings.UPLOAD_LIMIT_BYTES = 100
    files = make_ct_series(tmp_path / "ct", n=1)

    upload_page.locator("#files").set_input_files(files)
    upload_page.get_by_role("button", name="Upload").click()

    expect(upload_page.get_by_role("alert").last).to_contain_text("An upload may hold")
    expect(upload_page.get_by_role("button", name="Upload")).to_be_enabled()


def test_on_a_narrow_screen_nothing_scrolls_sideways(upload_page: Page):
    upload_page.set_viewport_size(NARROW)

    width = upload_page.evaluate("document.documentElement.scrollWidth")

    assert width <= NARROW["width"]


def _settle(pk: int) -> None:
    try:
        settle_arrival(pk)
    finally:
        connection.close()


def _session(user: User, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}
