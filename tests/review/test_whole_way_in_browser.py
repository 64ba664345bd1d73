"""From a name that nobody knows of to a project that is signed off, in a real browser.

A name of somebody else than the patient stands in a private element that the plan keeps. No check
can know it; the order of the inventory puts it first, and a reviewer does the rest.
"""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from deidentify.rules import Rule
from projects.storage import storage
from review.actions.verdicts import judge_many
from review.models import Standing
from review.standing import stamp_of
from review.states import Judgement
from tests.datasets import mr, new_uid, write
from tests.review.copies import index
from tests.services.chromium import NARROW
from tests.transfers.arrange import make_desk, quarantine, read_all, run_to_the_end
from tests.transfers.test_hold_desk_in_browser import sign_in
from transfers.actions import request_transfer
from transfers.planning import next_plan

pytestmark = pytest.mark.django_db(transaction=True)

PLACE = (0x0033, "OUR SCANNER NOTES", 0x08)
PATH = '(0033,"OUR SCANNER NOTES",08)'
NAME = "Solbakken, Ingvild"
REASON = "It names somebody who was in the room."


@pytest.fixture
def desk():
    """A project whose first plan keeps the notes of its scanner, as somebody once wished."""
    desk = make_desk()
    with transaction.atomic():
        next_plan(desk.project, [Rule(PATH, "keep")], by=desk.kari, reason="The notes are wanted.")
    return desk


@pytest.fixture
def transfers(desk, tmp_path):
    """Two studies: in one image of the first, the notes hold a name."""
    for number, notes in enumerate(([NAME, "phantom"], ["phantom", "phantom"]), 1):
        study = new_uid()
        for image, note in enumerate(notes, 1):
            dataset = mr(
                StudyInstanceUID=study,
                SeriesInstanceUID=f"{study}.{image}",
                InstanceNumber=image,
                patient_id=f"9797543231{number}",
            )
            group, creator, element = PLACE
            dataset.private_block(group, creator, create=True).add_new(element, "LO", note)
            write(dataset, tmp_path / f"{number}-{image}.dcm")
    made = [
        request_transfer(
            by=desk.kari,
            study=study,
            project=desk.project,
            pseudonym=f"BICAM_{number:04}",
            event=desk.project.events.first(),
        )
        for number, study in enumerate(quarantine(tmp_path, desk.kari), 1)
    ]
    work(made)
    return made


def work(transfers):
    """Do what the workers do."""
    for transfer in transfers:
        run_to_the_end(transfer)
    index()


def everything_left(transfers):
    """The bytes of the research copy as it is now."""
    keys = [
        outcome.key
        for transfer in transfers
        for outcome in transfer.runs.order_by("-number").first().outcomes.exclude(key="")
    ]
    copies = []
    for key in keys:
        with storage().fetch(key) as path:
            copies.append(read_all([path]))
    return b"".join(copies)


def test_planted_name_is_found_judged_ruled_away_and_signed_off(page, live_server, desk, transfers):
    assert NAME.encode() in everything_left(transfers)
    sign_in(page, live_server, desk.kari)
    page.goto(f"{live_server.url}/review/BICAM/")

    # the first row of the inventory, whatever it is
    judge_the_rest(desk)
    first = page.locator("#elements tbody tr").first
    expect(first).to_contain_text("(0033,xx08)")
    first.get_by_role("link", name="(0033,xx08)").click()
    expect(page.get_by_text("The values are hidden.")).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)
    page.get_by_role("button", name="Show the values").click()
    expect(page.get_by_text(NAME)).to_be_visible()
    verdict = page.locator("#verdict")
    verdict.get_by_label("Reason").first.fill(REASON)
    verdict.get_by_role("button", name="Not safe → rule…").click()

    # the fitting rule is chosen already
    expect(page.get_by_role("heading", name="Make a rule")).to_be_visible()
    expect(page.get_by_label("Remove it")).to_be_checked()
    effect = page.locator("#effect")
    expect(effect).to_contain_text("4 images of 4 series, 2 studies and 2 participants change.")
    expect(effect).to_contain_text("2 transfers run again from the originals in quarantine.")
    page.get_by_label("Replace it by a text").check()
    page.get_by_label("The text", exact=True).fill("note")
    expect(effect).to_contain_text("replaced by “note”")
    page.get_by_label("Remove it").check()
    expect(effect).to_contain_text("wherever it stands: removed.")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Make it a rule and run again").click()

    # what runs again is counted while one looks, and what became different when it is done
    expect(page.get_by_text("It is a rule of BICAM now (plan v3).")).to_be_visible()
    expect(page.get_by_text("2 running, 0 still to run")).to_be_visible()
    work(transfers)
    expect(page.get_by_text("All have run.")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("4 of 4 images in 2 transfers came out differently.")).to_be_visible()
    changed = page.get_by_role("row").filter(has_text="OUR SCANNER NOTES")
    expect(changed).to_contain_text("Removed")
    expect(changed).to_contain_text("4")
    assert NAME.encode() not in everything_left(transfers)

    # the history says who did it, and why
    page.get_by_role("link", name="Changes", exact=True).click()
    newest = page.locator("#versions li").first
    expect(newest).to_contain_text(desk.kari.display_name)
    expect(newest).to_contain_text(REASON)
    expect(newest).to_contain_text("removed. Before it was kept.")
    expect(newest).to_contain_text("2 were to run again: 2 done.")

    sign_off(page, live_server)


def judge_the_rest(desk):
    """Say of everything but the notes that it is safe, as reviewers did before."""
    project = desk.project
    rest = project.elements.exclude(path=PATH).exclude(standing=Standing.SAFE)
    judged, refused = judge_many(
        by=desk.kari,
        project=project,
        elements=list(rest.values_list("pk", flat=True)),
        judged=Judgement.SAFE,
        reason="Looked at, one by one.",
        stamp=stamp_of(project),
    )
    assert judged
    assert refused == []


def sign_off(page, live_server):
    """Sign for what is left, and read that it is on record."""
    page.goto(f"{live_server.url}/review/BICAM/")
    expect(page.get_by_text("OUR SCANNER NOTES")).to_have_count(0)
    page.get_by_role("link", name="Sign off…").first.click()
    expect(page.get_by_text("Nobody has signed off what is left in BICAM yet.")).to_be_visible()
    page.get_by_role("button", name="Sign off BICAM").click()
    expect(page.get_by_text("Sign-off 1 is current")).to_be_visible()


def test_pages_never_scroll_sideways_on_a_phone(page, live_server, desk, transfers):
    sign_in(page, live_server, desk.kari)
    page.set_viewport_size(NARROW)
    pk = desk.project.elements.get(path=PATH).pk

    for address in (f"{pk}/rule/", "changes/", "changes/1/", "changes/2/"):
        page.goto(f"{live_server.url}/review/BICAM/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
