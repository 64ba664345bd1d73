"""The pages of specifications and of participant tables, for everybody who may come to them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exports.actions.specifications import create_sheet, offer_version, save_version
from exports.actions.tables import bring_table
from exports.models import ParticipantTable, SpecificationSheet
from exports.specification import read_specification
from projects.models import AuditEvent, User
from projects.roles import HospitalRole, Role
from review.models import Element
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files
from tests.factories import ProjectFactory, UserFactory

LIST = "/exports/BICAM/specifications/"


@pytest.fixture
def sheet(project, owner) -> SpecificationSheet:
    return create_sheet(
        by=owner, project=project, name="Partner", specification=read_specification({})
    )


@pytest.fixture
def editor(sheet) -> str:
    return f"{LIST}{sheet.pk}/"


@pytest.fixture
def images(project, tmp_path) -> None:
    make_mr_series(tmp_path / "a", n=2, SeriesDescription="T1 of Olga", StationName="MR3T")
    for number in (1, 2):
        add_study(project, dicom_files(tmp_path / "a"), number=number)


@pytest.fixture
def table(project, owner, images) -> ParticipantTable:
    file = b"participant,birth_date,sex\nBICAM_0001,1954-08-07,F\nBICAM_0002,1961-01-02,M\n"
    return bring_table(by=owner, project=project, name="clinic", file=file)


def fields(**more: object) -> dict[str, object]:
    """Return what a browser sends of a usual specification."""
    return {
        "format": "dicom",
        "folders": "{participant}",
        "file": "{instance:04}",
        "ties": "kept",
        "compression": "fast",
        "keep_days": "14",
        "deed": "save",
        "why": "They want short folders.",
        "over": "1",
    } | more


def member(project, role: Role | HospitalRole) -> User:
    user = UserFactory()
    if isinstance(role, HospitalRole):
        user.hospital_role = role
        user.save()
    else:
        project.memberships.create(user=user, role=role)
    return user


@pytest.mark.parametrize("role", [Role.OWNER, Role.RESEARCHER])
def test_who_may_export_saves_a_version_with_a_reason(role, project, sheet, editor, client):
    client.force_login(member(project, role))

    answer = client.post(editor, fields(), follow=True)

    assert "Version 2 is saved." in answer.content.decode()
    assert sheet.newest.specification.folders == "{participant}"
    assert sheet.newest.why == "They want short folders."
    assert "They want short folders." in answer.content.decode()


@pytest.mark.parametrize("role", [Role.CONTROLLER, HospitalRole.AUDITOR])
def test_who_may_only_look_sees_the_fields_and_changes_nothing(
    role, project, sheet, editor, client
):
    client.force_login(member(project, role))

    page = client.get(editor)

    assert page.status_code == 200
    assert "Save version" not in page.content.decode()
    assert client.post(editor, fields()).status_code == 403
    assert client.post(f"{editor}look/", fields()).status_code == 403
    assert client.post(LIST, {"name": "x", "start": "preset:dicom"}).status_code == 403
    assert client.post(f"{editor}offer/").status_code == 403
    assert client.post(f"{editor}1/restore/").status_code == 403
    assert sheet.versions.count() == 1


@pytest.mark.parametrize("way", ["", "{pk}/", "{pk}/1.yaml"])
def test_project_of_others_is_not_there(way, project, sheet, client):
    stranger = UserFactory()
    ProjectFactory(members={stranger: Role.OWNER})
    client.force_login(stranger)

    assert client.get(LIST + way.format(pk=sheet.pk)).status_code == 404


def test_specification_of_another_project_is_not_under_this_one(owner, sheet, client):
    ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})
    client.force_login(owner)

    assert client.get(f"/exports/ECTMRI/specifications/{sheet.pk}/").status_code == 404
    assert client.post(f"/exports/ECTMRI/specifications/{sheet.pk}/offer/").status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    owner, sheet, editor, client
):
    client.force_login(owner)

    answer = client.post(editor, fields(folders="{participant}/../{nothing}"))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="{participant}/../{nothing}"' in text
    problem = text.split('id="problem-folders"')[1].split("</p>")[0]
    assert "alert" in problem
    assert sheet.versions.count() == 1


def test_version_that_somebody_saved_meanwhile_is_not_overwritten(owner, sheet, editor, client):
    client.force_login(owner)
    save_version(
        by=owner,
        sheet=sheet,
        specification=read_specification({"file": "{counter}"}),
        why="Another one.",
        over=1,
    )

    answer = client.post(editor, fields(over="1"))

    assert "Somebody saved version 2 meanwhile" in answer.content.decode()
    assert sheet.versions.count() == 2


def test_row_is_added_without_a_script_and_nothing_is_saved(owner, sheet, editor, client):
    client.force_login(owner)

    answer = client.post(editor, fields(deed="add:transformations"))

    assert 'aria-label="Change 1"' in answer.content.decode()
    assert sheet.versions.count() == 1


def test_older_version_is_taken_again_and_the_difference_is_said(owner, sheet, editor, client):
    client.force_login(owner)
    client.post(editor, fields())

    page = client.post(f"{editor}1/restore/", follow=True).content.decode()

    assert sheet.newest.number == 3
    assert sheet.newest.digest == sheet.versions.get(number=1).digest
    assert "As in version 1." in page
    assert "The folders" in page


def test_yaml_goes_down_and_comes_up_as_the_same_specification(owner, project, sheet, client):
    client.force_login(owner)

    file = client.get(f"{LIST}{sheet.pk}/1.yaml")
    upload = SimpleUploadedFile("partner.yaml", file.content)
    answer = client.post(f"{LIST}upload/", {"name": "Again", "file": upload})

    assert answer.status_code == 302
    again = project.specification_sheets.get(name="Again")
    assert again.newest.digest == sheet.newest.digest
    assert file["Content-Disposition"].endswith(f'"BICAM_specification_{sheet.pk}_v1.yaml"')


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "The file is no text in UTF-8."),
        (b"frmat: dicom", "frmat"),
        (b"{{{", "YAML"),
    ],
)
def test_file_that_is_no_specification_is_refused_in_sentences(content, sentence, owner, client):
    project = ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})
    client.force_login(owner)
    upload = SimpleUploadedFile("x.yaml", content)

    answer = client.post(
        "/exports/ECTMRI/specifications/upload/", {"name": "Wrong", "file": upload}
    )

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not project.specification_sheets.exists()


def test_offered_version_is_taken_into_another_project(owner, sheet, client):
    other = ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})
    client.force_login(owner)
    client.post(f"{LIST}{sheet.pk}/offer/", {"deed": "offer"})

    page = client.get("/exports/ECTMRI/specifications/").content.decode()
    taking = f"/exports/ECTMRI/specifications/take/{sheet.newest.pk}/"
    client.post(taking, {"name": "From BICAM"})
    client.post(f"{LIST}{sheet.pk}/offer/", {"deed": "withdraw"})

    assert "Offered by other projects" in page
    assert other.specification_sheets.get().taken_from == sheet.newest
    assert client.post(taking, {"name": "Once more"}).status_code == 404


def test_what_is_not_offered_cannot_be_taken(owner, sheet, client):
    ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})
    client.force_login(owner)

    answer = client.post(f"/exports/ECTMRI/specifications/take/{sheet.newest.pk}/")

    assert answer.status_code == 404


def test_preview_counts_and_compares_one_header(owner, editor, images, client):
    client.force_login(owner)
    change = {"transformations.do": "dash", "transformations.element": "PatientID"}
    rest = dict.fromkeys(("value", "pattern", "mapping", "table", "column"), "")
    sent = fields(**change) | {f"transformations.{name}": text for name, text in rest.items()}

    page = client.post(f"{editor}look/", sent).content.decode()

    assert "2 participants, 2 studies, 2 series, 4 images" in page
    assert "<del>BICAM_0001</del>" in page
    assert "<ins>BICAM-0001</ins>" in page


def test_preview_hides_what_the_review_hides_until_asked_which_is_on_record(
    owner, project, editor, images, client, monkeypatch
):
    element = Element.objects.create(
        project=project,
        path="(0008,103E)",
        tag="0008,103E",
        keyword="SeriesDescription",
        vr="LO",
        risk=4,
        digest="d" * 64,
        first_seen_at="2026-01-01T00:00Z",
        changed_at="2026-01-01T00:00Z",
    )
    client.force_login(owner)
    sent = fields(folders="{participant}/{series_description}")

    closed = client.post(f"{editor}look/", sent).content.decode()
    opened = client.post(f"{editor}look/", sent | {"shows_hidden": "on"}).content.decode()

    assert "Olga" not in closed
    assert "hidden/" in closed
    assert "T1_of_Olga" in opened
    events = AuditEvent.objects.about(element)
    assert [(one.actor, one.verb) for one in events] == [(owner, "showed_values")]


@pytest.mark.parametrize("do", ["birth_date", "identifiers"])
def test_what_a_table_says_is_previewed_on_record_to_those_who_may_see_identified_data(
    do, project, editor, table, client
):
    change = {"do": do, "element": "", "table": "clinic", "column": "birth_date"}
    row = {"value": "", "pattern": "", "mapping": ""} | change
    sent = fields() | {f"transformations.{name}": text for name, text in row.items()}

    client.force_login(member(project, Role.RESEARCHER))
    closed = client.post(f"{editor}look/", sent).content.decode()
    manager = member(project, Role.DATA_MANAGER)
    client.force_login(manager)
    opened, again = (client.post(f"{editor}look/", sent).content.decode() for _ in range(2))

    assert "4 images" in closed
    assert "the counts alone" in closed
    assert not re.search("1954|export-tree|export-changes|alone with|first file", closed)
    assert re.search("1954-?08-?07", opened)
    assert again == opened
    (event,) = AuditEvent.objects.about(project).filter(verb="previewed_persons")
    assert event.actor == manager


def test_page_of_a_new_package_says_what_would_go_in(owner, project, images, client):
    client.force_login(owner)

    page = client.post(
        reverse("export-look", args=["BICAM"]),
        {"specification": "preset:nifti", "everyone": "on"},
    ).content.decode()

    assert "2 participants, 2 studies, 2 series, 4 images" in page
    assert not project.packages.exists()


TABLES = "/exports/BICAM/tables/"


def test_table_is_brought_in_and_its_values_are_on_no_page(owner, project, images, client):
    client.force_login(owner)
    file = SimpleUploadedFile("t.csv", b"participant,birth_date\nBICAM_0001,1954-08-07\n")

    page = client.post(TABLES, {"name": "clinic", "file": file}, follow=True).content.decode()
    one = client.get(f"{TABLES}{ParticipantTable.objects.get().pk}/").content.decode()

    assert "clinic is brought in: 1 participant." in page
    assert "birth_date" in one
    assert "1954" not in page + one


def test_values_of_a_table_are_shown_on_record_to_who_may_see_identified_data(
    project, table, client
):
    address = f"{TABLES}{table.pk}/"
    client.force_login(member(project, Role.RESEARCHER))
    refused = client.post(address)
    manager = member(project, Role.DATA_MANAGER)
    client.force_login(manager)

    shown = client.post(address).content.decode()

    assert refused.status_code == 403
    assert "1954" in shown
    (event,) = AuditEvent.objects.about(table).filter(verb="showed_values")
    assert event.actor == manager


def test_table_with_a_strangers_pseudonym_is_refused_without_repeating_it(
    owner, project, images, client
):
    client.force_login(owner)
    file = SimpleUploadedFile("t.csv", b"participant,sex\nOLGA_77,F\n")

    answer = client.post(TABLES, {"name": "clinic", "file": file})

    assert answer.status_code == 422
    assert "OLGA_77" not in answer.content.decode()
    assert not ParticipantTable.objects.exists()


def test_table_is_deleted_by_those_who_may_export(project, table, client):
    client.force_login(member(project, Role.CONTROLLER))
    refused = client.post(f"{TABLES}{table.pk}/delete/")
    client.force_login(member(project, Role.RESEARCHER))

    page = client.post(f"{TABLES}{table.pk}/delete/", follow=True).content.decode()

    assert refused.status_code == 403
    assert "clinic is deleted with all its values." in page
    assert not ParticipantTable.objects.exists()


def test_offer_that_names_participants_is_refused_in_a_sentence(owner, project, client):
    named = read_specification({"selection": {"participants": ["BICAM_0001"]}})
    sheet = create_sheet(by=owner, project=project, name="Named", specification=named)
    client.force_login(owner)

    page = client.post(f"{LIST}{sheet.pk}/offer/", {"deed": "offer"}, follow=True).content.decode()

    assert "it names participants" in page
    assert not sheet.newest.is_offered


def test_list_asks_the_database_as_often_for_many_specifications_as_for_few(
    owner, project, sheet, client, django_assert_max_num_queries
):
    client.force_login(owner)
    client.get(LIST)
    for number in range(8):
        other = create_sheet(
            by=owner, project=project, name=f"n{number}", specification=read_specification({})
        )
        offer_version(by=owner, version=other.newest)

    with django_assert_max_num_queries(16):
        client.get(LIST)
