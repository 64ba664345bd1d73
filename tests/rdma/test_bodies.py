"""What is too long is refused before any of it is read or written."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.roles import Role
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

GIGABYTE = str(1024**3)


@pytest.fixture
def kari(client):
    user = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM").memberships.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def announce(client, address, length=GIGABYTE, content_type="multipart/form-data; boundary=x"):
    """Post a little and say that it is much more; whoever read it would miss the rest."""
    return client.generic("POST", address, b"--x--", content_type, CONTENT_LENGTH=length)


@pytest.mark.parametrize("address", ["/sign-in/", "/attach/", "/find/", "/exports/get/", "/admin/"])
def test_who_has_not_signed_in_cannot_fill_the_disk(client, address):
    assert announce(client, address).status_code == 413


@pytest.mark.parametrize("address", ["/find/", "/password/", "/projects/new/"])
def test_a_form_without_files_takes_no_more_than_a_form_needs(client, kari, address):
    answer = announce(client, address)

    assert answer.status_code == 413
    assert "longer than the 6 MB" in answer.content.decode()


@pytest.mark.parametrize("address", ["/api/v1/transfers/", "/api/v1/projects/"])
def test_a_program_gets_a_problem_and_not_a_page(client, kari, address):
    answer = announce(client, address, content_type="application/json")

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 413


def test_the_script_of_the_upload_page_gets_a_sentence_to_show(client, kari):
    begun = client.post("/attach/begin/").json()

    answer = announce(client, begun["files"], length=str(10**15))

    assert answer.status_code == 413
    assert "is longer than" in answer.json()["problem"]


def test_studies_are_taken_from_who_signed_in(client, kari, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = -(1024**2)  # the limit elsewhere: nothing
    file = SimpleUploadedFile("a.dcm", b"no DICOM, but a file")

    assert client.post("/attach/", {"files": file}).status_code == 302


@pytest.mark.parametrize(("length", "status"), [("", 200), ("many", 200), ("-5", 400)])
def test_a_length_that_is_none_brings_nothing(client, length, status):
    assert announce(client, "/sign-in/", length=length).status_code == status
