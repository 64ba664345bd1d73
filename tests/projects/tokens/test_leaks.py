"""A token where it does not belong: in an address, or in a body."""

import pytest

from projects.models import AuditEvent, Participant, Token
from projects.roles import Role
from tests.factories import ProjectFactory, UserFactory
from tests.tokens import as_header, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory()


@pytest.fixture
def bicam(kari):
    return ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/projects/?access_token={}",
        "/api/v1/projects/{}/",
        "/api/v1/projects/?{}",
        "/api/v1/projects/?a=%72dma%5F{bare}",
        "/?token={}",
        "/nowhere/{}",
    ],
)
def test_a_token_in_an_address_is_refused_said_and_revoked(client, kari, bicam, address):
    token, secret = token_for(kari)

    answer = client.get(address.format(secret, bare=secret.removeprefix("rdma_")))

    assert answer.status_code == 400
    assert "revoked" in answer.content.decode()
    assert secret not in answer.content.decode()
    assert Token.objects.get(pk=token.pk).revoked_at is not None
    assert AuditEvent.objects.filter(verb="revoked_leaked_token", object_id=token.pk).exists()


def test_a_sign_in_page_is_given_no_address_with_a_token_to_keep(client, kari):
    _, secret = token_for(kari)

    answer = client.get(f"/transfers/?token={secret}")

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_what_only_looks_like_a_token_is_let_through(client, kari, bicam):
    client.force_login(kari)

    assert client.get("/projects/BICAM/?note=rdma_" + "A" * 49).status_code == 200


def test_a_token_in_a_body_is_refused_and_nothing_is_done(client, kari, bicam):
    token, secret = token_for(kari)

    answer = client.post(
        "/api/v1/projects/BICAM/participants/",
        {"pseudonym": "BICAM_0001", "token": secret},
        content_type="application/json",
        headers=as_header(secret),
    )

    assert answer.status_code == 400
    assert "Nothing was done" in answer.json()["detail"]
    assert secret not in answer.content.decode()
    assert not Participant.objects.exists()
    assert Token.objects.get(pk=token.pk).is_live
