"""Who signs in, who is refused and who signs out is in the audit, without what was typed."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from projects.models import AuditEvent, AuditPlace
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory(username="kari")


@pytest.fixture
def client():
    return Client(REMOTE_ADDR="192.0.2.7")


def sign_in(client, name, password=PASSWORD):
    return client.post(reverse("sign-in"), {"username": name, "password": password})


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_signing_in_and_out_is_written_down_with_its_address(kari, client):
    sign_in(client, "kari")
    client.post(reverse("sign-out"))

    assert verbs() == ["signed_in", "signed_out"]
    assert set(AuditEvent.objects.values_list("actor", "through", "object_id")) == {
        (kari.pk, "page", kari.pk)
    }
    [place] = AuditPlace.objects.with_digests([AuditEvent.objects.first().address])
    assert place.address == "192.0.2.7"


def test_a_refusal_holds_a_digest_of_the_name_and_tells_whose_it_is(kari, client):
    sign_in(client, "kari", "wrong")
    sign_in(client, "my password typed into the wrong field", "wrong")
    sign_in(client, "my password typed into the wrong field", "again")

    known, unknown, again = AuditEvent.objects.order_by("pk")
    assert {known.verb, unknown.verb, again.verb} == {"sign_in_failed"}
    assert (known.object_id, unknown.object_id) == (kari.pk, None)
    assert known.facts != unknown.facts == again.facts
    assert "typed" not in str(list(AuditEvent.objects.values()))


def test_being_locked_out_is_written_down_once(kari, client, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT + 3):
        answer = sign_in(client, "kari", "wrong")

    assert answer.status_code == 429
    assert verbs().count("locked_out") == 1
    assert verbs().count("sign_in_failed") == settings.AXES_FAILURE_LIMIT


def test_a_local_account_beside_the_directory_has_a_word_of_its_own(kari, client, monkeypatch):
    monkeypatch.setattr("projects.auditing.signing.is_break_glass", lambda user: True)

    sign_in(client, "kari")

    assert verbs() == ["signed_in_locally"]


def test_a_script_that_sends_a_password_each_time_is_written_down_once_an_hour(
    kari, client, settings
):
    settings.BASIC_AUTHENTICATION = True
    from base64 import b64encode

    headers = {"Authorization": f"Basic {b64encode(f'kari:{PASSWORD}'.encode()).decode()}"}

    for _ in range(3):
        assert client.get(reverse("api-project-list"), headers=headers).status_code == 200

    assert verbs() == ["signed_in"]
    assert AuditEvent.objects.get().through == "rest"


def test_django_admin_has_no_door_of_its_own(kari, client):
    answer = client.post("/admin/login/", {"username": "kari", "password": PASSWORD})
    asked = client.get("/admin/login/?next=/admin/projects/")

    assert answer.status_code == 405
    assert asked.headers["Location"] == "/sign-in/?next=/admin/projects/"
    assert "_auth_user_id" not in client.session

    client.force_login(kari)
    assert client.get("/admin/login/").status_code == 403


def test_rights_that_are_given_in_django_admin_are_written_down_one_by_one(kari, client):
    operator = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(operator)
    facts = {
        "username": "kari", "first_name": "Kari", "last_name": "Moen", "email": "",
        "hospital_role": "auditor", "is_active": "", "is_staff": "on", "is_superuser": "on",
    }  # fmt: skip

    answer = client.post(f"/admin/projects/user/{kari.pk}/change/", facts)

    assert answer.status_code == 302
    assert verbs() == ["changed", "set_hospital_role", "set_superuser", "set_active"]
    event = AuditEvent.objects.get(verb="set_hospital_role")
    assert (event.facts, event.actor, event.object_id, event.through) == (
        {"hospital_role": "auditor"}, operator, kari.pk, "admin",
    )  # fmt: skip


def test_another_password_is_written_down_whoever_gave_it(kari, client):
    operator = UserFactory(is_staff=True, is_superuser=True)
    new = "another invented password"
    client.force_login(operator)
    client.post(
        f"/admin/projects/user/{kari.pk}/password/",
        {"usable_password": "true", "password1": new, "password2": new},
    )
    client.force_login(type(kari).objects.get(pk=kari.pk))
    client.post(
        reverse("password-change"),
        {"old_password": new, "new_password1": PASSWORD, "new_password2": PASSWORD},
    )

    assert verbs() == ["changed_password", "changed_password"]
    actors = AuditEvent.objects.order_by("pk").values_list("actor", "object_id")
    assert list(actors) == [(operator.pk, kari.pk), (kari.pk, kari.pk)]


def test_a_superuser_of_the_command_line_is_written_down(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", "--noinput", username="root", email="", verbosity=0)

    assert verbs() == ["created", "set_superuser"]
