"""What groups give, through the doors: at sign-in, at night, and when the table changes."""

import pytest
from django.urls import reverse

from projects.models import AuditEvent, DirectoryRenewal, Membership, Renewal, User
from projects.models.people import Source
from projects.roles import HospitalRole, Permission, Role
from projects.tasks import renew_directory, renew_directory_at_night
from tests.factories import ProjectFactory, UserFactory
from tests.services.process import free_port
from tests.services.slapd import GROUPS, KARI, PASSWORD, PEOPLE, Slapd

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client_of):
    """Somebody of the data office, signed in, who says what groups give."""
    return client_of(UserFactory(data_office=True))


@pytest.fixture
def client_of():
    from django.test import Client

    def signed_in_as(user):
        client = Client()
        client.force_login(user)
        return client

    return signed_in_as


@pytest.fixture
def bicam():
    return ProjectFactory(acronym="BICAM")


def give(office, group, project="BICAM", role=Role.RESEARCHER):
    said = {"dn": group, "project": project, "role": role}
    return office.post(reverse("directory-add"), said)


def sign_in(client, name="kari"):
    client.post("/sign-in/", {"username": name, "password": PASSWORD})


def kari():
    return User.objects.get(username="kari")


def test_a_group_gives_its_role_at_sign_in(client, office, bicam, directory: Slapd):
    give(office, directory.add_group("bicam", KARI), role=Role.DATA_MANAGER)

    sign_in(client)

    member = Membership.objects.get(user=kari())
    assert (member.project, member.role, member.source) == (
        bicam,
        Role.DATA_MANAGER,
        Source.DIRECTORY,
    )
    assert client.get("/projects/BICAM/").status_code == 200


def test_leaving_a_group_ends_access_and_sessions_at_night(client, office, bicam, directory: Slapd):
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    before = client.get("/projects/BICAM/").status_code
    directory.leave(group, KARI)

    renew_directory()

    assert before == 200
    assert not Membership.objects.filter(user=kari()).exists()
    assert client.get("/projects/BICAM/").status_code == 302
    assert not kari().may(Permission.VIEW_PROJECT, bicam)
    assert kari().is_active


def test_leaving_a_group_ends_access_at_sign_in(client, office, bicam, directory: Slapd):
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    client.logout()
    directory.leave(group, KARI)

    sign_in(client)

    assert client.get("/projects/").status_code == 200
    assert client.get("/projects/BICAM/").status_code == 404


def test_a_quiet_night_signs_nobody_out(client, office, bicam, directory: Slapd):
    give(office, directory.add_group("bicam", KARI))
    sign_in(client)

    renew_directory()

    assert client.get("/projects/BICAM/").status_code == 200
    assert DirectoryRenewal.objects.get().outcome == Renewal.DONE
    assert DirectoryRenewal.objects.get().changed_count == 0


def test_whoever_is_gone_from_the_directory_is_closed_with_all_they_had(
    client, office, bicam, directory: Slapd
):
    sign_in(client)
    Membership.objects.create(user=kari(), project=bicam, role=Role.RESEARCHER)  # by a person
    directory.admin.delete_s(KARI)

    renew_directory()

    assert not kari().is_active
    assert not kari().may(Permission.VIEW_PROJECT, bicam)
    assert client.get("/projects/BICAM/").status_code == 302
    assert DirectoryRenewal.objects.get().closed_count == 1
    assert AuditEvent.objects.filter(verb="directory_closed", object_id=kari().pk).exists()


def test_whoever_is_disabled_in_the_directory_is_closed_and_opened_again(client, directory: Slapd):
    sign_in(client)
    directory.replace(KARI, "shadowExpire", "1")
    renew_directory()
    was_closed = not kari().is_active
    directory.replace(KARI, "shadowExpire", "99999")

    renew_directory()

    assert was_closed
    assert kari().is_active


def test_whoever_was_switched_off_here_is_not_opened_by_the_night(client, directory: Slapd):
    sign_in(client)
    User.objects.update(is_active=False)

    renew_directory()

    assert not kari().is_active


def test_a_token_dies_with_the_group_that_gave_the_project(client, office, bicam, directory: Slapd):
    from tests.tokens import bearer

    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    header = bearer(kari())
    client.logout()
    before = client.get("/api/v1/projects/BICAM/", headers=header).status_code
    directory.leave(group, KARI)
    renew_directory()
    after = client.get("/api/v1/projects/BICAM/", headers=header).status_code
    directory.admin.delete_s(KARI)
    renew_directory()

    gone = client.get("/api/v1/projects/BICAM/", headers=header).status_code

    assert (before, after, gone) == (200, 404, 401)


