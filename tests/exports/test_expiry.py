"""A package does not outlive what is in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exports.expiry import expire_packages
from exports.passwords import package_password
from exports.specification import read_specification
from exports.states import State
from projects.errors import KeyUnavailable
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(project, build, tmp_path):
    """A ready package of one participant, whose study is cancelled or moved afterwards."""
    run = add_study(project, make_mr_series(tmp_path / "in", n=2))
    package = build(project)
    assert package.state == State.READY
    type(run.transfer).objects.filter(pk=run.transfer.pk).update(ended_at=timezone.now())
    return package


def test_package_with_a_study_that_was_taken_back_cannot_be_downloaded(package, owner, client):
    client.force_login(owner)

    page = client.get(f"/exports/BICAM/{package.pk}/download/")
    api = client.get(f"/api/v1/exports/{package.pk}/download/")

    assert (page.status_code, api.status_code) == (404, 404)


def test_package_with_a_study_that_was_taken_back_is_deleted_and_says_why(package):
    key = package.key

    expired = expire_packages()

    package.refresh_from_db()
    assert expired == 1
    assert package.state == State.EXPIRED
    assert "taken back" in package.reason
    assert not storage().exists(key)


def test_package_built_after_a_study_was_taken_back_stays(project, build, tmp_path):
    gone = add_study(project, make_mr_series(tmp_path / "gone", n=1)).transfer
    earlier = timezone.now() - timedelta(hours=1)
    type(gone).objects.filter(pk=gone.pk).update(ended_at=earlier)
    add_study(project, make_mr_series(tmp_path / "in", n=1), event="baseline")
    package = build(project)

    expired = expire_packages()

    package.refresh_from_db()
    assert expired == 0
    assert package.state == State.READY


def test_held_package_does_not_wait_for_ever(project, build, tmp_path):
    add_study(project, make_mr_series(tmp_path / "in", n=2))
    package = build(project)
    past = timezone.now() - timedelta(seconds=1)
    type(package).objects.filter(pk=package.pk).update(state=State.HELD, expires_at=past)

    expire_packages()

    package.refresh_from_db()
    assert package.state == State.EXPIRED
    assert list(storage().list("packages")) == []


def test_password_goes_with_the_file(project, build, tmp_path):
    add_study(project, make_mr_series(tmp_path / "in", n=2))
    package = build(project, read_specification({"is_encrypted": True}))
    assert package_password(package)
    past = timezone.now() - timedelta(seconds=1)
    type(package).objects.filter(pk=package.pk).update(expires_at=past)

    expire_packages()

    package.refresh_from_db()
    with pytest.raises(KeyUnavailable):
        package_password(package)
