"""From a partner's wish to a package that was revoked, in a real browser.

A specification is built with a template and two transformations, looked at while it is typed,
run, watched, downloaded in two halves, and revoked. The audit shows each step.
"""

import io
import threading
from itertools import product
from pathlib import Path
from zipfile import ZipFile

import pydicom
import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from exports import tasks
from exports.actions.packages import request_package
from exports.actions.specifications import create_sheet
from exports.models import Package, SpecificationSheet
from exports.specification import read_specification
from exports.states import State
from projects.models import AuditEvent, Project, User
from projects.roles import Role
from tests.browser.test_legible import CUT, FAINT, LEAST
from tests.browser.test_no_other_host import FAULTS
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files
from tests.factories import PASSWORD, ProjectFactory, UserFactory
from tests.services.chromium import NARROW, WIDE


@pytest.fixture
def project(transactional_db, tmp_path) -> Project:
    owner = UserFactory(username="kari")
    project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
    make_mr_series(tmp_path / "in" / "t1", n=2, SeriesNumber=3, SeriesDescription="T1 sag")
    make_mr_series(tmp_path / "in" / "loc", n=1, SeriesNumber=1, SeriesDescription="localizer")
    for number in (1, 2):
        add_study(project, dicom_files(tmp_path / "in"), number=number)
    return project


@pytest.fixture
def signed_in(page: Page, live_server, project) -> Page:
    page.goto(f"{live_server.url}/sign-in/?next=/exports/BICAM/specifications/")
    page.fill("input[name=username]", "kari")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.get_by_role("heading", name="Specifications", exact=True)).to_be_visible()
    return page


def test_specification_is_built_previewed_run_watched_downloaded_in_halves_and_revoked(
    signed_in, project, live_server
):
    page = signed_in
    make_specification(page)
    folders = "{participant|dash}/{modality|lower}/{series_number:02}_{series_description|upper}"
    change_specification(page, folders)

    # the preview follows what is typed
    expect(page.locator("#preview")).to_contain_text("4 images")
    expect(page.locator("#preview .export-tree")).to_contain_text("BICAM-0001")
    expect(page.locator("#preview .export-tree")).to_contain_text("03_T1_SAG")
    expect(page.locator("#preview")).to_contain_text("BICAM_0001")
    expect(page.locator("#preview ins")).to_have_text(["empty", "BICAM-0001"])
    expect(page.locator("#preview summary").first).to_contain_text("2 series, 2 images")

    page.get_by_label("Why it changes").fill("They want dashes and no station.")
    page.get_by_role("button", name="Save version 2").click()
    expect(page.get_by_text("Version 2 is saved.")).to_be_visible()
    page.get_by_role("link", name="Use it for a package").click()
    page.get_by_label("Everyone").check()
    expect(page.locator("#would-be")).to_contain_text("2 participants")
    page.get_by_role("button", name="Build package").click()
    expect(page.get_by_text("A worker takes it in a moment")).to_be_visible()

    package = watch(page)
    content = in_two_halves(page, f"{live_server.url}/exports/BICAM/{package.pk}/download/")
    check(content)

    page.reload()
    page.get_by_text("Take the package back…").click()
    page.get_by_role("button", name="Take back BICAM").click()
    expect(page.locator(".pill").first).to_have_text("Revoked")
    again = page.request.get(f"{live_server.url}/exports/BICAM/{package.pk}/download/")
    assert again.status == 404

    assert verbs_about(SpecificationSheet.objects.get()) == [
        "created",
        "saved_version",
        "saved_version",
    ]
    assert verbs_about(package) == ["requested", "downloaded", "downloaded", "revoked"]
    for words in ("asked for it", "downloaded it, from byte", "took it back"):
        expect(page.get_by_text(words).first).to_be_visible()


def make_specification(page: Page) -> None:
    page.get_by_label("Name", exact=True).first.fill("Partner in Uppsala")
    page.get_by_role("radio", name="DICOM The files").check()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Partner in Uppsala")).to_be_visible()


def change_specification(page: Page, folders: str) -> None:
    page.get_by_label("Folders", exact=True).fill(folders)
    page.get_by_role("button", name="Add an exception").click()
    exception = page.get_by_role("group", name="But no series of which 1")
    exception.get_by_label("Element").fill("SeriesDescription")
    exception.get_by_label("Value").fill("localizer")
    page.get_by_role("button", name="Add a change").click()
    first = page.get_by_role("group", name="Change 1")
    first.get_by_label("What", exact=True).select_option("dash")
    first.get_by_label("Element").fill("PatientID")
    page.get_by_role("button", name="Add a change").click()
    second = page.get_by_role("group", name="Change 2")
    second.get_by_label("What", exact=True).select_option("empty")
    second.get_by_label("Element").fill("StationName")


