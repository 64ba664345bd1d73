"""Deciding in a real browser, as a project administrator does it."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from projects.roles import Role
from tests.factories import UserFactory
from tests.services.chromium import NARROW
from tests.transfers.arrange import make_desk, outcomes, request, run_to_the_end
from tests.transfers.hidden_names import BLOCK, CSA, earlier_study, name_a_file, study_with
from transfers.tasks import advance

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page, live_server, user):
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def held(desk, tmp_path):
    """A name in a private block (series 1), in a CSA header (2), and in a file name (3)."""
    earlier_study(tmp_path / "before", desk)
    study = study_with(tmp_path / "in", desk, BLOCK, CSA, clean=2)
    transfer = request(desk, study)
    advance(transfer.runs.get().pk)
    name_a_file(transfer.runs.get())
    return run_to_the_end(transfer)


@pytest.fixture
def hold_desk(page, live_server, desk, held):
    sign_in(page, live_server, desk.kari)
    page.goto(f"{live_server.url}/transfers/held/")
    return page


def finding(page, words):
    return page.locator(".list > li").filter(has_text=words)


def test_three_names_are_released_rejected_and_ruled_away(hold_desk, held):
    block = finding(hold_desk, "private element 2A of GEMS_PARM_01")
    csa = finding(hold_desk, "private element 20 of SIEMENS CSA HEADER")
    file_name = finding(hold_desk, "the name of the file")
    expect(block).to_contain_text("In 2 images: series 1 (MR)")
    expect(csa).to_contain_text("If it is released, 2 images go on.")
    expect(file_name).to_contain_text("Run the transfer anew")
    expect(file_name.get_by_role("link", name="Make it a rule")).to_have_count(0)

    block.get_by_label("Reason").fill("A word of the protocol, looked at.")
    block.get_by_role("button", name="Release").click()
    expect(hold_desk.get_by_text("Released: 2 images on the way.")).to_be_visible()
    file_name.get_by_label("Reason").fill("It carries the name.")
    file_name.get_by_role("button", name="Reject this image").click()
    expect(hold_desk.get_by_text("Rejected: 1 image left behind.")).to_be_visible()
    decided = outcomes(run_to_the_end(held.transfer))

    csa.get_by_role("link", name="Make it a rule").click()
    hold_desk.get_by_label("Private element 20 of SIEMENS CSA HEADER").check()
    hold_desk.get_by_label("Remove it").check()
    hold_desk.get_by_label("Reason").fill("Nobody needs this header.")
    hold_desk.get_by_role("button", name="Try it").click()
    expect(hold_desk.get_by_text("Tried on 2 images: what was found is gone")).to_be_visible()
    hold_desk.get_by_role("button", name="Make it a rule and run again").click()
    expect(hold_desk.get_by_text("It is a rule of BICAM now (plan v2).")).to_be_visible()
    run = run_to_the_end(held.transfer)
    expect(hold_desk.get_by_text("Everything that may leave has arrived.")).to_be_visible()
    hold_desk.get_by_role("link", name="What changed").click()
    expect(hold_desk.get_by_text("2 of 6 images came out differently.")).to_be_visible()
    row = hold_desk.get_by_role("row").filter(has_text="SIEMENS CSA HEADER")
    expect(row.filter(has_text="20)")).to_contain_text("Removed")

    assert decided == {"delivered": 3, "held": 2, "rejected": 1}
    assert outcomes(run) == {"delivered": 6}  # the file has a fresh name, so nothing is found


def test_second_person_confirms_what_the_first_released(hold_desk, live_server, desk, held):
    desk.project.two_person_release = True
    desk.project.save()
    ola = UserFactory()
    desk.project.memberships.create(user=ola, role=Role.DATA_MANAGER)
    block = finding(hold_desk, "private element 2A of GEMS_PARM_01")
    hold_desk.reload()

    block.get_by_label("Reason").fill("A word of the protocol, looked at.")
    block.get_by_role("button", name="Release").click()
    expect(hold_desk.get_by_text("2 images can leave when a second person")).to_be_visible()
    expect(block.get_by_role("button", name="Withdraw my release")).to_be_visible()
    expect(block.get_by_role("button", name="Confirm the release")).to_have_count(0)
    sign_in(hold_desk, live_server, ola)
    hold_desk.goto(f"{live_server.url}/transfers/held/")
    expect(block).to_contain_text("“A word of the protocol, looked at.”")
    block.get_by_role("button", name="Confirm the release").click()
    expect(hold_desk.get_by_text("Confirmed: 2 images on the way.")).to_be_visible()

    assert outcomes(run_to_the_end(held.transfer)) == {"held": 3, "delivered": 3}


def test_desk_never_scrolls_sideways_on_a_phone(hold_desk):
    hold_desk.set_viewport_size(NARROW)
    hold_desk.reload()

    assert hold_desk.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
