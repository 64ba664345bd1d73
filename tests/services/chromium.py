"""Debian's Chromium, driven by Playwright; it reaches this machine and no other.

A page that asks another host for anything fails its test: hospital networks are closed.
"""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.services.process import executable

# Playwright's synchronous interface runs an event loop in this thread, and Django then takes
# every query for one made inside a coroutine.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
HERE = {"127.0.0.1", "localhost"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole test run; each page has its own cookies and storage."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable("chromium", package="chromium"),
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
                *("--disable-background-networking", "--disable-component-update"),
                *("--disable-sync", "--no-first-run", "--proxy-server=direct://"),
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, 1280 pixels wide, in Norway's time zone.

    When the test ends, the page must have asked no other host and met no script error.
    """
    context = browser.new_context(viewport=WIDE, timezone_id="Europe/Oslo", locale="en-GB")
    context.set_default_timeout(10_000)
    elsewhere: list[str] = []
    script_errors: list[str] = []

    def only_here(route: Route) -> None:
        host = urlsplit(route.request.url).hostname
        if host is None or host in HERE:
            route.continue_()
        else:
            elsewhere.append(host)
            route.abort()

    context.route("**/*", only_here)
    page = context.new_page()
    page.on("pageerror", lambda error: script_errors.append(error.message))
    yield page
    context.close()

    assert elsewhere == [], "the page asked other hosts for something"
    assert script_errors == [], "a script on the page failed"