def watch(page: Page) -> Package:
    """Let a worker build it, and see the page tell how far it is."""
    package = Package.objects.get()
    Package.objects.update(state=State.BUILDING, done_count=1)
    expect(page.get_by_text("1 of 6 images")).to_be_visible()
    Package.objects.update(state=State.WAITING, done_count=0)
    in_a_thread(lambda: tasks.build_package(package.pk))
    expect(page.get_by_text("kept until")).to_be_visible()
    package.refresh_from_db()
    return package


def in_two_halves(page: Page, address: str) -> bytes:
    """Download it as a client does whose connection broke in the middle."""
    size = Package.objects.get().size
    first = page.request.get(address, headers={"Range": f"bytes=0-{size // 2}"})
    rest = page.request.get(
        address,
        headers={"Range": f"bytes={size // 2 + 1}-", "If-Range": first.headers["etag"]},
    )
    assert (first.status, rest.status) == (206, 206)
    return first.body() + rest.body()


def check(content: bytes) -> None:
    """The package is what the preview said."""
    with ZipFile(io.BytesIO(content)) as file:
        images = [name for name in file.namelist() if name.endswith(".dcm")]
        headers = [pydicom.dcmread(io.BytesIO(file.read(name))) for name in images]
    assert {str(Path(name).parent) for name in images} == {
        "BICAM-0001/mr/03_T1_SAG",
        "BICAM-0002/mr/03_T1_SAG",
    }
    assert {header.PatientID for header in headers} == {"BICAM-0001", "BICAM-0002"}
    assert {header.get("StationName", "") for header in headers} == {""}


def verbs_about(thing) -> list[str]:
    return list(AuditEvent.objects.about(thing).order_by("pk").values_list("verb", flat=True))


def test_problem_stands_beside_its_field_and_goes_when_it_is_mended(signed_in):
    page = signed_in
    make_specification(page)
    page.get_by_role("button", name="Add a change").click()
    page.get_by_role("group", name="Change 1").get_by_label("What", exact=True).select_option(
        "dash"
    )
    element = page.get_by_role("group", name="Change 1").get_by_label("Element")
    element.fill("NoSuchElement")
    beside = page.locator("#problem-transformations-1-element")
    expect(beside).not_to_be_empty()

    element.fill("PatientID")

    expect(beside).to_be_empty()
    expect(page.locator("#preview")).to_contain_text("6 images")


def test_editor_works_without_a_script(project, browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{live_server.url}/sign-in/?next=/exports/BICAM/specifications/")
    plain.fill("input[name=username]", "kari")
    plain.fill("input[name=password]", PASSWORD)
    plain.press("input[name=password]", "Enter")
    make_specification(plain)
    plain.get_by_label("Folders", exact=True).fill("{participant}")
    plain.get_by_role("button", name="Add a change").click()
    row = plain.get_by_role("group", name="Change 1")
    row.get_by_label("What", exact=True).select_option("remove")
    row.get_by_label("Element").fill("StationName")
    plain.get_by_role("button", name="Add a change").click()
    plain.get_by_role("button", name="Remove 2 of: Changes").click()
    plain.get_by_role("button", name="Show what it would give").click()
    expect(plain.locator("#preview")).to_contain_text("6 images")
    plain.get_by_label("Why it changes").fill("No station.")
    plain.get_by_role("button", name="Save version 2").click()

    expect(plain.get_by_text("Version 2 is saved.")).to_be_visible()
    saved = SpecificationSheet.objects.get().newest.specification
    assert saved.folders == "{participant}"
    assert [(one.do, one.element) for one in saved.transformations] == [("remove", "StationName")]
    context.close()


FULL = {
    "format": "nifti",
    "selection": {"exclude": [{"element": "SeriesDescription", "value": "localizer"}]},
    "transformations": [
        {"do": "dash", "element": "PatientID"},
        {"do": "replace", "element": "ProtocolName", "pattern": "_v[0-9]+"},
        {"do": "map", "element": "StationName", "mapping": [["MR3T", "scanner one"]]},
    ],
    "attachments": [{"kind": "readme", "text": "For the partner."}],
    "is_encrypted": True,
}


@pytest.mark.slow
def test_pages_of_the_room_can_be_read_and_heard_wide_and_narrow(signed_in, project, live_server):
    page = signed_in
    kari = User.objects.get(username="kari")
    specification = read_specification(FULL)
    sheet = create_sheet(by=kari, project=project, name="Full", specification=specification)
    package = request_package(
        by=kari, project=project, specification=specification, participants=None
    )
    in_a_thread(lambda: tasks.build_package(package.pk))
    addresses = [
        *("/exports/BICAM/", "/exports/BICAM/specifications/", "/exports/BICAM/tables/"),
        *(f"/exports/BICAM/specifications/{sheet.pk}/", f"/exports/BICAM/{package.pk}/"),
    ]
    faults = {}

    for address, (size, colours) in product(addresses, ((WIDE, "light"), (NARROW, "dark"))):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=colours)
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        found = [*page.evaluate(FAULTS), *page.evaluate(FAINT, LEAST), *page.evaluate(CUT)]
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append("scrolls sideways")
        if found:
            faults[address, colours] = found

    assert faults == {}


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
