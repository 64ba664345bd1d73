"""Sessions end: when nobody uses them, after half a day in any case, and with what they rest on."""

import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from rdma import idleness
from tests.factories import PASSWORD, UserFactory
from tests.house.tree import ROOT

pytestmark = pytest.mark.django_db

MINUTE = 60
POLL = {"X-Waits": "yes", "HX-Request": "true"}


class Clock:
    """Says how late it is, as far as sessions are concerned."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def go(self, minutes: float) -> None:
        self.now += minutes * MINUTE


@pytest.fixture
def clock(monkeypatch) -> Clock:
    told = Clock()
    monkeypatch.setattr(idleness, "time", told)
    return told


@pytest.fixture
def kari(client, clock):
    user = UserFactory(username="kari")
    client.force_login(user)
    assert client.get("/password/").status_code == 200
    return user


def is_in(client, **headers) -> bool:
    return client.get("/password/", headers=headers).status_code == 200


def test_a_session_that_nobody_uses_ends_and_is_deleted(client, kari, clock):
    assert is_in(client)
    key = client.session.session_key
    clock.go(31)

    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists()


def test_a_session_that_is_used_goes_on(client, kari, clock):
    for _ in range(8):
        assert is_in(client)
        clock.go(20)


def test_a_page_that_asks_by_itself_is_no_use_of_a_session(client, kari, clock):
    assert is_in(client)
    for _ in range(2):
        clock.go(14)
        assert is_in(client, **POLL)
    clock.go(14)

    assert not is_in(client)


def test_what_a_person_sends_from_a_page_that_asks_by_itself_is_a_use(client, kari, clock):
    assert is_in(client)
    clock.go(20)
    client.post("/find/", {"typed": "BICAM"}, headers=POLL)
    clock.go(20)

    assert is_in(client)


def test_no_use_keeps_a_session_longer_than_half_a_day(client, kari, clock):
    for _ in range(36):
        assert is_in(client)
        clock.go(20.1)

    assert not is_in(client)


def test_an_ended_session_does_not_open_the_interface_for_programs(client, kari, clock):
    assert client.get("/api/v1/projects/").status_code == 200
    clock.go(31)

    assert client.get("/api/v1/projects/").status_code in {401, 403}


def test_signing_in_gives_the_session_another_key():
    UserFactory(username="kari")
    client = Client()
    client.session.save()
    session = client.session
    session["planted"] = "by somebody who knows this key"
    session.save()
    planted = session.session_key

    client.post("/sign-in/", {"username": "kari", "password": PASSWORD})

    assert client.get("/password/").status_code == 200
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_another_password_ends_all_sessions_but_the_one_that_chose_it(client, kari):
    elsewhere = Client()
    elsewhere.force_login(kari)
    new = "sju sjøer og sju fjell"

    client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert is_in(client)
    assert not is_in(elsewhere)


def test_somebody_who_is_made_inactive_is_out_at_once(client, kari):
    kari.is_active = False
    kari.save(update_fields=["is_active"])

    assert not is_in(client)


def test_every_page_that_asks_by_itself_says_so():
    asking = re.compile(r'hx-trigger="(?:every|load)')
    templates = [path.read_text() for path in Path(ROOT / "templates").rglob("*.html")]
    tags = [tag for text in templates for tag in text.split("<") if asking.search(tag)]

    assert tags
    assert all(idleness.WAITING in tag for tag in tags)
