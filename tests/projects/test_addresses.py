"""Who asks is known by the address that our own servers saw, never by one that a client wrote."""

import pytest
from django.test import RequestFactory

from projects.addresses import client_address
from tests.factories import PASSWORD, UserFactory


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "no address", "10.0.0.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_addresses_are_counted_from_the_right(settings, proxies, forwarded, expected):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == expected


def test_a_connection_without_an_address_has_none(settings):
    settings.PROXIES = 0

    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == ""


def attempt(client, password, forwarded):
    return client.post(
        "/sign-in/",
        {"username": "kari", "password": password},
        REMOTE_ADDR="10.0.0.1",
        HTTP_X_FORWARDED_FOR=forwarded,
    )


@pytest.mark.django_db
def test_a_forged_header_gives_no_further_tries(client, settings):
    settings.PROXIES = 1
    UserFactory(username="kari")

    for number in range(settings.AXES_FAILURE_LIMIT):
        answer = attempt(client, "wrong", f"198.51.100.{number}, 203.0.113.9")

    assert answer.status_code == 429
    assert attempt(client, PASSWORD, "198.51.100.99, 203.0.113.9").status_code == 429


@pytest.mark.django_db
def test_wrong_tries_behind_the_same_proxy_do_not_shut_out_their_victim(client, settings):
    settings.PROXIES = 1
    UserFactory(username="kari")

    for _ in range(settings.AXES_FAILURE_LIMIT):
        attempt(client, "wrong", "203.0.113.9")

    assert attempt(client, PASSWORD, "203.0.113.10").status_code == 302
