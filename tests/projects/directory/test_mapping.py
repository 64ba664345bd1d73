"""The table of what groups give: what may stand in it, and what a change of it does."""

import pytest
from django.urls import reverse

from projects.models import DirectoryRenewal, Membership, Renewal, User
from projects.models.people import Source
from projects.roles import HospitalRole, Role
from projects.tasks import renew_directory, renew_directory_at_night
from tests.factories import ProjectFactory, UserFactory
from tests.projects.directory.groups import give, kari, sign_in
from tests.services.process import free_port
from tests.services.slapd import GROUPS, KARI, Slapd

pytestmark = pytest.mark.django_db


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


def test_the_page_says_how_many_people_here_are_in_each_group(
    client, office, bicam, directory: Slapd
):
    give(office, directory.add_group("bicam", KARI))
    give(office, f"cn=misspelt,{GROUPS}")
    before = office.get(reverse("directory")).content.decode()

    sign_in(client)

    after = office.get(reverse("directory")).content.decode()
    assert before.count("nobody yet") == 2
    assert after.count("nobody yet") == 1
    assert '<td data-name="People here">1</td>' in after


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
