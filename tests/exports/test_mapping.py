"""The page on which people say what each kind of series is in BIDS."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from exports.actions.mappings import save_mapping
from exports.bids.kinds import Kind
from exports.bids.rows import Row
from exports.models import BidsMapping
from projects.models import AuditEvent
from projects.roles import HospitalRole, Role
from tests.datasets import make_ct_series, make_mr_series, new_uid
from tests.exports.research_copies import add_study, dicom_files
from tests.factories import UserFactory
from tests.review.copies import index

T1, ODD = Kind("MR", "T1 MPRAGE"), Kind("MR", "Sekvens 7")


@pytest.fixture
def series(project, tmp_path) -> None:
    """Two participants, each with a T1 that can be guessed and a series that cannot; one CT."""
    for number in (1, 2):
        study, folder = new_uid(), tmp_path / str(number)
        make_mr_series(folder, n=2, SeriesNumber=1, study_instance_uid=study)
        odd = {"SeriesNumber": 2, "SeriesDescription": "Sekvens 7"}
        make_mr_series(folder, n=1, study_instance_uid=study, **odd)
        add_study(project, dicom_files(folder), number=number)
    make_ct_series(tmp_path / "ct", n=1)
    add_study(project, dicom_files(tmp_path / "ct"), number=1, event="6month")
    index()


def address(project) -> str:
    return reverse("export-mapping", args=[project.acronym])


def shown(client, project, **typed) -> str:
    """Return the page with its descriptions, which the review may hide until they are asked for."""
    page = client.get(address(project)).content.decode()
    if found := re.search(r'name="show" value="(\d+)"', page):
        page = client.post(address(project), {"show": found[1], **typed}).content.decode()
    elif typed:
        page = client.post(address(project), typed).content.decode()
    return page


def fields(page: str) -> dict[str, str]:
    """Return what the form would send as it stands."""
    sent = {}
    for select in re.finditer(r'<select [^>]*name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        sent[select[1]] = re.search(r'value="([^"]*)" selected', select[2])[1]
    for name, rest in re.findall(r'<input type="(?:text|hidden)"[^>]*name="([^"]+)"([^>]*)>', page):
        value = re.search(r'value="([^"]*)"', rest)
        sent[name] = value[1] if value else ""
    return sent


def test_kinds_of_series_are_counted_and_guessed(client, owner, project, series):
    client.force_login(owner)

    page = shown(client, project)

    assert "MR: 2 series of 2 participants" in page
    assert "sub-BICAM0001/ses-baseline/anat/sub-BICAM0001_ses-baseline_T1w.nii.gz" in page
    assert page.count(">Not known<") == 1
    assert "nobody could guess" in page


def test_saving_decides_about_all_kinds_and_is_on_record(client, owner, project, series):
    client.force_login(owner)
    sent = fields(shown(client, project)) | {"deed": "save", "reason": "First look"}

    answer = client.post(address(project), sent, follow=True)

    saved = BidsMapping.objects.get()
    assert (saved.number, saved.reason, saved.created_by) == (1, "First look", owner)
    places = {(row["description"], row["place"]) for row in saved.rows}
    assert {("T1 MPRAGE", "anat/T1w"), ("Sekvens 7", "source")} <= places
    event = AuditEvent.objects.get(verb="mapped")
    assert (event.actor, event.object_id, event.facts["number"]) == (owner, saved.pk, 1)
    assert "Version 1 is saved" in answer.content.decode()


def test_name_follows_what_is_chosen_before_anything_is_saved(client, owner, project, series):
    client.force_login(owner)
    sent = fields(shown(client, project))
    key = next(name for name, value in sent.items() if value == "anat/T1w")
    sent |= {key: "func/bold", key.replace("place", "task"): "rest"}

    page = client.post(address(project), sent, headers={"HX-Request": "true"}).content.decode()

    assert "func/sub-BICAM0001_ses-baseline_task-rest_bold.nii.gz" in page
    assert "<html" not in page
    assert not BidsMapping.objects.exists()


def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(client, owner, project, series):
    client.force_login(owner)
    sent = fields(shown(client, project)) | {"deed": "save", "reason": ""}
    key = next(name for name, value in sent.items() if value == "anat/T1w")

    answer = client.post(address(project), sent | {key: "anat/T2w"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say why" in page
    assert "ses-baseline_T2w.nii.gz" in page


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CONTROLLER, 200), (HospitalRole.AUDITOR, 403), (None, 404)]
)
def test_onlookers_change_nothing_and_who_may_not_review_sees_nothing(
    client, project, series, role, status
):
    user = UserFactory(hospital_role=role if isinstance(role, HospitalRole) else HospitalRole.NONE)
    if isinstance(role, Role):
        project.memberships.create(user=user, role=role)
    client.force_login(user)

    page, sent = client.get(address(project)), client.post(address(project), {"deed": "save"})
    room = client.get(reverse("exports", args=[project.acronym])).content.decode()

    assert page.status_code == status
    assert "<select" not in page.content.decode()
    assert sent.status_code == (403 if role else 404)
    assert (address(project) in room) == (status == 200)


def test_version_is_never_changed(owner, project):
    row = Row(T1, "anat/T1w")
    saved = save_mapping(by=owner, project=project, rows=[row], reason="because", since=0)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        BidsMapping.objects.filter(pk=saved.pk).update(reason="another")


def test_second_of_two_people_who_save_at_once_is_told(owner, project):
    row = Row(T1, "anat/T1w")
    save_mapping(by=owner, project=project, rows=[row], reason="because", since=0)

    with pytest.raises(ValidationError, match="Somebody else saved"):
        save_mapping(by=owner, project=project, rows=[row], reason="because", since=0)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([Row(T1, "anat/T1w"), Row(T1, "anat/T2w")], "same kind"),
        ([Row(T1, "func/bold")], "needs a name"),
        ([Row(T1, "")], "Choose what"),
    ],
)
def test_rows_that_cannot_be_used_are_not_saved(owner, project, rows, sentence):
    with pytest.raises(ValidationError, match=sentence):
        save_mapping(by=owner, project=project, rows=rows, reason="because", since=0)


def test_who_may_not_export_decides_nothing(project):
    user = UserFactory()
    project.memberships.create(user=user, role=Role.CONTROLLER)

    with pytest.raises(PermissionDenied):
        save_mapping(by=user, project=project, rows=[], reason="because", since=0)
