"""Signing in with a local account, and out again."""

import pytest

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def sign_in(client, password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": "kari", "password": password, **more})


def test_somebody_signs_in_and_comes_where_they_wanted(client):
    UserFactory(username="kari")

    answer = sign_in(client, next="/projects/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/projects/")
    assert client.get("/projects/").status_code == 200


def test_signing_in_leads_to_no_other_host(client):
    UserFactory(username="kari")

    assert sign_in(client, next="https://elsewhere.example/").headers["Location"] == "/"


def test_a_wrong_password_is_refused_in_a_sentence_that_does_not_say_which_was_wrong(client):
    UserFactory(username="kari")

    wrong = sign_in(client, "something else")
    unknown = client.post("/sign-in/", {"username": "nobody", "password": PASSWORD})

    sentence = "User name and password do not belong together."
    assert sentence in wrong.content.decode()
    assert sentence in unknown.content.decode()


def test_too_many_tries_rest_the_account_and_say_for_how_long(client, settings):
    UserFactory(username="kari")

    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, "something else")

    assert answer.status_code == 429
    assert "for 15 minutes" in answer.content.decode()
    assert sign_in(client).status_code == 429


def test_a_part_of_a_page_whose_session_has_ended_loads_the_page_anew(client):
    answer = client.get("/", headers={"HX-Request": "true"}, follow=True)

    assert answer.headers["HX-Refresh"] == "true"
    assert b"<html" not in answer.content


def test_signing_out_is_a_post_and_ends_the_session(client):
    client.force_login(UserFactory())

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_password_is_changed_and_a_short_one_refused(client):
    user = UserFactory(username="kari")
    client.force_login(user)

    short = client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}
    )
    new = "sju sjøer og sju fjell"
    done = client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert "too short" in short.content.decode()
    assert done.status_code == 302
    assert "Your password is changed." in client.get("/").content.decode()
    user.refresh_from_db()
    assert user.check_password(new)
    assert user.password.startswith("argon2")
