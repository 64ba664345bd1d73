"""What people type as user name: counted, and not to be read."""

import pytest
from axes.models import AccessAttempt
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
TYPED = "a password typed into the wrong box"


def sign_in(client, username, password="wrong"):
    return client.post(reverse("sign-in"), {"username": username, "password": password})


def test_a_name_that_was_typed_cannot_be_read_in_the_table_of_attempts(client):
    sign_in(client, TYPED)

    attempt = AccessAttempt.objects.get()
    assert all(TYPED not in str(value) for value in vars(attempt).values())
    assert "password typed" not in attempt.get_data + attempt.post_data
    assert len(attempt.username) == 32


def test_attempts_for_one_name_are_counted_together_and_forgotten_when_it_signs_in(client):
    kari = UserFactory(username="kari")

    for typed in ("kari", "Kari ", "kari"):
        sign_in(client, typed)
    counted = AccessAttempt.objects.get().failures_since_start
    sign_in(client, kari.username, PASSWORD)

    assert counted == 3
    assert not AccessAttempt.objects.exists()


def test_a_name_is_locked_out_under_its_digest_too(client):
    UserFactory(username="kari")

    answers = [sign_in(client, "kari").status_code for _ in range(8)]
    after = sign_in(client, "kari", PASSWORD)

    assert answers[0] == 422 or answers[0] == 200
    assert after.status_code == 429
