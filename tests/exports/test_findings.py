"""Deciding about a package that is held at the door: who may, with a reason, and by two."""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from rest_framework.test import APIClient

from exports import tasks
from exports.actions.findings import (
    confirm_package,
    reject_package,
    release_package,
    withdraw_package_release,
)
from exports.models import Package
from exports.specification import read_specification
from exports.states import State
from projects.models import AuditEvent, Membership, Project, User
from projects.roles import Role
from projects.storage import storage
from tests.datasets import PATIENT_NAME, make_mr_series
from tests.exports.research_copies import add_image, add_study, dicom_files
from tests.factories import UserFactory
from transfers.models import TransferRequest

FAMILY = PATIENT_NAME.split("^", maxsplit=1)[0]
REASON = "The name of a street in the text, not the patient's."
WITH_NAME = {
    "format": "dicom",
    "attachments": [{"kind": "readme", "text": f"The house in {FAMILY} street took these."}],
}


@pytest.fixture
def manager(project):
    return _member(project, Role.DATA_MANAGER)


@pytest.fixture
def other(project):
    return _member(project, Role.ADMINISTRATOR)


@pytest.fixture
def held(project, build, tmp_path) -> Package:
    make_mr_series(tmp_path / "a", n=1)
    add_study(project, dicom_files(tmp_path / "a"))
    package = build(project, read_specification(WITH_NAME))
    assert package.state == State.HELD, package.reason
    return package


def test_name_in_a_series_description_that_names_a_folder_holds_the_package(
    project, build, tmp_path
):
    make_mr_series(tmp_path / "a", n=1)
    run = add_study(project, dicom_files(tmp_path / "a"))
    (said,) = make_mr_series(tmp_path / "b", n=1, SeriesDescription=f"T1 {FAMILY}")
    add_image(run, said)

    package = build(project)

    assert package.state == State.HELD
    (finding,) = package.findings.all()
    assert finding.sentence == "A patient's name is left in the name of a folder."


def test_held_package_cannot_be_taken(held, client, owner):
    client.force_login(owner)

    answer = client.get(reverse("export-download", args=[held.project.acronym, held.pk]))

    assert answer.status_code == 404


def test_released_package_is_ready_and_the_audit_says_by_whom(held, manager):
    assert release_package(by=manager, package=held, reason=REASON)

    held.refresh_from_db()
    assert held.state == State.READY
    (finding,) = held.findings.all()
    assert (finding.verdict, finding.verdict_by) == ("released", manager)
    assert AuditEvent.objects.about(held).filter(verb="released", actor=manager).exists()


def test_only_who_resolves_findings_may_decide(held, owner):
    with pytest.raises(PermissionDenied):
        release_package(by=owner, package=held, reason=REASON)
    with pytest.raises(PermissionDenied):
        reject_package(by=owner, package=held, reason=REASON)


def test_release_asks_for_a_reason(held, manager):
    with pytest.raises(ValidationError):
        release_package(by=manager, package=held, reason=" ok ")

    held.refresh_from_db()
    assert held.state == State.HELD


def test_rejected_package_goes_with_its_file(held, manager):
    key = held.key

    reject_package(by=manager, package=held, reason=REASON)
    tasks.resume_packages()

    held.refresh_from_db()
    assert (held.state, held.key) == (State.FAILED, "")
    assert not storage().exists(key)


def test_two_people_release_where_the_project_asks_for_it(held, manager, other):
    held.project.two_person_release = True
    held.project.save()

    assert not release_package(by=manager, package=held, reason=REASON)
    with pytest.raises(ValidationError, match="yourself"):
        confirm_package(by=manager, package=held)
    assert confirm_package(by=other, package=held)

    held.refresh_from_db()
    assert held.state == State.READY


def test_release_is_withdrawn_by_who_gave_it(held, manager):
    held.project.two_person_release = True
    held.project.save()
    release_package(by=manager, package=held, reason=REASON)

    withdraw_package_release(by=manager, package=held)

    assert held.findings.get().verdict == "open"


def test_package_of_a_study_that_was_taken_back_is_not_released(held, manager):
    TransferRequest.objects.update(ended_at=held.created_at.replace(year=2999))

    with pytest.raises(ValidationError, match="moved or cancelled"):
        release_package(by=manager, package=held, reason=REASON)


def test_what_cannot_be_read_is_never_released(held, manager):
    held.findings.update(kind="unreadable")

    with pytest.raises(ValidationError, match="only be rejected"):
        release_package(by=manager, package=held, reason=REASON)


def test_page_shows_what_was_found_and_no_value(held, client, manager):
    client.force_login(manager)

    page = client.get(reverse("export", args=["BICAM", held.pk])).content.decode()

    assert "is left in a line of a text" in page
    assert FAMILY not in page
    assert "Release the package" in page


def test_page_lets_nobody_decide_who_may_not(held, client, owner):
    client.force_login(owner)

    page = client.get(reverse("export", args=["BICAM", held.pk])).content.decode()
    answer = client.post(
        reverse("export-findings-release", args=["BICAM", held.pk]), {"reason": REASON}
    )

    assert "Release the package" not in page
    assert answer.status_code in (403, 404)


def test_home_tells_who_decides(held, client, manager, owner):
    client.force_login(manager)
    told = client.get("/").content.decode()
    client.force_login(owner)
    not_told = client.get("/").content.decode()

    assert "One package is held at the door." in told
    assert held.file_name in told
    assert "held at the door" not in not_told


def test_release_through_the_page(held, client, manager):
    client.force_login(manager)

    client.post(reverse("export-findings-release", args=["BICAM", held.pk]), {"reason": REASON})

    held.refresh_from_db()
    assert held.state == State.READY


def test_where_it_was_found_is_shown_to_who_may_see_identified_data(held, client, manager, owner):
    finding = held.findings.get()
    address = reverse("export-finding", args=["BICAM", held.pk, finding.pk])
    client.force_login(manager)

    page = client.post(address).content.decode()
    client.force_login(owner)
    refused = client.post(address)

    assert "README.txt" in page
    assert refused.status_code in (403, 404)
    assert AuditEvent.objects.about(held).filter(verb="showed_finding").count() == 1


def test_rest_tells_findings_and_takes_a_decision(held, manager):
    api = APIClient()
    api.force_authenticate(manager)

    found = api.get(f"/api/v1/exports/{held.pk}/findings/").json()["results"]
    refused = api.post(f"/api/v1/exports/{held.pk}/release/", {"reason": "no"})
    released = api.post(f"/api/v1/exports/{held.pk}/release/", {"reason": REASON})

    assert [one["kind"] for one in found] == ["name"]
    assert FAMILY not in json.dumps(found)
    assert refused.status_code == 400
    assert released.json()["state"] == "ready"


def test_rest_hides_findings_of_projects_that_one_does_not_see(held):
    api = APIClient()
    api.force_authenticate(UserFactory())

    assert api.get(f"/api/v1/exports/{held.pk}/findings/").status_code == 404


def _member(project: Project, role: Role) -> User:
    user = UserFactory()
    Membership.objects.create(user=user, project=project, role=role)
    return user
