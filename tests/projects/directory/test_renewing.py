"""What groups give, through the doors: at sign-in and at night."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import AuditEvent, DirectoryPerson, DirectoryRenewal, Membership, Renewal, User
from projects.models.people import Source
from projects.roles import Permission, Role
from projects.tasks import renew_directory
from tests.projects.directory.groups import give, kari, sign_in
from tests.services.process import free_port
from tests.services.slapd import GROUPS, KARI, PEOPLE, Slapd

pytestmark = pytest.mark.django_db


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


def test_what_a_person_switched_off_the_directory_does_not_open_when_it_closes_and_opens(
    client, directory: Slapd
):
    sign_in(client)
    User.objects.filter(username="kari").update(is_active=False)
    directory.replace(KARI, "shadowExpire", "1")
    renew_directory()
    directory.replace(KARI, "shadowExpire", "99999")

    renew_directory()
    sign_in(client)

    assert not kari().is_active


def test_an_account_that_was_switched_on_while_the_directory_closes_it_is_closed_again(
    client, directory: Slapd
):
    sign_in(client)
    directory.admin.delete_s(KARI)
    renew_directory()
    User.objects.filter(username="kari").update(is_active=True)

    renew_directory()

    assert not kari().is_active
    assert DirectoryRenewal.objects.first().closed_count == 1


@pytest.mark.parametrize("attribute", ["mail", "givenName"])
def test_what_somebody_writes_of_themselves_does_not_keep_them_in(
    client, office, bicam, directory: Slapd, attribute
):
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    directory.replace(KARI, attribute, "kari\0@example.org")
    directory.leave(group, KARI)

    renew_directory()

    assert client.get("/projects/BICAM/").status_code == 302
    assert not Membership.objects.filter(user=kari()).exists()
    assert kari().email != ""


def test_somebody_whose_account_cannot_be_written_loses_what_the_group_gave(
    client, office, bicam, directory: Slapd
):
    ola = directory.add_person("ola", "Ola", "Berg")
    sign_in(Client(), "ola")
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    # operations wait for Ola's new entry; meanwhile Kari is given the user name
    DirectoryPerson.objects.filter(user__username="ola").update(entry_id=None)
    directory.admin.delete_s(ola)
    directory.admin.modrdn_s(KARI, "uid=ola")
    directory.leave(group, KARI)

    renew_directory()

    assert not Membership.objects.filter(user=kari()).exists()
    assert "could not be renewed" in " ".join(DirectoryRenewal.objects.get().sentences)


def test_a_group_whose_name_is_too_long_to_be_kept_keeps_nobody_in(
    client, office, bicam, directory: Slapd
):
    deep = GROUPS
    for n in range(3):
        name = f"ou={str(n) * 180},{deep}"
        deep = directory.add(name, [("objectClass", [b"organizationalUnit"])])
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    members = [("objectClass", [b"groupOfNames"]), ("cn", [b"deep"]), ("member", [KARI.encode()])]
    directory.add(f"cn=deep,{deep}", members)
    directory.leave(group, KARI)

    renew_directory()

    assert not Membership.objects.filter(user=kari()).exists()
    assert DirectoryRenewal.objects.get().changed_count == 1


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
