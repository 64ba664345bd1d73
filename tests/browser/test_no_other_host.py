"""Every page in a real browser: no other host, no blocked script, and what a screen reader needs.

The `page` fixture itself fails a test whose page asks another host for anything, or whose script
breaks.
"""

import pytest
from django.urls import reverse

from projects.roles import Role
from tests.factories import PASSWORD, ParticipantFactory, ProjectFactory, StudyFactory, UserFactory
from tests.services.chromium import NARROW

ADDRESSES = [
    *("/", "/projects/", "/projects/new/", "/projects/BICAM/", "/projects/BICAM/people/"),
    *("/projects/BICAM/settings/", "/password/", "/assign/", "/attach/", "/transfers/"),
    *("/transfers/held/", "/transfers/pixels/", "/review/BICAM/", "/exports/BICAM/", "/selftest/"),
    *("/exports/BICAM/specifications/", "/exports/BICAM/tables/"),
]

# What a page must have so that it can be heard and walked through by keyboard. Run in the page.
FAULTS = """() => {
  const faults = [];
  const say = (what, element) => faults.push(what + ": " + element.outerHTML.slice(0, 120));
  const named = (element) => element.labels?.length || element.getAttribute("aria-label")
    || element.getAttribute("aria-labelledby") || element.title;
  if (document.documentElement.lang !== "en") faults.push("no language");
  if (!document.title.endsWith("rDMA")) faults.push("no title");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!named(one)) say("field without a label", one);
  for (const one of document.querySelectorAll("button, a[href], summary"))
    if (!one.textContent.trim() && !named(one)) say("nothing to read on it", one);
  for (const one of document.querySelectorAll("nav"))
    if (!named(one)) say("navigation without a name", one);
  for (const one of document.querySelectorAll("img"))
    if (!one.hasAttribute("alt")) say("picture without text", one);
  for (const one of document.querySelectorAll("[style]"))
    if (!one.matches("body, html")) say("inline style", one);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push("twice: " + id);
  for (const one of document.querySelectorAll("[aria-describedby]"))
    for (const id of one.getAttribute("aria-describedby").split(" "))
      if (!document.getElementById(id)) say("described by nothing", one);
  let level = 1;
  for (const one of document.querySelectorAll("h1, h2, h3, h4")) {
    const own = Number(one.tagName[1]);
    if (own > level + 1) say("heading skips a level", one);
    level = own;
  }
  return faults;
}"""


@pytest.fixture
def signed_in(live_server, page):
    """A browser in which the owner of BICAM, who is also of the data office, is signed in."""
    office = UserFactory(username="office", data_office=True)
    project = ProjectFactory(acronym="BICAM", members={office: Role.OWNER}, sites=["Bergen"])
    ParticipantFactory(project=project, pseudonym="BICAM_0007")
    StudyFactory(called_ae_title="BICAM")
    page.complaints = []
    page.on(
        "console",
        lambda said: page.complaints.append(said.text) if said.type == "error" else None,
    )
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("User name").fill("office")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live_server.url}/")
    return page


@pytest.mark.django_db(transaction=True)
def test_every_page_stands_by_itself_and_can_be_heard(signed_in, live_server):
    for address in ADDRESSES:
        answer = signed_in.goto(live_server.url + address)
        assert answer.status == 200, address
        assert signed_in.evaluate(FAULTS) == [], address
        assert signed_in.complaints == [], address


@pytest.mark.django_db(transaction=True)
def test_no_page_scrolls_sideways_on_a_telephone(signed_in, live_server):
    signed_in.set_viewport_size(NARROW)

    for address in ADDRESSES:
        signed_in.goto(live_server.url + address)
        width = signed_in.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"], address


@pytest.mark.django_db(transaction=True)
def test_the_api_page_is_drawn_from_the_sidecar(signed_in, live_server):
    signed_in.goto(f"{live_server.url}/api/docs/")

    signed_in.get_by_text("/api/v1/projects/", exact=True).first.wait_for()

    assert signed_in.complaints == []


@pytest.mark.django_db(transaction=True)
def test_the_chosen_colours_are_remembered(signed_in, live_server):
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--paper')"
    light = signed_in.evaluate(paper)

    signed_in.get_by_label("Signed in as").click()
    signed_in.get_by_role("button", name="Use dark colours").click()
    dark = signed_in.evaluate(paper)
    signed_in.goto(f"{live_server.url}/projects/")

    assert light != dark
    assert signed_in.evaluate(paper) == dark


@pytest.mark.django_db(transaction=True)
def test_a_page_is_walked_by_keyboard(signed_in, live_server):
    signed_in.goto(f"{live_server.url}/projects/")

    signed_in.keyboard.press("Tab")
    assert signed_in.evaluate("document.activeElement.textContent") == "Go to the content"
    signed_in.locator("table tbody tr").first.focus()
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url(f"{live_server.url}/projects/BICAM/")

    signed_in.get_by_label("Go to a project").click()
    assert signed_in.locator("details.menu[open]").count() == 1
    signed_in.keyboard.press("Escape")
    assert signed_in.locator("details.menu[open]").count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_read_and_used_without_script(live_server, browser):
    office = UserFactory(username="office", data_office=True)
    ProjectFactory(acronym="BICAM", members={office: Role.OWNER})
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("User name").fill("office")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(live_server.url + reverse("project-settings", args=["BICAM"]))
    page.locator("#events").get_by_label("Name").fill("12month")
    page.get_by_role("button", name="Add event").click()

    assert page.locator("#events li").all_text_contents() == ["baseline", "6month", "12month"]
    context.close()
