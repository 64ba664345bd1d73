"""The pages on which a project is made and governed, from the outside."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.forms import CHANGEABLE
from projects.models import AuditEvent, Membership, Project
from projects.roles import PERMITTED, Permission, Role
from tests.factories import ParticipantFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

# page, method, the right it asks for
PAGES = [
    ("project-detail", "get", Permission.VIEW_PROJECT),
    ("project-people", "get", Permission.VIEW_PROJECT),
    ("project-settings", "get", Permission.MANAGE_PROJECT),
    ("project-add-site", "post", Permission.MANAGE_PROJECT),
    ("project-add-event", "post", Permission.MANAGE_PROJECT),
    ("project-add-member", "post", Permission.MANAGE_MEMBERS),
    ("pseudonym-check", "post", Permission.REQUEST_TRANSFER),
]


@pytest.fixture
def kari(client):
    user = UserFactory(username="kari")
    client.force_login(user)
    return user


def typed(**others):
    today = timezone.localdate()
    return {
        "acronym": "BICAM",
        "owner": "kari",
        "title": "",
        "approval_number": "2019/1234",
        "approval_start": today.isoformat(),
        "approval_end": (today + timedelta(days=365)).isoformat(),
        "participant_pattern": "BICAM_{n:04}",
        "events": "baseline, 6month",
        "end_action": "delete",
        "hold_policy": "rest",
        "ae_title": "",
        **others,
    }


@pytest.mark.parametrize(("name", "method", "right"), PAGES)
@pytest.mark.parametrize("role", Role)
def test_a_page_opens_for_the_roles_that_have_its_right(client, kari, name, method, right, role):
    project = ProjectFactory(members={kari: role})

    answer = getattr(client, method)(reverse(name, args=[project.acronym]))

    assert (answer.status_code == 403) == (role not in PERMITTED[right])
    assert answer.status_code in {200, 403, 422}


@pytest.mark.parametrize(("name", "method", "right"), PAGES)
def test_a_project_of_others_is_not_there(client, kari, name, method, right):
    ProjectFactory(members={kari: Role.OWNER})
    other = ProjectFactory()

    assert getattr(client, method)(reverse(name, args=[other.acronym])).status_code == 404


@pytest.mark.parametrize(("name", "method", "right"), PAGES)
def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(client, name, method, right):
    project = ProjectFactory()

    answer = getattr(client, method)(reverse(name, args=[project.acronym]))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_the_number_names_a_project_too(client, kari):
    project = ProjectFactory(members={kari: Role.RESEARCHER})

    assert client.get(f"/projects/{project.number}/").context["project"] == project


def test_the_data_office_makes_a_project(client, kari):
    client.force_login(UserFactory(data_office=True))

    answer = client.post("/projects/new/", typed(), follow=True)

    project = Project.objects.get()
    assert answer.redirect_chain == [("/projects/BICAM/", 302)]
    assert f"BICAM was made, with number {project.number}." in answer.content.decode()
    assert project.memberships.get().user == kari


def test_a_project_that_cannot_be_made_keeps_what_was_typed_and_says_why(client, kari):
    client.force_login(UserFactory(data_office=True))

    answer = client.post("/projects/new/", typed(acronym="bicam", owner="nobody", events="a,a"))

    form = answer.context["form"]
    assert answer.status_code == 422
    assert form.errors["owner"] == ["Nobody who can sign in has this user name."]
    assert form.errors["events"] == ["An event stands there twice."]
    assert 'value="2019/1234"' in answer.content.decode()

    answer = client.post("/projects/new/", typed(acronym="bicam"))
    assert "such as BICAM." in answer.context["form"].errors["acronym"][0]
    assert not Project.objects.exists()


def test_nobody_else_sees_the_form_for_a_new_project(client, kari):
    ProjectFactory(members={kari: Role.OWNER})

    assert client.get("/projects/new/").status_code == 403


def test_the_owner_changes_the_settings_and_only_what_changed_is_recorded(client, kari):
    project = ProjectFactory(members={kari: Role.OWNER})
    later = project.approval_end + timedelta(days=365)
    unchanged = {
        name: getattr(project, name)
        for name in (
            *("title", "approval_number", "approval_start", "participant_pattern"),
            *("ae_title", "end_action", "hold_policy"),
        )
    }

    answer = client.post(
        f"/projects/{project.acronym}/settings/", {**unchanged, "approval_end": later}
    )

    project.refresh_from_db()
    assert answer.status_code == 302
    assert project.approval_end == later
    (event,) = AuditEvent.objects.about(project)
    assert event.facts == {"columns": "approval_end"}


def test_the_owner_demands_two_people_for_a_release(client, kari):
    project = ProjectFactory(members={kari: Role.OWNER})
    page = client.get(f"/projects/{project.acronym}/settings/")
    typed = {
        name: field.value() or ""
        for name, field in ((name, page.context["form"][name]) for name in CHANGEABLE)
    }

    client.post(f"/projects/{project.acronym}/settings/", typed | {"two_person_release": "on"})
    demanded = Project.objects.get(pk=project.pk).two_person_release
    client.post(
        f"/projects/{project.acronym}/settings/",
        {name: value for name, value in typed.items() if name != "two_person_release"},
    )

    assert demanded
    assert not Project.objects.get(pk=project.pk).two_person_release
    facts = [event.facts for event in AuditEvent.objects.about(project)]
    assert facts == [{"columns": "two_person_release"}] * 2


def test_a_pattern_that_does_not_fit_is_refused_beside_its_field(client, kari):
    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    ParticipantFactory(project=project)

    answer = client.post(
        "/projects/BICAM/settings/", typed(participant_pattern="X{n}", title="Kept as typed")
    )

    assert answer.status_code == 422
    assert "would not fit" in answer.context["form"].errors["participant_pattern"][0]
    assert "Kept as typed" in answer.content.decode()
    project.refresh_from_db()
    assert project.participant_pattern == "BICAM_{n:04}"


def test_events_and_sites_are_added_and_doubles_refused_in_a_sentence(client, kari):
    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER}, events=["baseline"])

    added = client.post("/projects/BICAM/events/", {"name": "6month"})
    client.post("/projects/BICAM/sites/", {"code": "1", "name": "Bergen"})
    again = client.post("/projects/BICAM/events/", {"name": "baseline"})

    assert added.status_code == 302
    assert [event.name for event in project.events.all()] == ["baseline", "6month"]
    assert [site.name for site in project.sites.all()] == ["Bergen"]
    assert again.status_code == 422
    assert "The project has baseline already." in again.content.decode()


def test_the_owner_brings_somebody_in_changes_the_role_and_removes_them(client, kari):
    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    ola = UserFactory(username="ola", first_name="Ola")

    client.post("/projects/BICAM/people/add/", {"user": "ola", "role": "researcher"})
    membership = Membership.objects.get(user=ola)
    client.post(f"/projects/BICAM/people/{membership.pk}/role/", {"role": "controller"})
    membership.refresh_from_db()
    assert membership.role == Role.CONTROLLER

    client.post(f"/projects/BICAM/people/{membership.pk}/remove/")
    assert not project.memberships.filter(user=ola).exists()
    verbs = AuditEvent.objects.filter(object_type="projects.membership").values_list("verb")
    assert [verb for (verb,) in verbs] == ["removed_member", "set_member", "set_member"]


def test_the_last_owner_stays_and_the_page_says_why(client, kari):
    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    membership = project.memberships.get()

    for address, data in (("remove", {}), ("role", {"role": "researcher"})):
        answer = client.post(
            f"/projects/BICAM/people/{membership.pk}/{address}/", data, follow=True
        )
        assert "Name another owner first." in answer.content.decode()

    assert project.memberships.get().role == Role.OWNER


def test_somebody_unknown_or_already_there_is_refused_beside_the_field(client, kari):
    ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})

    unknown = client.post("/projects/BICAM/people/add/", {"user": "x", "role": "researcher"})
    there = client.post("/projects/BICAM/people/add/", {"user": "kari", "role": "researcher"})

    assert unknown.status_code == there.status_code == 422
    assert "Nobody who can sign in" in unknown.content.decode()
    assert "is in the project already" in there.content.decode()


def test_a_member_of_another_project_cannot_be_reached_through_ones_own(client, kari):
    ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    theirs = ProjectFactory(members={UserFactory(): Role.RESEARCHER}).memberships.get()

    answer = client.post(f"/projects/BICAM/people/{theirs.pk}/remove/")

    assert answer.status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type to find a participant, or take the next free identifier, BICAM_0008."),
        ("BICAM_0007", "BICAM_0007 is a known participant of BICAM."),
        ("BICAM_0009", "BICAM_0009 is new"),
        ("bicam_00", "Go on typing, or choose one of these."),
        ("Olga", "BICAM expects identifiers such as BICAM_0001."),
        ("<b>", "BICAM expects identifiers such as BICAM_0001."),
    ],
)
def test_an_identifier_is_judged_while_it_is_typed(client, kari, text, said):
    project = ProjectFactory(acronym="BICAM", members={kari: Role.DATA_MANAGER})
    ParticipantFactory(project=project, pseudonym="BICAM_0007")

    answer = client.post("/projects/BICAM/check-pseudonym/", {"pseudonym": text})

    assert said in answer.content.decode()
    assert "<b>" not in answer.content.decode()


def test_the_lists_ask_the_database_as_often_for_many_projects_as_for_one(
    client, kari, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ProjectFactory(members={kari: Role.OWNER})
    client.get("/")  # the first page of a session writes down when that was
    asked = {}
    for address in ("/projects/", "/", "/api/v1/projects/"):
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        asked[address] = len(few)

    for _ in range(6):
        project = ProjectFactory(members={kari: Role.OWNER}, sites=["Bergen"])
        ParticipantFactory(project=project)

    for address, number in asked.items():
        with django_assert_num_queries(number):
            client.get(address)
