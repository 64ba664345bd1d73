"""How often somebody may ask, counted in the database and so over all processes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from projects.models import RequestCount
from projects.roles import Role
from projects.tasks import clear_requests
from projects.tokens import limits
from projects.tokens.scopes import Scope
from tests.factories import ProjectFactory, UserFactory
from tests.tokens import as_header, bearer

PROJECTS = "/api/v1/projects/"


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch):
    """Let no test begin in one minute and end in the next."""
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_015.0)


@pytest.fixture
def kari():
    return UserFactory()


@pytest.mark.django_db
def test_one_request_too_many_is_told_when_to_come_again(client, settings, kari):
    settings.REST_PER_MINUTE = 3
    headers = bearer(kari)

    answers = [client.get(PROJECTS, headers=headers) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "45"
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert answers[-1].json()["status"] == 429


@pytest.mark.django_db
def test_each_token_has_its_own_count_and_a_session_its_persons(client, settings, kari):
    settings.REST_PER_MINUTE = 1
    first, second = bearer(kari), bearer(kari)
    client.get(PROJECTS, headers=first)

    assert client.get(PROJECTS, headers=first).status_code == 429
    assert client.get(PROJECTS, headers=second).status_code == 200
    client.force_login(kari)
    assert client.get(PROJECTS).status_code == 200
    assert client.get(PROJECTS).status_code == 429


@pytest.mark.django_db
def test_a_refused_scope_and_an_answer_given_again_are_counted_too(client, settings, kari):
    settings.REST_PER_MINUTE = 2
    ProjectFactory(acronym="BICAM", members={kari: Role.DATA_MANAGER})
    reads = bearer(kari, Scope.READ)
    again = {"Idempotency-Key": "the-same", **bearer(kari, Scope.TRANSFER)}
    address, wish = f"{PROJECTS}BICAM/participants/", {"pseudonym": "BICAM_0001"}

    refused = [client.get("/api/v1/studies/", headers=reads).status_code for _ in range(3)]
    repeated = [
        client.post(address, wish, content_type="application/json", headers=again).status_code
        for _ in range(3)
    ]

    assert refused == [403, 403, 429]
    assert repeated == [201, 201, 429]


@pytest.mark.django_db
def test_a_new_minute_begins_anew(client, settings, monkeypatch, kari):
    settings.REST_PER_MINUTE = 1
    headers = bearer(kari)
    client.get(PROJECTS, headers=headers)

    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_061.0)

    assert client.get(PROJECTS, headers=headers).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, as_header("guessed")], ids=["nothing", "a guess"])
def test_nobody_known_is_counted_by_address(client, settings, headers):
    settings.REST_UNKNOWN_PER_MINUTE = 2

    statuses = [client.get(PROJECTS, headers=headers).status_code for _ in range(3)]
    elsewhere = client.get(PROJECTS, headers=headers, REMOTE_ADDR="192.0.2.7")

    assert statuses == [401, 401, 429]
    assert elsewhere.status_code == 401
    assert not RequestCount.objects.filter(who__contains="127.0.0.1").exists()


@pytest.mark.django_db
def test_guesses_do_not_shut_out_who_is_known_at_the_same_address(client, settings, kari):
    settings.REST_UNKNOWN_PER_MINUTE = 1
    for _ in range(3):
        client.get(PROJECTS, headers=as_header("guessed"))

    assert client.get(PROJECTS, headers=bearer(kari)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_get_a_place_than_there_are():
    def ask(_):
        try:
            return limits.has_place("token:1", 10)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(ask, range(40)))

    assert sum(places) == 10


@pytest.mark.django_db
def test_counts_of_minutes_that_are_over_are_forgotten(client, monkeypatch, kari):
    ProjectFactory(members={kari: Role.OWNER})
    client.get(PROJECTS, headers=bearer(kari))
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_015.0 + 180)
    client.get(PROJECTS, headers=bearer(kari))

    clear_requests()

    assert RequestCount.objects.count() == 1
