"""Specifications that a project keeps: versions that stay, who may, sharing, REST."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from exports.actions.specifications import (
    create_sheet,
    offer_version,
    offered_to,
    save_version,
    take_version,
    withdraw_version,
)
from exports.models import SpecificationSheet, SpecificationVersion
from exports.presets import PRESETS
from exports.specification import Specification, read_specification
from projects.models import AuditEvent
from projects.roles import Role
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study
from tests.factories import ProjectFactory, UserFactory

USUAL = Specification()
JSON = "application/json"
ADDRESS = "/api/v1/specifications/"


@pytest.fixture
def sheet(project, owner):
    return create_sheet(by=owner, project=project, name="For Oslo", specification=USUAL)


def test_saving_makes_a_new_version_and_the_old_one_stays(sheet, owner):
    first = sheet.newest

    saved = save_version(
        by=owner, sheet=sheet, specification=USUAL.with_(keep_days=7), why=" As they asked ", over=1
    )

    assert (saved.number, saved.why, saved.by) == (2, "As they asked", owner)
    assert sheet.newest == saved
    assert saved.specification.keep_days == 7
    assert first.specification == USUAL
    assert list(AuditEvent.objects.about(sheet).values_list("verb", "facts__number")) == [
        ("saved_version", 2),
        ("saved_version", 1),
        ("created", None),
    ]


@pytest.mark.parametrize(
    ("changes", "facts", "words"),
    [
        ({}, {"why": "Nothing"}, "Nothing differs"),
        ({"keep_days": 7}, {"why": " "}, "why it changes"),
        ({"keep_days": 7}, {"why": "x" * 300}, "at most 250"),
        ({"keep_days": 7}, {"why": "x", "over": 0}, "meanwhile"),
    ],
)
def test_version_that_cannot_be_saved_is_refused_in_a_sentence(sheet, owner, changes, facts, words):
    with pytest.raises(ValidationError, match=words):
        save_version(by=owner, sheet=sheet, specification=USUAL.with_(**changes), **facts)

    assert sheet.newest.number == 1


@pytest.mark.parametrize("name", ["For Oslo", "  For   Oslo ", "", "x" * 81])
def test_name_that_is_taken_or_says_nothing_is_refused(sheet, owner, project, name):
    with pytest.raises(ValidationError):
        create_sheet(by=owner, project=project, name=name, specification=USUAL)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_database_lets_nobody_change_or_delete_a_version(sheet, change):
    rows = SpecificationVersion.objects.filter(pk=sheet.newest.pk)

    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        rows.update(why="Something else") if change == "update" else rows.delete()


@pytest.mark.parametrize("role", [Role.CONTROLLER, None])
def test_who_may_not_export_changes_nothing(sheet, project, role):
    person = UserFactory()
    if role:
        project.memberships.create(user=person, role=role)
    version = sheet.newest

    for attempt in (
        lambda: create_sheet(by=person, project=project, name="Mine", specification=USUAL),
        lambda: save_version(by=person, sheet=sheet, specification=USUAL, why="Why not"),
        lambda: offer_version(by=person, version=version),
        lambda: withdraw_version(by=person, version=version),
        lambda: take_version(by=person, project=project, version=version),
    ):
        with pytest.raises(PermissionDenied):
            attempt()

    assert not offered_to(person, project)


@pytest.fixture
def other(owner):
    return ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})


def test_offered_version_is_taken_as_a_copy_that_says_where_it_is_from(sheet, owner, other):
    version = sheet.newest
    offer_version(by=owner, version=version)
    offer_version(by=owner, version=version)

    (offered,) = offered_to(owner, other)
    copy = take_version(by=owner, project=other, version=offered)

    assert offered.is_offered
    assert (copy.project, copy.name, copy.taken_from) == (other, "For Oslo", version)
    assert copy.newest.content == version.content
    withdraw_version(by=owner, version=version)
    assert not offered_to(owner, other)
    assert other.specification_sheets.get() == copy
    with pytest.raises(ValidationError, match="not offered"):
        take_version(by=owner, project=other, version=version, name="Again")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"selection": {"participants": ["BICAM_0001"]}}, "participants"),
        ({"selection": {"listed": [{"participant": "BICAM_0001"}]}}, "list"),
        (
            {"transformations": [{"do": "map", "element": "StudyID", "mapping": {"a": "b"}}]},
            "table of values",
        ),
    ],
)
def test_version_that_tells_of_participants_is_not_offered(project, owner, other, parts, words):
    own = create_sheet(
        by=owner, project=project, name="Own", specification=read_specification(parts)
    )

    with pytest.raises(ValidationError, match=words):
        offer_version(by=owner, version=own.newest)

    assert not offered_to(owner, other)


def test_script_makes_changes_and_shares_a_specification(project, owner, other, client):
    client.force_login(owner)

    def post(address, **data):
        return client.post(ADDRESS + address, data, content_type="application/json")

    made = post("", project="BICAM", name="For Oslo", preset="pure").json()
    text = client.get(f"{ADDRESS}{made['id']}/versions/1/yaml/").content.decode()
    changed = text.replace("format: dicom", "format: dicom\nkeep_days: 3")
    saved = post(f"{made['id']}/versions/", yaml=changed, why="Sooner", over=1).json()
    offered = post(f"{made['id']}/versions/2/offer/").json()
    taken = post("", project="ECTMRI", name="As in BICAM", version=saved["id"]).json()
    withdrawn = client.delete(f"{ADDRESS}{made['id']}/versions/2/offer/").json()

    assert (saved["number"], saved["content"]["keep_days"]) == (2, 3)
    assert (offered["is_offered"], withdrawn["is_offered"]) == (True, False)
    assert (taken["taken_from"], taken["newest"]["digest"]) == (saved["id"], saved["digest"])
    listed = client.get(f"{ADDRESS}?project=BICAM").json()["results"]
    assert [one["newest"]["number"] for one in listed] == [2]
    versions = client.get(f"{ADDRESS}{made['id']}/versions/").json()["results"]
    assert [one["why"] for one in versions] == ["Sooner", ""]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"yaml": "folders: ../x"}, "folders: "),
        ({"content": {"keep_days": 0}}, "keep_days: "),
        ({"preset": "pure", "yaml": "format: dicom"}, "once"),
        ({}, "once"),
        ({"version": 10**6}, "no such version"),
        ({"preset": "nonsense"}, "none of the words"),
    ],
)
def test_script_hears_what_is_wrong(project, owner, client, data, words):
    client.force_login(owner)

    answer = client.post(
        ADDRESS, {"project": "BICAM", "name": "x"} | data, content_type="application/json"
    )

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not SpecificationSheet.objects.exists()


def test_stranger_sees_no_specification(sheet, client):
    client.force_login(UserFactory())

    answers = [
        client.get(f"{ADDRESS}{sheet.pk}/"),
        client.get(f"{ADDRESS}{sheet.pk}/versions/"),
        client.get(f"{ADDRESS}{sheet.pk}/versions/1/yaml/"),
        client.post(f"{ADDRESS}{sheet.pk}/versions/1/offer/", {}, JSON),
        client.post(f"{ADDRESS}preview/", {"project": "BICAM", "preset": "dicom"}, JSON),
    ]

    assert client.get(ADDRESS).json()["results"] == []
    assert {answer.status_code for answer in answers} == {404}


def test_script_sees_what_a_specification_would_make(project, owner, client):
    client.force_login(owner)

    answer = client.post(
        f"{ADDRESS}preview/",
        {"project": "BICAM", "preset": "dicom"},
        content_type="application/json",
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["images"] == 0
    assert answer.json()["lines"] == []


def test_script_is_told_counts_alone_of_what_only_others_may_see(project, owner, client, tmp_path):
    add_study(project, make_mr_series(tmp_path / "mr", n=1))
    client.force_login(owner)

    answer = client.post(
        f"{ADDRESS}preview/",
        {"project": "BICAM", "content": {"transformations": [{"do": "shift_back"}]}},
        content_type="application/json",
    ).json()

    assert (answer["images"], answer["lines"], answer["file"]) == (1, [], "")
    assert "identified data" in answer["problems"][0]


def test_every_ready_made_specification_can_be_kept(project, owner):
    for key, preset in PRESETS.items():
        sheet = create_sheet(
            by=owner, project=project, name=key, specification=preset.specification
        )

        assert sheet.newest.words == preset.specification.words
