"""Coming by a token, from the outside: what it opens, what shuts it, what it never opens."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import AuditEvent, Token
from projects.roles import Role
from projects.tokens.scopes import Scope
from tests.factories import PASSWORD, ProjectFactory, UserFactory
from tests.tokens import as_header, bearer, token_for

pytestmark = pytest.mark.django_db
PROJECTS = "/api/v1/projects/"


@pytest.fixture
def kari():
    return UserFactory(username="kari")


@pytest.fixture
def bicam(kari):
    return ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})


def acronyms(answer):
    return [row["acronym"] for row in answer.json()["results"]]


def test_a_token_opens_what_its_person_may_see(client, kari, bicam):
    ProjectFactory(acronym="OTHER")

    answer = client.get(PROJECTS, headers=bearer(kari, Scope.READ))

    assert answer.status_code == 200
    assert acronyms(answer) == ["BICAM"]


def test_a_token_of_one_project_opens_no_other_of_its_person(client, kari, bicam):
    ProjectFactory(acronym="SECOND", members={kari: Role.OWNER})
    headers = bearer(kari, Scope.READ, project=bicam)

    assert acronyms(client.get(PROJECTS, headers=headers)) == ["BICAM"]
    assert client.get(f"{PROJECTS}SECOND/", headers=headers).status_code == 404


def test_a_token_of_one_project_keeps_the_data_office_in_it(client, bicam):
    office = UserFactory(data_office=True)
    ProjectFactory(acronym="SECOND")
    headers = bearer(office, Scope.READ, Scope.TRANSFER, project=bicam)

    assert acronyms(client.get(PROJECTS, headers=headers)) == ["BICAM"]
    assert client.get(f"{PROJECTS}SECOND/events/", headers=headers).status_code == 404
    AuditEvent.record(office, "created", ProjectFactory(acronym="THIRD"))
    AuditEvent.record(office, "created", bicam)
    audit = client.get("/api/v1/audit/", headers=headers).json()["results"]
    assert {row["project"] for row in audit} == {"BICAM"}


def revoked(token):
    token.revoked_at = timezone.now()


def expired(token):
    token.created_at = timezone.now() - timedelta(days=2)
    token.expires_at = timezone.now() - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("spoil", "word"), [(revoked, "revoked"), (expired, "expired")], ids=["revoked", "expired"]
)
def test_a_token_that_ended_is_told_so(client, kari, bicam, spoil, word):
    token, secret = token_for(kari)
    spoil(token)
    token.save()

    answer = client.get(PROJECTS, headers=as_header(secret))

    assert answer.status_code == 401
    assert word in answer.json()["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_person_who_is_switched_off_ends_their_tokens(client, kari, bicam):
    headers = bearer(kari)
    kari.is_active = False
    kari.save()

    assert client.get(PROJECTS, headers=headers).status_code == 401


def test_leaving_the_project_ends_its_token_at_the_next_request(client, kari, bicam):
    headers = bearer(kari, project=bicam)
    assert client.get(PROJECTS, headers=headers).status_code == 200
    ProjectFactory(acronym="SECOND", members={kari: Role.OWNER})

    bicam.memberships.all().delete()

    assert client.get(PROJECTS, headers=headers).status_code == 401


@pytest.mark.parametrize(
    "secret", ["", "x", "rdma_" + "A" * 49, "rdma_ÆØÅ", "two words", "rdma_" + "A" * 5000]
)
def test_what_is_no_token_opens_nothing(client, kari, bicam, secret):
    answer = client.get(PROJECTS, headers=as_header(secret))

    assert answer.status_code == 401
    assert "not known" in answer.json()["detail"]


def test_a_token_signs_nobody_in_to_pages_or_to_admin(client, kari, bicam):
    kari.is_staff = kari.is_superuser = True
    kari.save()
    headers = bearer(kari)

    for name in ("home", "project-list", "account-tokens", "admin:index", "api-docs"):
        answer = client.get(reverse(name), headers=headers)

        assert answer.status_code == 302, name
    assert not client.session.keys()


def test_a_token_beside_a_session_narrows_the_request_all_the_same(client, kari, bicam):
    ProjectFactory(acronym="SECOND", members={kari: Role.OWNER})
    client.force_login(kari)

    answer = client.get(PROJECTS, headers=bearer(kari, project=bicam))

    assert acronyms(answer) == ["BICAM"]


def test_the_last_use_is_written_at_most_once_a_minute(client, kari, bicam):
    token, secret = token_for(kari)
    client.get(PROJECTS, headers=as_header(secret))
    first = Token.objects.get(pk=token.pk)

    client.get(PROJECTS, headers=as_header(secret))

    assert first.last_used_at is not None
    assert "127.0.0.1" not in first.last_used_from
    assert Token.objects.get(pk=token.pk).last_used_at == first.last_used_at
    Token.objects.update(last_used_at=first.last_used_at - timedelta(minutes=2))
    client.get(PROJECTS, headers=as_header(secret))
    assert Token.objects.get(pk=token.pk).last_used_at >= first.last_used_at


def test_what_a_token_does_is_audited_with_its_number(client, kari, bicam):
    token, secret = token_for(kari, Scope.TRANSFER)

    answer = client.post(
        f"{PROJECTS}BICAM/participants/",
        {"pseudonym": "BICAM_0001"},
        content_type="application/json",
        headers=as_header(secret),
    )

    assert answer.status_code == 201
    assert AuditEvent.objects.first().token_id == token.pk


def test_a_password_in_a_script_is_taken_only_where_the_installation_says_so(
    client, settings, kari, bicam
):
    import base64

    word = base64.b64encode(f"kari:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {word}"}

    settings.BASIC_AUTHENTICATION = True
    assert client.get(PROJECTS, headers=headers).status_code == 200
    settings.BASIC_AUTHENTICATION = False
    assert client.get(PROJECTS, headers=headers).status_code == 401
