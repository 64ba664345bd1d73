"""The description of the REST interface is whole, and its page asks nobody else."""

import json

import pytest
from django.core.management import call_command

from tests.factories import UserFactory


def test_the_description_is_valid_and_free_of_warnings(tmp_path):
    out = tmp_path / "openapi.json"

    call_command(
        "spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(out)
    )

    described = json.loads(out.read_text())
    assert described["openapi"].startswith("3.1")
    assert {
        "/api/v1/projects/",
        "/api/v1/projects/{acronym}/",
        "/api/v1/projects/{acronym}/participants/",
        "/api/v1/projects/{acronym}/events/",
        "/api/v1/audit/",
    } <= described["paths"].keys()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"), [("/api/schema/", 401), ("/api/docs/", 302), ("/api/docs/?script=", 302)]
)
def test_it_is_for_people_who_are_signed_in(client, address, status):
    assert client.get(address).status_code == status

    client.force_login(UserFactory())
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_every_page_has_a_strict_policy_the_api_page_too(client):
    client.force_login(UserFactory())

    for address in ("/", "/projects/", "/password/", "/nothing/", "/api/docs/"):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe-eval" not in policy
        assert "unsafe-inline" not in policy


@pytest.mark.django_db
def test_an_unforeseen_error_gives_a_number_that_is_in_the_log(client, monkeypatch, caplog):
    from rdma import desk, views

    assert views.waiting_for is desk.waiting_for
    monkeypatch.setattr(views, "waiting_for", lambda user: 1 / 0)
    client.force_login(UserFactory())
    client.raise_request_exception = False

    answer = client.get("/")

    (record,) = [record for record in caplog.records if record.name == "rdma.views"]
    number = record.getMessage().rpartition(" ")[2]
    assert answer.status_code == 500
    assert number in answer.content.decode()
