"""Shoot every page, wide and narrow, light and dark, for somebody to look at.

    python -m tests.browser.screens http://127.0.0.1:8000 USER PASSWORD FOLDER [ADDRESS ...]

The portal must be running, with the demo's data in it for instance.
"""

import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.services.chromium import NARROW, WIDE
from tests.services.process import executable

ADDRESSES = (
    "/",
    "/assign/",
    "/transfers/",
    "/transfers/held/",
    "/transfers/pixels/",
    "/projects/",
    "/attach/",
)
OF_A_PROJECT = (
    "/projects/{acronym}/",
    "/projects/{acronym}/people/",
    "/projects/{acronym}/plan/",
    "/projects/{acronym}/settings/",
    "/review/{acronym}/",
    "/exports/{acronym}/",
    "/exports/{acronym}/specifications/",
    "/exports/{acronym}/tables/",
)


def shoot(
    browser: Browser, portal: str, user: str, password: str, folder: Path, addresses: list[str]
) -> None:
    """Sign in once for each size and colour, and keep a picture of each address."""
    folder.mkdir(parents=True, exist_ok=True)
    for size, colour in product((WIDE, NARROW), ("light", "dark")):
        context = browser.new_context(
            viewport=size, color_scheme=colour, timezone_id="Europe/Oslo", locale="en-GB"
        )
        page = context.new_page()
        page.goto(f"{portal}/sign-in/")
        page.screenshot(path=folder / f"sign-in-{size['width']}-{colour}.png", full_page=True)
        page.get_by_label("User name").fill(user)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{portal}/")
        for address in addresses or _addresses(page.goto(f"{portal}/projects/").text()):
            page.goto(portal + address)
            name = address.strip("/").replace("/", "-").replace("?", "-") or "home"
            page.screenshot(path=folder / f"{name}-{size['width']}-{colour}.png", full_page=True)
        context.close()


def _addresses(project_list: str) -> list[str]:
    """Return all addresses, with the first project's own."""
    _, found, rest = project_list.partition('<td><a href="/projects/')
    acronym = rest.partition("/")[0]
    own = [address.format(acronym=acronym) for address in OF_A_PROJECT] if found else []
    return [*ADDRESSES, *own]


if __name__ == "__main__":
    portal, user, password, folder, *addresses = sys.argv[1:]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable("chromium", package="chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        shoot(chromium, portal.rstrip("/"), user, password, Path(folder), addresses)
        chromium.close()
