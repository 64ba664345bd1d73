"""A POST with an Idempotency-Key is done once, whoever sends it how often."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from intake.models import Arrival
from projects.models import KeptAnswer
from projects.roles import Role
from projects.tasks import clear_requests
from projects.tokens.scopes import Scope
from tests.factories import ProjectFactory, UserFactory
from tests.tokens import bearer

EVENTS = "/api/v1/projects/BICAM/events/"
PARTICIPANTS = "/api/v1/projects/BICAM/participants/"
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def kari():
    return UserFactory()


@pytest.fixture
def bicam(kari):
    return ProjectFactory(acronym="BICAM", members={kari: Role.OWNER}, events=[])


@pytest.fixture
def signed_in(client, kari, bicam):
    client.force_login(kari)
    return client


def post(client, address, wish, key=KEY, **others):
    headers = {"Idempotency-Key": key, **others.pop("headers", {})}
    return client.post(address, wish, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_the_same_request_is_done_once_and_answered_alike(signed_in, bicam):
    first = post(signed_in, EVENTS, {"name": "baseline"})
    again = post(signed_in, EVENTS, {"name": "baseline"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert bicam.events.count() == 1


@pytest.mark.django_db
def test_another_request_with_the_same_key_is_refused(signed_in, bicam):
    post(signed_in, EVENTS, {"name": "baseline"})

    answer = post(signed_in, EVENTS, {"name": "6month"})

    assert answer.status_code == 422
    assert bicam.events.count() == 1


@pytest.mark.django_db
def test_without_a_key_each_request_is_its_own(signed_in, bicam):
    for name in ("baseline", "6month"):
        signed_in.post(EVENTS, {"name": name}, content_type="application/json")

    assert bicam.events.count() == 2
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
def test_what_was_refused_gives_its_key_back(signed_in, bicam):
    assert post(signed_in, EVENTS, {"name": ""}).status_code == 400
    assert post(signed_in, EVENTS, {"name": "baseline"}).status_code == 201


@pytest.mark.django_db
def test_a_key_is_one_persons_on_one_route(signed_in, kari, bicam):
    ola = UserFactory()
    bicam.memberships.create(user=ola, role=Role.OWNER)
    post(signed_in, EVENTS, {"name": "baseline"})

    elsewhere = post(signed_in, PARTICIPANTS, {"pseudonym": "BICAM_0001"})
    olas = Client()
    olas.force_login(ola)
    of_another = post(olas, EVENTS, {"name": "6month"})

    assert (elsewhere.status_code, of_another.status_code) == (201, 201)


@pytest.mark.django_db
def test_another_token_of_the_same_person_is_not_told_the_answer(client, kari, bicam):
    other = ProjectFactory(acronym="OTHER", members={kari: Role.OWNER})
    wish = {"pseudonym": "BICAM_0001"}
    own, narrower = (bearer(kari, Scope.TRANSFER, project=one) for one in (bicam, other))

    first = post(client, PARTICIPANTS, wish, headers=own)
    by_the_other = post(client, PARTICIPANTS, wish, headers=narrower)
    again = post(client, PARTICIPANTS, wish, headers=own)

    assert (first.status_code, by_the_other.status_code, again.status_code) == (201, 422, 201)
    assert b"BICAM" not in by_the_other.content


@pytest.mark.django_db
def test_a_request_that_is_under_way_is_not_begun_again(signed_in, kari, bicam):
    post(signed_in, EVENTS, {"name": "baseline"})
    KeptAnswer.objects.update(status=None)

    answer = post(signed_in, EVENTS, {"name": "baseline"})

    assert answer.status_code == 409
    assert answer.headers["Retry-After"] == "2"
    assert "under way" in answer.json()["detail"]


@pytest.mark.django_db
def test_after_a_mistake_of_the_portal_nothing_is_done_twice(signed_in, monkeypatch, bicam):
    def fails(**_):
        raise RuntimeError

    signed_in.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("projects.actions.add_event", fails)
        assert post(signed_in, EVENTS, {"name": "baseline"}).status_code == 500

    assert post(signed_in, EVENTS, {"name": "baseline"}).status_code == 409


@pytest.mark.django_db
def test_a_key_is_free_again_after_a_day(signed_in, bicam):
    post(signed_in, EVENTS, {"name": "baseline"})
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert post(signed_in, EVENTS, {"name": "6month"}).status_code == 201
    assert post(signed_in, EVENTS, {"name": "6month"}).status_code == 201
    assert bicam.events.count() == 2


@pytest.mark.django_db
def test_the_clock_forgets_answers_after_a_day(signed_in, bicam):
    post(signed_in, EVENTS, {"name": "baseline"})
    clear_requests()
    assert KeptAnswer.objects.count() == 1

    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    clear_requests()

    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "æ"])
def test_what_is_no_key_is_refused(signed_in, bicam, key):
    assert post(signed_in, EVENTS, {"name": "baseline"}, key=key).status_code == 400
    assert not bicam.events.exists()


@pytest.mark.django_db
def test_neither_key_nor_request_nor_answer_can_be_read_from_the_row(signed_in, bicam):
    post(signed_in, PARTICIPANTS, {"pseudonym": "BICAM_0042"}, key="BICAM_0042")

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM projects_keptanswer")
        kept = cursor.fetchall()
    assert "BICAM_0042" in KeptAnswer.objects.get().body
    assert not any(b"BICAM_0042" in bytes(str(cell), "utf-8") for row in kept for cell in row)
    assert not any(b"BICAM_0042" in bytes(cell) for cell in kept[0] if isinstance(cell, memoryview))


@pytest.mark.django_db
def test_a_look_up_makes_nothing_and_keeps_nothing(client, kari, bicam):
    for identifier in ("ACC00000001", "ACC00000002"):
        headers = bearer(kari, Scope.TRANSFER)
        wish = {"identifier": identifier}
        answer = post(client, "/api/v1/studies/lookup/", wish, headers=headers)
        assert answer.status_code == 200

    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
def test_an_upload_is_told_from_another_by_its_files(client, kari, bicam):
    headers = {"Idempotency-Key": KEY, **bearer(kari, Scope.TRANSFER)}

    def upload(content):
        file = SimpleUploadedFile("a.dcm", content)
        return client.post("/api/v1/studies/", {"files": [file]}, headers=headers)

    first, again, other = upload(b"one"), upload(b"one"), upload(b"two")

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert Arrival.objects.count() == 1
    assert json.loads(first.content) == json.loads(again.content)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_the_row():
    kari = UserFactory()
    ProjectFactory(members={kari: Role.OWNER})
    headers = {"Idempotency-Key": KEY, **bearer(kari, Scope.TRANSFER)}
    together = Barrier(6)

    def upload(_):
        together.wait(10)
        try:
            file = SimpleUploadedFile("a.dcm", b"one")
            return Client().post("/api/v1/studies/", {"files": [file]}, headers=headers).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(upload, range(6)))

    assert set(statuses) <= {202, 409}
    assert 202 in statuses
    assert Arrival.objects.count() == 1
    assert KeptAnswer.objects.get().status == 202
