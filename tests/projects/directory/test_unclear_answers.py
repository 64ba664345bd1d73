"""One name or one person of which the directory says nothing clear: all others are renewed."""

import pytest
from django.test import Client
from ldap.controls.simple import ManageDSAITControl

from projects.directory import entries
from projects.models import DirectoryRenewal, Membership, Renewal, User
from projects.roles import Role
from projects.tasks import renew_directory
from tests.projects.directory.groups import give, kari, sign_in
from tests.services.slapd import GROUPS, KARI, Slapd

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_bicam(client, office, bicam, directory: Slapd):
    """Kari, in BICAM by a group that she has left since."""
    group = directory.add_group("bicam", KARI)
    give(office, group)
    sign_in(client)
    directory.leave(group, KARI)
    return group


def test_a_name_that_points_to_another_directory_keeps_nobody_in(
    in_bicam, office, directory: Slapd
):
    elsewhere = f"ou=elsewhere,{GROUPS}"
    told = [("objectClass", [b"referral", b"extensibleObject"]), ("ref", [b"ldap://127.0.0.1:1/"])]
    directory.admin.add_ext_s(elsewhere, told, serverctrls=[ManageDSAITControl()])
    give(office, f"cn=bicam,{elsewhere}", role=Role.CONTROLLER)

    renew_directory()

    look = DirectoryRenewal.objects.get()
    assert look.outcome == Renewal.DONE
    assert f"The directory has no group cn=bicam,{elsewhere}" in " ".join(look.sentences)
    assert not Membership.objects.filter(user=kari()).exists()


def test_somebody_in_more_groups_than_the_directory_tells_keeps_nobody_else_in(
    in_bicam, client, directory: Slapd
):
    ola = directory.add_person("ola", "Ola", "Berg")
    sign_in(Client(), "ola")
    for number in range(501):  # slapd, as it comes, tells five hundred
        directory.add_group(f"own{number}", ola)

    renew_directory()

    look, ola = DirectoryRenewal.objects.get(), User.objects.get(username="ola")
    assert look.outcome == Renewal.DONE
    assert f"Account {ola.pk} stays as it is" in look.sentences[0]
    assert ola.is_active
    assert not Membership.objects.filter(user=kari()).exists()


def test_somebody_whose_groups_cannot_be_read_is_closed_all_the_same(
    in_bicam, directory: Slapd, monkeypatch
):
    monkeypatch.setattr(entries, "MOST_GROUPS", 0)
    directory.replace(KARI, "shadowExpire", "1")

    renew_directory()

    assert not kari().is_active


def test_nobodys_groups_that_can_be_read_change_nothing(in_bicam, directory: Slapd, monkeypatch):
    monkeypatch.setattr(entries, "MOST_GROUPS", 0)

    renew_directory()

    assert DirectoryRenewal.objects.get().outcome == Renewal.UNCLEAR
    assert Membership.objects.filter(user=kari()).exists()
