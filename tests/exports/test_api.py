"""REST of packages, with the same rights as the page."""

from base64 import b64encode

import pytest

from exports import tasks
from exports.models import Package
from exports.states import State
from projects.models import AuditEvent
from projects.roles import Role
from tests.datasets import make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files
from tests.factories import PASSWORD, ProjectFactory, UserFactory


@pytest.fixture
def images(project, tmp_path) -> None:
    make_mr_series(tmp_path / "a", n=2)
    for number in (1, 2):
        add_study(project, dicom_files(tmp_path / "a"), number=number)


def test_script_asks_waits_and_takes(project, owner, images, client):
    client.force_login(owner)
    wish = {"project": project.number, "format": "zip", "participants": ["BICAM_0001"]}

    asked = client.post("/api/v1/exports/", wish, content_type="application/json")
    tasks.build_package(asked.json()["id"])
    told = client.get(f"/api/v1/exports/{asked.json()['id']}/").json()
    file = client.get(
        f"/api/v1/exports/{told['id']}/download/", headers={"Accept": "application/zip"}
    )

    package = Package.objects.get()
    assert asked.status_code == 201
    assert asked.json()["state"] == "waiting"
    assert (told["state"], told["done_count"], told["participants"]) == ("ready", 2, ["BICAM_0001"])
    assert told["sha256"] == package.sha256
    assert b"".join(file.streaming_content) == path_of(package).read_bytes()
    assert AuditEvent.objects.filter(verb="downloaded").count() == 1


def test_without_participants_everyone_is_exported(owner, images, client):
    client.force_login(owner)

    asked = client.post("/api/v1/exports/", {"project": "BICAM"}, content_type="application/json")

    assert asked.json()["participants"] == ["BICAM_0001", "BICAM_0002"]


@pytest.mark.parametrize("participants", [[], ["BICAM_0999"], ["BICAM_0001", "ECTMRI_0001"]])
def test_participant_who_is_not_there_is_refused(participants, owner, images, client):
    client.force_login(owner)
    wish = {"project": "BICAM", "participants": participants}

    asked = client.post("/api/v1/exports/", wish, content_type="application/json")

    assert asked.status_code == 400
    assert not Package.objects.exists()


def test_package_can_be_cancelled_once(owner, images, client):
    client.force_login(owner)
    wish = {"project": "BICAM"}
    pk = client.post("/api/v1/exports/", wish, content_type="application/json").json()["id"]

    first = client.post(f"/api/v1/exports/{pk}/cancel/")
    again = client.post(f"/api/v1/exports/{pk}/cancel/")

    assert first.json()["state"] == State.CANCELLED
    assert again.status_code == 400


CALLS = [
    ("get", "/api/v1/exports/{pk}/"),
    ("get", "/api/v1/exports/{pk}/download/"),
    ("post", "/api/v1/exports/{pk}/cancel/"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_stranger_finds_nothing(method, path, project, images, build, client):
    stranger = UserFactory()
    ProjectFactory(members={stranger: Role.OWNER})
    package = build(project)
    client.force_login(stranger)

    answer = getattr(client, method)(path.format(pk=package.pk))

    assert answer.status_code == 404
    assert client.get("/api/v1/exports/").json()["results"] == []
    wish = {"project": "BICAM"}
    asked = client.post("/api/v1/exports/", wish, content_type="application/json")
    assert asked.status_code == 404


def test_controller_sees_the_list_and_takes_nothing(project, images, build, client):
    controller = UserFactory()
    project.memberships.create(user=controller, role=Role.CONTROLLER)
    package = build(project)
    client.force_login(controller)

    listed = client.get("/api/v1/exports/", {"project": "BICAM"}).json()["results"]

    assert [one["id"] for one in listed] == [package.pk]
    assert client.get(f"/api/v1/exports/{package.pk}/download/").status_code == 403
    assert client.post(f"/api/v1/exports/{package.pk}/cancel/").status_code == 403
    wish = {"project": "BICAM"}
    asked = client.post("/api/v1/exports/", wish, content_type="application/json")
    assert asked.status_code == 403


@pytest.mark.parametrize(("method", "path"), [*CALLS, ("get", "/api/v1/exports/")])
def test_nobody_is_answered_without_signing_in(method, path, project, images, build, client):
    package = build(project)

    answer = getattr(client, method)(path.format(pk=package.pk))

    assert answer.status_code == 401


def test_script_may_sign_in_with_user_name_and_password(owner, images, client):
    token = b64encode(f"{owner.username}:{PASSWORD}".encode()).decode()

    answer = client.get("/api/v1/exports/", headers={"Authorization": f"Basic {token}"})

    assert answer.status_code == 200


def test_package_that_is_not_ready_has_no_download(owner, images, client):
    client.force_login(owner)
    wish = {"project": "BICAM"}
    pk = client.post("/api/v1/exports/", wish, content_type="application/json").json()["id"]

    assert client.get(f"/api/v1/exports/{pk}/download/").status_code == 404
