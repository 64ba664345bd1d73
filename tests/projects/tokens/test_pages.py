"""The pages of tokens and service accounts: made, told once, listed, revoked, ended."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import AuditEvent, Token, User
from projects.models.people import Kind
from projects.roles import Role
from projects.tokens import secrets
from projects.tokens.scopes import Scope
from tests.factories import ProjectFactory, UserFactory
from tests.tokens import as_header, token_for

pytestmark = pytest.mark.django_db
MINE = "/account/tokens/"


@pytest.fixture
def kari(client):
    user = UserFactory(username="kari")
    client.force_login(user)
    return user


@pytest.fixture
def bicam(kari):
    return ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})


def wanted(**others):
    day = timezone.localdate() + timedelta(days=30)
    return {"name": "nightly", "scopes": ["read"], "last_day": day.isoformat(), **others}


def secret_in(answer):
    return re.search(r"rdma_[0-9A-Za-z]{49}", answer.content.decode())[0]


def test_a_new_token_is_told_once_works_and_is_kept_as_a_digest(client, kari, bicam):
    answer = client.post(MINE, wanted(project="BICAM"))

    secret = secret_in(answer)
    token = Token.objects.get()
    assert (token.user, token.project, token.scopes) == (kari, bicam, {Scope.READ})
    assert secret not in str(Token.objects.values().get())
    assert secret not in client.get(MINE).content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    works = client.get("/api/v1/projects/", headers=as_header(secret))
    assert works.status_code == 200
    event = AuditEvent.objects.get(verb="made_token")
    assert (event.actor, event.project, event.facts["scope"]) == (kari, bicam, "read")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["manage"]},
        {"name": ""},
        {"last_day": (timezone.localdate() - timedelta(days=1)).isoformat()},
        {"last_day": (timezone.localdate() + timedelta(days=400)).isoformat()},
        {"project": "OTHER"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wish_that_breaks_a_rule_makes_no_token_and_keeps_what_was_typed(client, bicam, wrong):
    ProjectFactory(acronym="OTHER")

    answer = client.post(MINE, wanted(**{"name": "my nightly script", **wrong}))

    assert answer.status_code == 422
    assert not Token.objects.exists()
    assert "name" in wrong or "my nightly script" in answer.content.decode()


def test_somebody_revokes_their_own_token_and_no_other(client, kari, bicam):
    mine, secret = token_for(kari)
    other, _ = token_for(UserFactory())

    client.post(reverse("account-token-revoke", args=[mine.pk]))
    refused = client.post(reverse("account-token-revoke", args=[other.pk]))

    assert refused.status_code == 404
    assert client.get("/api/v1/projects/", headers=as_header(secret)).status_code == 401
    assert Token.objects.get(pk=mine.pk).revoked_by == kari
    assert Token.objects.get(pk=other.pk).is_live


def test_a_program_gets_an_account_a_token_and_an_end(client, kari, bicam):
    client.post(
        reverse("project-service-add", args=["BICAM"]), {"name": "REDCap", "role": "data_manager"}
    )
    account = User.objects.get(kind=Kind.SERVICE)
    answer = client.post(reverse("project-service-token", args=["BICAM", account.pk]), wanted())
    secret = secret_in(answer)

    works = client.get("/api/v1/projects/", headers=as_header(secret))
    assert [row["acronym"] for row in works.json()["results"]] == ["BICAM"]
    assert "REDCap" in client.get(reverse("project-tokens", args=["BICAM"])).content.decode()

    client.post(reverse("project-service-end", args=["BICAM", account.pk]))

    assert client.get("/api/v1/projects/", headers=as_header(secret)).status_code == 401
    account.refresh_from_db()
    assert not account.is_active
    assert not account.has_usable_password()
    assert not bicam.memberships.filter(user=account).exists()


@pytest.mark.parametrize("role", ["owner", "administrator", "controller", ""])
def test_a_program_is_neither_owner_nor_administrator(client, bicam, role):
    answer = client.post(
        reverse("project-service-add", args=["BICAM"]), {"name": "REDCap", "role": role}
    )

    assert answer.status_code == 422
    assert not User.objects.filter(kind=Kind.SERVICE).exists()


def test_the_owner_sees_and_revokes_the_tokens_that_reach_the_project(client, kari, bicam):
    ola = UserFactory(first_name="Ola", last_name="Lie")
    ProjectFactory(acronym="OTHER", members={ola: Role.OWNER})
    elsewhere, _ = token_for(ola)
    page = reverse("project-tokens", args=["BICAM"])
    address = reverse("project-token-revoke", args=["BICAM", elsewhere.pk])
    assert "Ola Lie" not in client.get(page).content.decode()
    assert client.post(address).status_code == 404

    bicam.memberships.create(user=ola, role=Role.RESEARCHER)

    assert "Ola Lie" in client.get(page).content.decode()
    assert client.post(address).status_code == 302
    assert not Token.objects.get(pk=elsewhere.pk).is_live


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DATA_MANAGER, Role.RESEARCHER])
def test_only_who_manages_people_sees_the_tokens_of_a_project(client, bicam, role):
    member = UserFactory()
    bicam.memberships.create(user=member, role=role)
    client.force_login(member)

    assert client.get(reverse("project-tokens", args=["BICAM"])).status_code == 403
    answer = client.post(
        reverse("project-service-add", args=["BICAM"]), {"name": "x", "role": role}
    )
    assert answer.status_code == 403
    assert not User.objects.filter(kind=Kind.SERVICE).exists()


def test_every_token_drawn_has_the_form_that_scanners_look_for():
    drawn = {secrets.draw() for _ in range(200)}

    assert len(drawn) == 200
    assert all(secrets.is_whole(token) and len(token) == 54 for token in drawn)
    assert not any(
        secrets.is_whole(token[:-1] + ("0" if token[-1] != "0" else "1")) for token in drawn
    )
