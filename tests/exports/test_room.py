"""A package for which there is no room waits and says so; one that never could have is refused."""

import shutil
from collections import namedtuple

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from exports import room, tasks
from exports.actions.packages import request_package
from exports.models import Package
from exports.specification import read_specification
from exports.states import State
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files

pytestmark = pytest.mark.django_db

GIGABYTE = 1024**3
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def images(project, tmp_path) -> None:
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))


@pytest.fixture
def free(monkeypatch, settings):
    """Pretend that so many bytes of a disk of 100 GB are free, of which five stay so."""
    settings.DISK_RESERVE_BYTES = 5 * GIGABYTE

    def free(size: int) -> None:
        usage = Usage(100 * GIGABYTE, 100 * GIGABYTE - size, size)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    return free


def test_package_waits_for_the_disk_and_goes_on_by_itself(project, images, build, free):
    free(5 * GIGABYTE + 1000)  # the reserve, and nearly nothing

    package = build(project)

    assert package.state == State.WAITING
    assert package.reason.startswith("It waits: it needs ")
    free(50 * GIGABYTE)
    Package.objects.update(not_before=None)
    tasks.build_package(package.pk)
    package.refresh_from_db()
    assert package.state == State.READY


def test_package_waits_while_the_projects_packages_fill_its_quota(project, images, build, settings):
    first = build(project)
    settings.PROJECT_PACKAGES_BYTES = first.size + first.total_bytes // 2

    second = build(project)

    assert second.state == State.WAITING
    assert "the packages of BICAM take" in second.reason
    Package.objects.filter(pk=first.pk).update(state=State.EXPIRED)
    Package.objects.update(not_before=None)
    tasks.build_package(second.pk)
    second.refresh_from_db()
    assert second.state == State.READY


def test_package_larger_than_the_quota_is_refused_at_once(project, owner, images, settings):
    settings.ALL_PACKAGES_BYTES = 1000

    with pytest.raises(ValidationError, match="the packages of all projects may take"):
        request_package(by=owner, project=project, specification="dicom", participants=None)

    assert not Package.objects.exists()


def test_package_found_too_large_when_its_images_are_known_fails_and_says_so(
    project, images, build, settings
):
    settings.ALL_PACKAGES_BYTES = 1000

    package = build(project, read_specification({"selection": {"least_images": 2}}))

    assert package.state == State.FAILED
    assert "the packages of all projects may take" in package.reason


def test_of_two_packages_the_older_one_does_not_wait_for_the_younger(
    project, owner, images, settings, free
):
    older, younger = (
        request_package(by=owner, project=project, specification="dicom", participants=None)
        for _ in range(2)
    )
    Package.objects.update(state=State.BUILDING, total_bytes=10 * GIGABYTE)
    free(20 * GIGABYTE)
    older.refresh_from_db()
    younger.refresh_from_db()

    room.wait_for_room(older)

    with pytest.raises(room.NoRoom):
        room.wait_for_room(younger)


def test_people_are_warned_before_anything_is_full(project, owner, settings, free):
    settings.PROJECT_PACKAGES_BYTES = 10 * GIGABYTE
    Package.objects.create(
        project=project,
        format="zip",
        requested_by=owner,
        state=State.READY,
        key="packages/1.zip",
        sha256="0" * 64,
        size=int(9.5 * GIGABYTE),
        ended_at=timezone.now(),
        expires_at=timezone.now(),
    )
    free(12 * GIGABYTE)

    said = room.warnings(project, size=GIGABYTE)

    assert said[0].startswith("It would wait: the packages of BICAM take 9.5")
    assert said[1].startswith("The disk is nearly full: 7.0")


def test_nothing_is_said_where_there_is_room(project, free):
    free(90 * GIGABYTE)

    assert room.warnings(project, size=GIGABYTE) == []