def test_a_directory_that_is_away_changes_nothing_and_says_so(
    client, office, bicam, slapd: Slapd, configure
):
    configure(slapd)
    give(office, slapd.add_group("bicam", KARI))
    sign_in(client)
    configure(slapd, servers=(f"ldap://127.0.0.1:{free_port()}",))

    renew_directory()

    page = office.get(reverse("directory")).content.decode()
    assert client.get("/projects/BICAM/").status_code == 200
    assert DirectoryRenewal.objects.get().outcome == Renewal.AWAY
    assert "The directory did not answer" in page
    assert "Nobody gained and nobody lost anything" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_base": GROUPS},
        {"user_base": "ou=nowhere,dc=example,dc=org"},
        {"user_filter": "(objectClass=device)"},
        {"group_base": PEOPLE},
        {"group_filter": "(objectClass=posixGroup)"},
        {"bind_password": "another one"},
    ],
)
def test_a_directory_that_answers_with_nobody_does_not_close_the_hospital(
    client, office, bicam, slapd: Slapd, configure, wrong
):
    configure(slapd)
    give(office, slapd.add_group("bicam", KARI))
    sign_in(client)
    configure(slapd, **wrong)

    renew_directory()

    assert client.get("/projects/BICAM/").status_code == 200
    assert kari().is_active
    assert DirectoryRenewal.objects.get().outcome != Renewal.DONE


def test_one_who_leaves_as_the_only_one_known_here_is_closed_all_the_same(client, directory: Slapd):
    sign_in(client)
    directory.admin.delete_s(KARI)

    renew_directory()

    assert not kari().is_active


def test_what_a_person_gave_the_directory_leaves_alone(client, office, bicam, directory: Slapd):
    group = directory.add_group("bicam", KARI)
    sign_in(client)
    mine = Membership.objects.create(user=kari(), project=bicam, role=Role.ADMINISTRATOR)
    give(office, group)
    renew_directory()
    directory.leave(group, KARI)

    renew_directory()

    mine.refresh_from_db()
    assert (mine.role, mine.source) == (Role.ADMINISTRATOR, Source.LOCAL)


def test_the_first_role_of_several_groups_counts_and_a_lost_one_falls_back(
    client, office, bicam, directory: Slapd
):
    low = directory.add_group("readers", KARI)
    high = directory.add_group("managers", KARI)
    give(office, low, role=Role.CONTROLLER)
    give(office, high, role=Role.DATA_MANAGER)
    sign_in(client)
    first = Membership.objects.get().role
    directory.leave(high, KARI)

    renew_directory()

    assert first == Role.DATA_MANAGER
    assert Membership.objects.get().role == Role.CONTROLLER


def test_groups_in_groups_count_and_a_circle_of_them_ends(client, office, bicam, directory: Slapd):
    inner = directory.add_group("inner", KARI)
    middle = directory.add_group("middle", inner)
    outer = directory.add_group("outer", middle)
    directory.join(inner, outer)
    give(office, outer)

    sign_in(client)

    assert client.get("/projects/BICAM/").status_code == 200


def test_groups_in_groups_do_not_count_where_the_settings_say_so(
    client, office, bicam, slapd: Slapd, configure
):
    configure(slapd, nested_groups=False)
    give(office, slapd.add_group("outer", slapd.add_group("inner", KARI)))

    sign_in(client)

    assert client.get("/projects/BICAM/").status_code == 404


@pytest.mark.parametrize(
    "written",
    [
        f"cn=Forskere\\, nevro æøå,{GROUPS}",
        f"CN=forskere\\2C NEVRO ÆØÅ, {GROUPS.upper()}",
        f"cn=forskere\\, nevro \\C3\\A6\\C3\\B8\\C3\\A5,{GROUPS}",
    ],
)
def test_a_group_is_the_same_however_its_name_is_written(
    client, office, bicam, directory: Slapd, written
):
    directory.add_group("Forskere\\, nevro æøå", KARI)

    give(office, written)
    sign_in(client)

    assert client.get("/projects/BICAM/").status_code == 200


def test_what_is_no_name_is_refused_beside_its_field_and_kept(office, bicam, directory: Slapd):
    answer = give(office, "the researchers")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A distinguished name reads like" in page
    assert 'value="the researchers"' in page


def test_a_line_that_is_removed_takes_effect_now_and_not_at_night(
    client, office, bicam, directory: Slapd
):
    give(office, directory.add_group("bicam", KARI))
    sign_in(client)
    line = bicam.group_roles.get()

    office.post(reverse("directory-remove", args=[line.pk]))

    assert client.get("/projects/BICAM/").status_code == 302
    assert not Membership.objects.filter(user=kari()).exists()


def test_a_line_that_is_added_gives_now_to_whom_is_known(client, office, bicam, directory: Slapd):
    group = directory.add_group("bicam", KARI)
    sign_in(client)

    give(office, group)

    assert client.get("/projects/BICAM/").status_code == 200


