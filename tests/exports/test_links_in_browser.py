"""In Chromium: a link is made, its code told, the package fetched, the link over."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exports.actions.links import make_link
from exports.models import Download, DownloadLink, OutsideLinks, Package
from projects.models import Project
from projects.roles import Role
from tests.exports.ready import file_of, ready_package
from tests.factories import PASSWORD, ProjectFactory, UserFactory


@pytest.fixture
def project(transactional_db) -> Project:
    owner = UserFactory(username="kari")
    project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
    office = UserFactory(data_office=True)
    OutsideLinks.objects.create(project=project, allowed_by=office)
    return project


@pytest.fixture
def package(project) -> Package:
    return ready_package(project, project.memberships.get().user)


def test_link_is_made_handed_over_and_used(package, page: Page, browser, live_server, tmp_path):
    page.goto(f"{live_server.url}/sign-in/?next=/exports/BICAM/{package.pk}/")
    page.get_by_label("User name").fill("kari")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("For whom").fill("partner@example.org")
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Address").input_value()
    page.get_by_role("button", name="Go on to the code").click()
    code = page.locator(".exports-secret").inner_text()

    partner = browser.new_context().new_page()
    partner.goto(address)
    expect(partner.get_by_text(package.file_name)).to_be_visible()
    assert partner.url == f"{live_server.url}/exports/get/{DownloadLink.objects.get().pk}/"
    partner.get_by_label("Code").fill("WRONG-CODES")
    partner.get_by_role("button", name="Download").click()
    expect(partner.get_by_text("not the code of this link")).to_be_visible()
    partner.get_by_label("Code").fill(code.lower())
    with partner.expect_download() as started:
        partner.get_by_role("button", name="Download").click()
    started.value.save_as(tmp_path / "package.zip")

    assert (tmp_path / "package.zip").read_bytes() == file_of(package).read_bytes()
    assert started.value.suggested_filename == package.file_name
    assert Download.objects.get().reached_end
    page.goto(f"{live_server.url}/exports/BICAM/{package.pk}/")
    page.get_by_role("button", name="Take back the link for partner@example.org").click()
    expect(page.get_by_text("The link is taken back")).to_be_visible()
    partner.reload()
    expect(partner.get_by_role("heading", name="The link is over")).to_be_visible()
    partner.context.close()


def test_link_works_without_a_script(package, project, browser, live_server, tmp_path: Path):
    owner = project.memberships.get().user
    ends = timezone.now() + timedelta(days=1)
    link, token = make_link(by=owner, package=package, account=owner, expires_at=ends)
    page = browser.new_context(java_script_enabled=False).new_page()
    address = f"{live_server.url}/exports/get/#{token}"

    page.goto(address)
    page.get_by_label("Address of the link").fill(address)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Sign in", exact=True).click()
    assert token not in page.url
    page.get_by_label("User name").fill("kari")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()

    assert Path(started.value.path()).stat().st_size == package.size
    link.refresh_from_db()
    assert link.use_count == 1
    page.context.close()
