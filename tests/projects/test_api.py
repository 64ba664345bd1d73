"""REST of projects, from the outside."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.models import AuditEvent, Project
from projects.roles import PERMITTED, Permission, Role
from tests.factories import PASSWORD, ParticipantFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

OF_A_PROJECT = ["", "participants/", "events/"]


@pytest.fixture
def kari(client):
    user = UserFactory(username="kari")
    client.force_login(user)
    return user


def wanted(**others):
    today = timezone.localdate()
    return {
        "acronym": "BICAM",
        "approval_number": "2019/1234",
        "approval_start": today.isoformat(),
        "approval_end": (today + timedelta(days=365)).isoformat(),
        "participant_pattern": "BICAM_{n:04}",
        "owner": "kari",
        **others,
    }


@pytest.mark.parametrize("below", OF_A_PROJECT)
def test_a_members_project_answers_by_acronym_and_by_number(client, kari, below):
    project = ProjectFactory(members={kari: Role.RESEARCHER})

    by_acronym = client.get(f"/api/v1/projects/{project.acronym}/{below}")
    by_number = client.get(f"/api/v1/projects/{project.number}/{below}")

    assert by_acronym.status_code == 200
    assert by_acronym.json() == by_number.json()


@pytest.mark.parametrize("below", OF_A_PROJECT)
def test_a_project_of_others_is_not_there(client, kari, below):
    ProjectFactory(members={kari: Role.OWNER})
    other = ProjectFactory()

    assert client.get(f"/api/v1/projects/{other.acronym}/{below}").status_code == 404


@pytest.mark.parametrize("address", ["projects/", "projects/BICAM/", "audit/"])
def test_nobody_gets_an_answer_without_signing_in(client, address):
    ProjectFactory(acronym="BICAM")

    answer = client.get(f"/api/v1/{address}")

    assert answer.status_code == 401
    assert "BICAM" not in answer.content.decode()


def test_a_script_signs_in_with_a_password(client):
    import base64

    UserFactory(username="script")
    word = base64.b64encode(f"script:{PASSWORD}".encode()).decode()

    assert client.get("/api/v1/projects/", headers={"Authorization": f"Basic {word}"}).json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    }


def test_a_list_holds_the_projects_one_sees_and_no_key(client, kari):
    ProjectFactory(acronym="MINE", members={kari: Role.CONTROLLER}, sites=["Bergen"])
    ProjectFactory(acronym="OTHER")

    (mine,) = client.get("/api/v1/projects/").json()["results"]

    assert mine["acronym"] == "MINE"
    assert mine["is_approved"] is True
    assert [event["name"] for event in mine["events"]] == ["baseline", "6month"]
    assert mine["sites"] == [{"code": 1, "name": "Bergen"}]
    assert not {"wrapped_key", "key", "participant_regex"} & mine.keys()


def test_the_data_office_makes_a_project(client, kari):
    client.force_login(UserFactory(data_office=True))

    answer = client.post(
        "/api/v1/projects/", wanted(events=["baseline", "1year"]), "application/json"
    )

    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == Project.objects.get().number
    assert [event["name"] for event in answer.json()["events"]] == ["baseline", "1year"]


def test_a_project_that_breaks_rules_is_refused_in_sentences_by_field(client, kari):
    client.force_login(UserFactory(data_office=True))

    answer = client.post(
        "/api/v1/projects/",
        wanted(acronym="bi", participant_pattern="(?=x)"),
        "application/json",
    )

    assert answer.status_code == 400
    told = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert told.keys() == {"#/acronym", "#/participant_pattern"}
    assert told["#/acronym"].endswith("such as BICAM.")
    assert told["#/participant_pattern"].startswith("The pattern may use")


@pytest.mark.parametrize("role", Role)
def test_nobody_else_makes_projects(client, kari, role):
    ProjectFactory(members={kari: role})

    assert client.post("/api/v1/projects/", wanted(), "application/json").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_participants_and_events_are_added_by_those_with_the_right(client, kari, role):
    project = ProjectFactory(acronym="BICAM", members={kari: role})

    participant = client.post(
        "/api/v1/projects/BICAM/participants/", {"pseudonym": "BICAM_0003"}, "application/json"
    )
    event = client.post("/api/v1/projects/BICAM/events/", {"name": "1year"}, "application/json")

    may_transfer = role in PERMITTED[Permission.REQUEST_TRANSFER]
    may_manage = role in PERMITTED[Permission.MANAGE_PROJECT]
    assert participant.status_code == (201 if may_transfer else 403)
    assert project.participants.exists() == may_transfer
    assert event.status_code == (201 if may_manage else 403)
    assert project.events.filter(name="1year").exists() == may_manage


def test_an_identifier_that_does_not_fit_is_refused_beside_its_name(client, kari):
    ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})

    answer = client.post(
        "/api/v1/projects/BICAM/participants/", {"pseudonym": "OTHER"}, "application/json"
    )

    assert answer.status_code == 400
    sentence = "BICAM expects identifiers such as BICAM_0001."
    assert answer.json()["errors"] == [{"pointer": "#/pseudonym", "detail": sentence}]


def test_the_audit_shows_the_projects_whose_audit_one_may_read(client, kari):
    mine, other = ProjectFactory(members={kari: Role.CONTROLLER}), ProjectFactory()
    AuditEvent.record(kari, "looked", mine, count=2)
    AuditEvent.record(None, "looked", other)

    (event,) = client.get("/api/v1/audit/").json()["results"]

    assert event["project"] == mine.acronym
    assert event["actor"] == "kari"
    assert event["facts"] == {"count": 2}

    client.force_login(UserFactory(auditor=True))
    assert client.get("/api/v1/audit/").json()["count"] == 2
    assert client.get(f"/api/v1/audit/?project={other.number}").json()["count"] == 1
    assert client.get(f"/api/v1/audit/?verb=other&object_id={mine.pk}").json()["count"] == 0
    assert client.get("/api/v1/audit/?object_id=x").status_code == 400


def test_who_may_read_no_audit_is_refused(client, kari):
    ProjectFactory(members={kari: Role.RESEARCHER})

    assert client.get("/api/v1/audit/").status_code == 403


def test_participants_show_pseudonym_and_site_alone(client, kari):
    participant = ParticipantFactory(project__members={kari: Role.RESEARCHER})

    address = f"/api/v1/projects/{participant.project.acronym}/participants/"
    (shown,) = client.get(address).json()["results"]

    assert shown.keys() == {"id", "pseudonym", "site", "created_at"}
    assert shown["pseudonym"] == participant.pseudonym
