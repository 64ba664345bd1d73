"""Everything that is written can be read: in the dark, in the light, and on a telephone."""

from itertools import product

import pytest

from projects.roles import Role
from tests.datasets import make_us_series
from tests.factories import UserFactory
from tests.services.chromium import NARROW, WIDE
from tests.transfers.arrange import make_desk, quarantine, request, run_to_the_end
from tests.transfers.hidden_names import BLOCK, CSA, earlier_study, study_with
from tests.transfers.test_hold_desk_in_browser import sign_in
from transfers import actions

LEAST = 4.5  # WCAG 2.1, success criterion 1.4.3

# Text whose contrast with what is behind it is less than asked for. Run in the page.
FAINT = """(least) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colour = (words) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = words;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) => [0, 1, 2].map((n) => top[3] * top[n] + (1 - top[3]) * below[n]);
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  const light = (rgb) => rgb.slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, n) => sum + value * [0.2126, 0.7152, 0.0722][n], 0);
  const faint = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim()) continue;
    if (element.closest(".unseen, script, noscript, :disabled")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const ground = behind(element);
    const ink = over(colour(getComputedStyle(element).color), ground);
    const [dim, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dim + 0.05);
    const said = `${contrast.toFixed(2)} ${element.tagName} ${element.className}`;
    if (contrast < least) faint.add(said);
  }
  return [...faint];
}"""

# What does not fit where it stands: buttons at the edge of their sheet, choices that are cut off.
CUT = """() => {
  const canvas = document.createElement("canvas").getContext("2d");
  const cut = [];
  for (const one of document.querySelectorAll(".sheet .button, .sheet .choice")) {
    if (!one.checkVisibility()) continue;
    const sheet = one.closest(".sheet").getBoundingClientRect();
    const own = one.getBoundingClientRect();
    if (own.right > sheet.right - 8 || own.left < sheet.left + 8) cut.push(one.textContent.trim());
  }
  for (const one of document.querySelectorAll("select")) {
    if (!one.checkVisibility()) continue;
    const style = getComputedStyle(one);
    canvas.font = style.font;
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    for (const option of one.options)
      if (canvas.measureText(option.text).width > room - 20) cut.push(option.text);
  }
  return cut;
}"""


@pytest.fixture
def addresses(transactional_db, tmp_path):
    """Pages about a held transfer with pictures, after a second run, and about its project."""
    desk = make_desk()
    owner = UserFactory(data_office=True)
    desk.project.memberships.create(user=owner, role=Role.OWNER)
    earlier_study(tmp_path / "before", desk)
    first = request(desk, study_with(tmp_path / "in", desk, BLOCK, CSA, clean=1))
    run_to_the_end(first)
    make_us_series(tmp_path / "us", n=2, frames=2)
    (pictures,) = quarantine(tmp_path / "us", desk.kari)
    second = run_to_the_end(request(desk, pictures))
    run = first.latest_run
    actions.reject(
        by=desk.kari, run=run, finding=run.findings.order_by("pk").last(), reason="A name."
    )
    actions.rerun_transfer(by=desk.kari, transfer=first)
    run = run_to_the_end(first)
    finding = run.findings.order_by("pk").first()
    image = second.outcomes.order_by("pk").first()
    of_kari = [
        "/transfers/held/",
        "/transfers/pixels/",
        f"/transfers/{first.pk}/",
        f"/transfers/{first.pk}/plan/",
        f"/transfers/{first.pk}/difference/",
        f"/transfers/{first.pk}/record/",
        f"/transfers/{second.transfer_id}/",
        f"/transfers/findings/{finding.pk}/look/",
        f"/transfers/findings/{finding.pk}/rule/",
        f"/transfers/pixels/{image.pk}/",
        "/projects/BICAM/plan/",
    ]
    of_owner = [
        "/audit/",
        "/selftest/",
        "/projects/BICAM/",
        "/projects/BICAM/settings/",
        "/projects/new/",
    ]
    return {desk.kari: of_kari, owner: of_owner}


def test_every_word_stands_out_and_nothing_is_cut_off(page, live_server, addresses):
    faults = {}
    page.set_default_timeout(60_000)  # many pages; how long each takes is not what this is about

    for user, pages in addresses.items():
        sign_in(page, live_server, user)
        for address, (size, colours) in product(pages, ((WIDE, "light"), (NARROW, "dark"))):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=colours)
            answer = page.goto(live_server.url + address)
            found = [*page.evaluate(FAINT, LEAST), *page.evaluate(CUT)]
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                found.append("scrolls sideways")
            if answer.status != 200:
                found.append(f"status {answer.status}")
            if found:
                faults[address, colours] = found

    assert faults == {}
