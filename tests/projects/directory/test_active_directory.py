"""The layout of Active Directory: other names, numbers in bytes, accounts closed by a flag.

slapd plays it with a schema of the test; nesting is followed by searching, as the portal does
everywhere, and not by Active Directory's own rule.
"""

import pytest
from django.test import Client
from django.urls import reverse

from projects.directory.configuration import LAYOUTS
from projects.models import DirectoryPerson, DirectoryRenewal, Renewal, User
from projects.roles import Role
from projects.tasks import renew_directory
from tests.factories import ProjectFactory, UserFactory
from tests.services.slapd import GROUPS, PASSWORD, PEOPLE, Slapd

pytestmark = pytest.mark.django_db

# every byte that a filter would take for something else
GUID = b"*()\\\0kari\xff\xfe\xe6\xf8\xe5\x01\x02"
KARI = f"CN=Moen\\, Kari,{PEOPLE}"


@pytest.fixture
def directory(slapd: Slapd, configure) -> Slapd:
    configure(slapd, layout=LAYOUTS["active-directory"])
    slapd.add(
        KARI,
        [
            ("objectClass", [b"user"]),
            ("cn", [b"Moen, Kari"]),
            ("sAMAccountName", [b"KMoen"]),
            ("givenName", [b"Kari"]),
            ("sn", [b"Moen"]),
            ("objectGUID", [GUID]),
            ("userAccountControl", [b"512"]),
            ("accountExpires", [b"9223372036854775807"]),
            ("userPassword", [PASSWORD.encode()]),
        ],
    )
    slapd.add(
        f"CN=somebody,{PEOPLE}",
        [
            ("objectClass", [b"user"]),
            ("cn", [b"somebody"]),
            ("sn", [b"else"]),
            ("sAMAccountName", [b"somebody"]),
            ("objectGUID", [bytes(16)]),
        ],
    )
    add_group(slapd, "Alle", f"CN=somebody,{PEOPLE}")
    return slapd


def add_group(slapd: Slapd, name: str, member: str) -> str:
    attributes = [("objectClass", [b"group"]), ("cn", [name.encode()])]
    return slapd.add(f"CN={name},{GROUPS}", [*attributes, ("member", [member.encode()])])


def sign_in(client, name="kmoen"):
    client.post("/sign-in/", {"username": name, "password": PASSWORD})
    return client.session.get("_auth_user_id") is not None


def test_somebody_signs_in_and_groups_in_groups_give(client, directory: Slapd):
    ProjectFactory(acronym="BICAM")
    office = Client()
    office.force_login(UserFactory(data_office=True))
    inner = add_group(directory, "Nevro", KARI)
    outer = add_group(directory, "Forskning", inner)
    said = {"dn": outer.lower(), "project": "BICAM", "role": Role.RESEARCHER}
    office.post(reverse("directory-add"), said)

    is_in = sign_in(client)

    assert is_in
    assert client.get("/projects/BICAM/").status_code == 200
    assert User.objects.get(username="kmoen").last_name == "Moen"
    assert DirectoryPerson.objects.get().entry_id == GUID.hex()


def test_a_quiet_night_finds_them_again_by_their_bytes(client, directory: Slapd):
    sign_in(client)

    renew_directory()

    assert User.objects.get().is_active
    assert DirectoryRenewal.objects.get().outcome == Renewal.DONE


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("userAccountControl", "514"), ("accountExpires", "133500000000000000")],
)
def test_a_flag_or_a_date_closes_the_account(client, directory: Slapd, attribute, value):
    was_in = sign_in(client)
    directory.replace(KARI, attribute, value)

    renew_directory()

    assert was_in
    assert not User.objects.get().is_active
    assert not sign_in(Client())


def test_a_computer_is_nobody(client, directory: Slapd):
    directory.add(
        f"CN=host,{PEOPLE}",
        [
            ("objectClass", [b"computer"]),
            ("cn", [b"host"]),
            ("sn", [b"host"]),
            ("sAMAccountName", [b"host$"]),
            ("objectGUID", [bytes(15) + b"\1"]),
            ("userPassword", [PASSWORD.encode()]),
        ],
    )

    assert not sign_in(client, "host$")
