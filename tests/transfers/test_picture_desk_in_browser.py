"""The picture desk in a real browser: frame by frame, by keyboard, and nothing leaves unseen."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from projects.models import AuditEvent
from tests.browser.test_no_other_host import FAULTS
from tests.datasets import make_us_series
from tests.services.chromium import NARROW
from tests.transfers.arrange import make_desk, outcomes, quarantine, request, run_to_the_end
from transfers.models import FrameLook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def run(desk, tmp_path):
    """A held run: three ultrasound images of four frames."""
    make_us_series(tmp_path / "in", n=3, frames=4, patient_name="Fjell^Turid Aasen")
    (study,) = quarantine(tmp_path / "in", desk.kari)
    transfer = request(desk, study)
    return run_to_the_end(transfer)


@pytest.fixture
def pictures(page, live_server, desk, run):
    """The picture desk, opened by the project's administrator."""
    client = Client()
    client.force_login(desk.kari)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/transfers/pixels/")
    return page


def shows_image(pictures, number):
    """Wait until an image is there and its script answers to keys."""
    expect(pictures.get_by_role("heading", name=f"image {number} of 3")).to_be_visible()
    expect(pictures.get_by_role("button", name="Play")).to_be_visible()


def test_a_series_is_looked_at_and_decided_by_keyboard(pictures, run):
    pictures.get_by_role("link", name="Look at them").click()
    shows_image(pictures, 1)

    for _ in range(3):
        pictures.keyboard.press("ArrowRight")
    expect(pictures.get_by_text("Frame 4 of 4, 4 seen")).to_be_visible()
    expect(pictures.get_by_text("1 of 3 looked at by you")).to_be_visible()
    pictures.keyboard.press("p")
    expect(pictures.get_by_label("Pass, because")).to_be_focused()
    pictures.keyboard.type("No text in it, nor anything else.")
    pictures.keyboard.press("Enter")

    shows_image(pictures, 2)
    expect(pictures.get_by_label("Pass, because")).to_have_value(
        "No text in it, nor anything else."
    )
    pictures.get_by_role("button", name="A name or a number can be read").click()
    pictures.keyboard.press("Tab")
    pictures.get_by_role("heading", name="Your decision").click()
    pictures.keyboard.press("r")
    shows_image(pictures, 3)
    assert outcomes(run_to_the_end(run.transfer)) == {"delivered": 1, "held": 1, "rejected": 1}


def test_passing_a_series_unseen_is_asked_about_first(pictures, run):
    pictures.get_by_role("link", name="Look at them").click()
    pictures.get_by_role("button", name="No text in the picture").click()
    pictures.get_by_label("All 3 of the series that wait").first.check()

    pictures.get_by_role("button", name="Pass", exact=True).click()
    expect(pictures.get_by_role("heading", name="You have seen 0 of 3 images")).to_be_visible()
    asked = outcomes(run_to_the_end(run.transfer))
    pictures.get_by_role("button", name="Pass 3 images all the same").click()

    expect(pictures.get_by_text("Passed: 3 images.")).to_be_visible()
    assert asked == {"held": 3}
    assert outcomes(run_to_the_end(run.transfer)) == {"delivered": 3}
    assert AuditEvent.objects.get(verb="passed_pictures").facts["images_seen"] == 0


def test_only_frames_that_were_shown_are_noted(pictures):
    pictures.get_by_role("link", name="Look at them").click()
    shows_image(pictures, 1)
    expect(pictures.get_by_text("Frame 1 of 4, 1 seen")).to_be_visible()

    pictures.get_by_label("Frame", exact=True).fill("3")
    expect(pictures.get_by_text("Frame 3 of 4, 2 seen")).to_be_visible()

    pictures.get_by_role("button", name="Play").click()
    expect(pictures.get_by_text("Frame 4 of 4, 3 seen")).to_be_visible()
    pictures.get_by_role("link", name="Previous frame").click()
    pictures.get_by_role("link", name="Previous frame").click()

    expect(pictures.get_by_text("Frame 2 of 4, 4 seen")).to_be_visible()
    assert sorted(FrameLook.objects.values_list("frame", flat=True)) == [1, 2, 3, 4]


def test_a_frame_counts_once_it_is_shown_and_not_when_it_cannot_be(pictures):
    pictures.route("**/frames/1/**", lambda route: route.abort())
    pictures.get_by_role("link", name="Look at them").click()
    shows_image(pictures, 1)
    expect(pictures.get_by_text("It does not count as seen.")).to_be_visible()
    unseen = FrameLook.objects.count()

    pictures.unroute("**/frames/1/**")
    pictures.reload()
    expect(pictures.get_by_text("Frame 1 of 4, 1 seen")).to_be_visible()

    assert unseen == 0
    assert list(FrameLook.objects.values_list("frame", flat=True)) == [1]


def test_arrows_lead_from_image_to_image_and_keep_the_contrast(pictures):
    pictures.get_by_role("link", name="Look at them").click()
    faint = pictures.get_by_role("link", name="Faint details")
    faint.click()
    expect(faint).to_have_attribute("aria-current", "true")
    shows_image(pictures, 1)
    pictures.keyboard.press("ArrowDown")
    shows_image(pictures, 2)

    pictures.keyboard.press("ArrowLeft")

    expect(pictures.get_by_text("Frame 4 of 4")).to_be_visible()
    shows_image(pictures, 1)
    expect(faint).to_have_attribute("aria-current", "true")


def test_values_are_shown_in_place_once_somebody_asks(pictures, live_server, run):
    finding = run.findings.order_by("pk").first()
    finding.path = "(0010,0010)"
    finding.save()
    pictures.goto(f"{live_server.url}/transfers/findings/{finding.pk}/look/")
    expect(pictures.get_by_text("Fjell^Turid Aasen")).to_have_count(0)

    pictures.get_by_role("button", name="Show the values").click()

    row = pictures.get_by_role("row", name="Patient Name")
    expect(row.get_by_role("cell").first).to_contain_text("Fjell^Turid Aasen")
    expect(row.get_by_role("cell").last).to_contain_text("BICAM_0001")
    assert pictures.url.endswith("/look/")
    assert pictures.evaluate(FAULTS) == []


def test_the_desk_and_a_picture_can_be_heard_and_never_scroll_sideways_on_a_phone(pictures):
    pictures.set_viewport_size(NARROW)
    faults = pictures.evaluate(FAULTS)
    widths = [pictures.evaluate("document.documentElement.scrollWidth")]

    pictures.get_by_role("link", name="Look at them").click()
    shows_image(pictures, 1)

    faults += pictures.evaluate(FAULTS)
    widths.append(pictures.evaluate("document.documentElement.scrollWidth"))
    assert faults == []
    assert max(widths) <= NARROW["width"]