def test_a_project_that_has_ended_takes_nobody_new_and_lets_nobody_stay(
    client, office, directory: Slapd
):
    from datetime import timedelta

    from django.utils import timezone

    yesterday = timezone.localdate() - timedelta(days=1)
    ended = ProjectFactory(acronym="ENDED", approval_end=yesterday)
    group = directory.add_group("ended", KARI)
    give(office, group, "ENDED")

    sign_in(client)
    is_taken = Membership.objects.exists()
    Membership.objects.create(
        user=kari(), project=ended, role=Role.RESEARCHER, source=Source.DIRECTORY
    )
    renew_directory()
    stays = Membership.objects.exists()
    directory.leave(group, KARI)
    renew_directory()

    assert not is_taken
    assert stays
    assert not Membership.objects.exists()


def test_the_last_owner_loses_access_too_and_the_report_names_the_project(
    client, office, bicam, directory: Slapd
):
    group = directory.add_group("owners", KARI)
    give(office, group, role=Role.OWNER)
    sign_in(client)
    directory.leave(group, KARI)

    renew_directory()

    assert not Membership.objects.exists()
    assert "BICAM has no owner" in office.get(reverse("directory")).content.decode()


def test_a_group_that_the_directory_lacks_is_named(office, bicam, directory: Slapd):
    give(office, f"cn=renamed,{GROUPS}")

    renew_directory()

    assert f"no group cn=renamed,{GROUPS}" in office.get(reverse("directory")).content.decode()


def test_a_hospital_role_is_given_to_a_group_by_operations_alone(
    client, client_of, office, directory: Slapd
):
    group = directory.add_group("auditors", KARI)
    root = client_of(UserFactory(is_superuser=True, is_staff=True))
    said = {"dn": group, "hospital_role": HospitalRole.AUDITOR}

    refused = office.post("/admin/projects/grouprole/add/", said)
    root.post("/admin/projects/grouprole/add/", said)
    sign_in(client)
    given = kari().hospital_role
    directory.leave(group, KARI)
    renew_directory()

    assert refused.status_code in {302, 403}
    assert given == HospitalRole.AUDITOR
    assert kari().hospital_role == HospitalRole.NONE


def test_a_hospital_role_that_operations_gave_by_hand_stays(client, directory: Slapd):
    sign_in(client)
    User.objects.filter(username="kari").update(hospital_role=HospitalRole.DATA_OFFICE)

    renew_directory()

    assert kari().hospital_role == HospitalRole.DATA_OFFICE


def test_the_night_is_looked_at_once_and_again_while_the_directory_is_away(slapd: Slapd, configure):
    configure(slapd, servers=(f"ldap://127.0.0.1:{free_port()}",))
    renew_directory_at_night()
    renew_directory_at_night()
    tries = DirectoryRenewal.objects.count()
    DirectoryRenewal.objects.update(at="2020-01-01T00:00Z")
    configure(slapd)

    renew_directory_at_night()
    DirectoryRenewal.objects.exclude(outcome=Renewal.DONE).delete()
    renew_directory_at_night()

    assert tries == 1
    assert DirectoryRenewal.objects.get().outcome == Renewal.DONE


def test_without_a_directory_the_night_does_nothing_and_there_is_no_page(office):
    renew_directory_at_night()

    assert not DirectoryRenewal.objects.exists()
    assert office.get(reverse("directory")).status_code == 404


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMINISTRATOR])
def test_only_the_data_office_says_what_groups_give(client_of, bicam, directory: Slapd, role):
    member = UserFactory()
    bicam.memberships.create(user=member, role=role)
    stranger = client_of(member)

    answers = [
        stranger.get(reverse("directory")).status_code,
        give(stranger, directory.add_group("mine", KARI)).status_code,
        stranger.post(reverse("directory-renew")).status_code,
    ]

    assert answers == [403, 403, 403]
    assert not bicam.group_roles.exists()


def test_a_person_cannot_turn_what_a_group_gave_into_what_outlives_it(
    client, client_of, office, bicam, directory: Slapd
):
    owner = UserFactory()
    bicam.memberships.create(user=owner, role=Role.OWNER)
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    member = bicam.memberships.get(user=kari())
    people = client_of(owner)
    pages = ["project-set-role", "project-remove-member"]
    changed, removed = (reverse(page, args=["BICAM", member.pk]) for page in pages)

    people.post(changed, {"role": Role.DATA_MANAGER})
    people.post(removed)
    people.post(changed, {"role": Role.RESEARCHER, "limited": "yes", "has_identified": "yes"})
    member.refresh_from_db()
    directory.leave(group, KARI)
    renew_directory()

    page = people.get(reverse("project-people", args=["BICAM"])).content.decode()
    assert (member.role, member.source) == (Role.RESEARCHER, Source.DIRECTORY)
    assert "Their role changes with their groups" in page
    assert "They leave it with the group" in page
    assert not bicam.memberships.filter(user=kari()).exists()
