"""Whatever goes wrong under /api/ is told as a problem document, and never as a page."""

import json

import pytest
from django.urls import reverse

from projects.models import Project
from projects.roles import Role
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
PROJECTS = "/api/v1/projects/"
JSON = "application/json"


@pytest.fixture
def kari(client):
    kari = UserFactory(username="kari", data_office=True)
    client.force_login(kari)
    return kari


def problem(answer, status: int) -> dict:
    """Return the problem that an answer is."""
    told = json.loads(answer.content)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert told["status"] == status
    assert told["instance"].startswith("urn:uuid:")
    assert told["title"]
    return told


@pytest.mark.parametrize(
    ("method", "address", "more", "status"),
    [
        ("get", "/api/nothing/", {}, 404),
        ("get", "/api/v1/projects/NOTHING/", {}, 404),
        ("get", "/api/v1/exports/99/download/", {"headers": {"Accept": "application/zip"}}, 404),
        ("delete", PROJECTS, {}, 405),
        ("get", PROJECTS, {"headers": {"Accept": "text/html"}}, 406),
        ("post", PROJECTS, {"data": "<a/>", "content_type": "text/xml"}, 415),
        ("post", PROJECTS, {"data": "{", "content_type": JSON}, 400),
        ("post", PROJECTS[:-1], {"data": "{}", "content_type": JSON}, 404),
        ("get", PROJECTS, {"headers": {"Host": "elsewhere.example"}}, 400),
        ("get", "/api/v1/projects/%00/", {}, 400),
        ("get", "/api/v1/transfers/?project=%00", {}, 400),
        ("get", "/api/v1/transfers/9999999999999999999999/", {}, 404),
    ],
)
def test_an_error_of_any_kind_is_a_problem(client, kari, method, address, more, status):
    told = problem(getattr(client, method)(address, **more), status)

    assert told["type"].split(":")[0] in {"about", "tag"}


def test_whoever_is_not_signed_in_is_asked_who_they_are(client):
    answer = client.get(PROJECTS)

    assert problem(answer, 401)["detail"].startswith("Authentication credentials")
    assert answer.headers["WWW-Authenticate"]


def test_a_session_without_its_token_against_forgery_is_refused_in_the_same_way():
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(data_office=True))

    told = problem(client.post(PROJECTS, {}, JSON), 403)

    assert "CSRF" in told["detail"]


def test_a_body_beyond_the_limit_is_not_read(client, kari):
    answer = client.post(PROJECTS, b"[" + b" " * 7_000_000 + b"]", JSON)

    problem(answer, 413)


def test_an_unforeseen_error_has_a_number_that_is_in_the_log(client, kari, monkeypatch, caplog):
    monkeypatch.setattr(Project.objects, "visible_to", lambda user: 1 / 0)
    client.raise_request_exception = False

    told = problem(client.get(PROJECTS), 500)

    assert told["instance"].removeprefix("urn:uuid:") in caplog.text
    assert "ZeroDivisionError" not in json.dumps(told)


def test_each_wrong_field_is_named_and_nothing_that_was_sent_is_repeated(client, kari):
    sent = {"acronym": "x", "owner": "Ola Oppdiktet", "end_action": "Oppdiktet^Olga"}

    told = problem(client.post(PROJECTS, sent, JSON), 400)

    assert told["type"] == "tag:rdma,2026:invalid"
    places = {one["pointer"] for one in told["errors"]}
    assert {"#/owner", "#/end_action", "#/approval_start"} <= places
    assert "Oppdiktet" not in json.dumps(told)


def test_a_place_deep_in_a_list_is_pointed_at(client, kari):
    told = problem(client.post(PROJECTS, {"events": ["baseline", "x" * 41]}, JSON), 400)

    assert "#/events/1" in {one["pointer"] for one in told["errors"]}


@pytest.mark.parametrize(
    "body",
    [
        '{"acronym": "A\\u0000B"}',
        '{"acronym": "\\ud800"}',
        '{"acronym": 92233720368547758070}',
        '{"acronym": 1e999}',
        '{"acronym": ' + "[" * 100 + "]" * 100 + "}",
        "[" * 100_000 + "]" * 100_000,
        '{"acronym": NaN}',
        b'{"acronym": "\xff"}',
        "9" * 5000,
    ],
)
def test_what_no_column_can_hold_is_a_body_that_cannot_be_read(client, kari, body):
    told = problem(client.post(PROJECTS, body, JSON), 400)

    assert told["type"] == "tag:rdma,2026:parse_error"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("projct=BICAM", "projct"),
        ("page=0", "page"),
        ("page=last", "page"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
        ("page_size=" + "9" * 40, "page_size"),
        ("approved=maybe", "approved"),
        ("approved=true&approved=false", "approved"),
        ("sort=title", "sort"),
    ],
)
def test_what_a_list_does_not_know_is_refused_by_its_name(client, kari, query, parameter):
    told = problem(client.get(f"{PROJECTS}?{query}"), 400)

    assert told["type"] == "tag:rdma,2026:parameter"
    assert [one["parameter"] for one in told["errors"]] == [parameter]


def test_an_empty_filter_is_refused_and_finds_neither_nothing_nor_everything(client, kari):
    """A script whose variable was empty would take an empty list for the answer."""
    told = problem(client.get("/api/v1/studies/?modality="), 400)

    assert [one["parameter"] for one in told["errors"]] == ["modality"]


def test_pages_are_walked_by_links_and_end(client, kari):
    for _ in range(3):
        ProjectFactory(members={kari: Role.OWNER})

    first = client.get(f"{PROJECTS}?page_size=2")
    last = client.get(first.json()["next"])

    assert 'rel="next"' in first.headers["Link"]
    assert 'rel="prev"' in last.headers["Link"]
    assert len(first.json()["results"] + last.json()["results"]) == first.json()["count"] == 3
    assert last.json()["next"] is None
    problem(client.get(f"{PROJECTS}?page_size=2&page=3"), 404)


def test_lists_are_narrowed_and_ordered_from_closed_lists(client, kari):
    from datetime import timedelta

    from django.utils import timezone

    over = timezone.localdate() - timedelta(days=1)
    ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    ProjectFactory(acronym="ECTMRI", members={kari: Role.OWNER}, approval_end=over)

    def acronyms(query: str) -> list[str]:
        return [row["acronym"] for row in client.get(f"{PROJECTS}?{query}").json()["results"]]

    assert acronyms("sort=-acronym") == ["ECTMRI", "BICAM"]
    assert acronyms("approved=true") == ["BICAM"]
    assert acronyms("approved=false") == ["ECTMRI"]


def test_every_operation_is_described_with_its_errors_and_a_name_of_its_own(client, kari):
    described = client.get(reverse("api-schema"), headers={"Accept": JSON}).json()

    names = []
    for item in described["paths"].values():
        for method, operation in item.items():
            if method != "parameters":
                names.append(operation["operationId"])
                assert operation["tags"]
                assert operation["description"]
                assert {"400", "401", "403", "404", "500"} <= operation["responses"].keys()
    assert len(names) == len(set(names)) > 60
    assert "Problem" in described["components"]["schemas"]
