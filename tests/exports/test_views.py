"""The page, for everybody who may come to it, and the download with its record."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from exports.models import Package
from exports.presenting import standing
from exports.states import Format, State
from projects.models import AuditEvent, User
from projects.roles import HospitalRole, Role
from tests.datasets import make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files
from tests.factories import ProjectFactory, UserFactory


@pytest.fixture
def images(project, tmp_path) -> None:
    make_mr_series(tmp_path / "a", n=2)
    for number in (1, 2):
        add_study(project, dicom_files(tmp_path / "a"), number=number)


@pytest.fixture
def package(project, images, build) -> Package:
    return build(project)


def person(project, role: Role | HospitalRole | None) -> User:
    """Return somebody with a role; without one, a member of another project."""
    user = UserFactory()
    if isinstance(role, HospitalRole):
        user.hospital_role = role
        user.save()
    elif role is not None:
        project.memberships.create(user=user, role=role)
    else:
        ProjectFactory(members={user: Role.OWNER})
    return user


EXPORTERS = [Role.OWNER, Role.ADMINISTRATOR, Role.DATA_MANAGER, Role.RESEARCHER]
ONLOOKERS = [Role.CONTROLLER, HospitalRole.DATA_OFFICE, HospitalRole.AUDITOR]


@pytest.mark.parametrize("role", EXPORTERS)
def test_who_may_export_sees_the_list_and_the_form_and_downloads(role, project, package, client):
    client.force_login(person(project, role))

    page = client.get("/exports/BICAM/")
    file = client.get(f"/exports/BICAM/{package.pk}/download/")

    assert page.status_code == file.status_code == 200
    assert "Build package" in page.content.decode()
    assert b"".join(file.streaming_content) == path_of(package).read_bytes()
    assert file["Content-Disposition"] == f'attachment; filename="{package.file_name}"'


@pytest.mark.parametrize("role", ONLOOKERS)
def test_who_may_only_look_sees_the_list_and_nothing_to_take(role, project, package, client):
    client.force_login(person(project, role))

    page = client.get("/exports/BICAM/").content.decode()

    assert "4 images" in page
    assert "Build package" not in page
    assert "/download/" not in page
    assert (
        client.post(
            "/exports/BICAM/", {"specification": "preset:dicom", "everyone": "on"}
        ).status_code
        == 403
    )
    assert client.get(f"/exports/BICAM/{package.pk}/download/").status_code == 403
    assert client.post(f"/exports/BICAM/{package.pk}/cancel/").status_code == 403
    assert Package.objects.count() == 1


ADDRESSES = ["", "{pk}/", "{pk}/download/", "{pk}/cancel/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_project_of_others_is_not_there(address, project, package, client):
    client.force_login(person(project, None))
    path = "/exports/BICAM/" + address.format(pk=package.pk)

    answer = client.post(path) if "cancel" in path else client.get(path)

    assert answer.status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_comes_in_without_signing_in(address, package, client):
    path = "/exports/BICAM/" + address.format(pk=package.pk)

    answer = client.post(path) if "cancel" in path else client.get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


def test_package_of_another_project_is_not_under_this_one(owner, package, client):
    ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})
    client.force_login(owner)

    assert client.get(f"/exports/ECTMRI/{package.pk}/").status_code == 404
    assert client.get(f"/exports/ECTMRI/{package.pk}/download/").status_code == 404


def test_form_asks_for_the_chosen_participants(project, owner, images, client):
    client.force_login(owner)
    chosen = project.participants.get(pseudonym="BICAM_0002")

    answer = client.post(
        "/exports/BICAM/", {"specification": "preset:nifti", "participants": [chosen.pk]}
    )

    package = Package.objects.get()
    assert answer.status_code == 302
    assert (package.format, package.state) == (Format.NIFTI, State.WAITING)
    assert list(package.participants.all()) == [chosen]
    event = AuditEvent.objects.about(package).get()
    assert (event.actor, event.verb, event.project) == (owner, "requested", project)


def test_empty_choice_is_refused_in_a_sentence(owner, images, client):
    client.force_login(owner)

    answer = client.post("/exports/BICAM/", {"specification": "preset:dicom"})

    assert answer.status_code == 422
    assert "Choose at least one participant." in answer.content.decode()
    assert not Package.objects.exists()


def test_participant_of_another_project_cannot_be_chosen(owner, images, client, tmp_path):
    other = ProjectFactory(acronym="ECTMRI")
    stranger = add_study(other, dicom_files(tmp_path / "a")).transfer.participant
    client.force_login(owner)

    answer = client.post(
        "/exports/BICAM/", {"specification": "preset:dicom", "participants": [stranger.pk]}
    )

    assert answer.status_code == 422
    assert not Package.objects.exists()


def test_nothing_is_exported_outside_the_approval(project, owner, images, client):
    project.approval_end = timezone.localdate() - timedelta(days=1)
    project.save()
    client.force_login(owner)

    answer = client.post("/exports/BICAM/", {"specification": "preset:dicom", "everyone": "on"})

    assert answer.status_code == 403
    assert "and has ended" in answer.content.decode()
    assert not Package.objects.exists()


def test_download_goes_on_where_it_stopped(owner, package, client):
    client.force_login(owner)
    path = f"/exports/BICAM/{package.pk}/download/"
    content = path_of(package).read_bytes()

    first = client.get(path, headers={"Range": "bytes=0-999"})
    rest = client.get(path, headers={"Range": "bytes=1000-", "If-Range": first["ETag"]})
    end = client.get(path, headers={"Range": "bytes=-10"})

    assert first.status_code == rest.status_code == end.status_code == 206
    assert first["Content-Range"] == f"bytes 0-999/{package.size}"
    assert b"".join([*first.streaming_content, *rest.streaming_content]) == content
    assert b"".join(end.streaming_content) == content[-10:]
    starts = [e.facts["start"] for e in AuditEvent.objects.filter(verb="downloaded", actor=owner)]
    assert starts == [package.size - 10, 1000, 0]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"Range": "bytes=999999999-"}, 416),
        ({"Range": "bytes=5-1"}, 200),
        ({"Range": "bytes=0-1,5-6"}, 200),
        ({"Range": "lines=0-1"}, 200),
        ({"Range": "bytes=-"}, 200),
        ({"Range": "bytes=0-1", "If-Range": '"another"'}, 200),
    ],
)
def test_odd_ranges_get_the_whole_file_or_a_refusal(asked, status, owner, package, client):
    client.force_login(owner)

    answer = client.get(f"/exports/BICAM/{package.pk}/download/", headers=asked)

    assert answer.status_code == status
    if status == 200:
        assert b"".join(answer.streaming_content) == path_of(package).read_bytes()
    answer.close()


def test_expired_package_is_deleted_and_cannot_be_downloaded(owner, package, client, capsys):
    Package.objects.update(expires_at=package.created_at)
    file = path_of(package)

    call_command("expire_exports")

    client.force_login(owner)
    assert capsys.readouterr().out == "1 package expired.\n"
    assert not Path(file).exists()
    assert client.get(f"/exports/BICAM/{package.pk}/download/").status_code == 404
    assert "deleted" in client.get("/exports/BICAM/").content.decode()


def test_only_a_moving_package_asks_again(project, owner, package, client):
    client.force_login(owner)
    path = f"/exports/BICAM/{package.pk}/"

    still = client.get(path).content.decode()
    Package.objects.update(state=State.BUILDING, done_count=1, ended_at=None)
    moving = client.get(path).content.decode()

    assert "hx-get" not in still
    assert f'hx-get="{path}"' in moving
    assert "1 of 4 images" in moving


def test_time_left_is_told_from_the_present_workers_speed():
    now = timezone.now()
    package = Package(
        state=State.BUILDING,
        total_count=500,
        done_count=312,
        started_count=112,
        started_at=now - timedelta(seconds=4),
    )

    assert standing(package, now) == "312 of 500 images, about 4 s left"


def test_cancelling_takes_the_package_from_its_worker(project, owner, images, client):
    client.force_login(owner)
    client.post("/exports/BICAM/", {"specification": "preset:dicom", "everyone": "on"})
    package = Package.objects.get()

    first = client.post(f"/exports/BICAM/{package.pk}/cancel/", follow=True).content.decode()
    again = client.post(f"/exports/BICAM/{package.pk}/cancel/", follow=True).content.decode()

    package.refresh_from_db()
    assert package.state == State.CANCELLED
    assert "is cancelled" in first
    assert "has ended already" in again
    assert AuditEvent.objects.filter(verb="cancelled").count() == 1


def test_page_asks_the_database_as_often_for_many_packages_as_for_one(
    project, owner, package, client, django_assert_max_num_queries
):
    client.force_login(owner)
    client.get("/exports/BICAM/")
    for _ in range(12):
        Package.objects.create(
            project=project, format=Format.DICOM, requested_by=owner, total_count=4
        )

    with django_assert_max_num_queries(14):
        client.get("/exports/BICAM/")
