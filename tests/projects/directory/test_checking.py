"""`manage.py ldapcheck`: each thing that can be wrong is said, in a sentence with what to do."""

from io import StringIO

import pytest
from django.core.management import call_command

from projects.roles import Role
from tests.factories import ProjectFactory, UserFactory
from tests.services.process import free_port
from tests.services.slapd import (
    GROUPS,
    KARI,
    PASSWORD,
    PEOPLE,
    PORTAL_PASSWORD,
    Authority,
    Slapd,
)

pytestmark = pytest.mark.django_db


def ldapcheck(*arguments):
    """Run the command; return whether it exits well, and what it says."""
    out = StringIO()
    try:
        call_command("ldapcheck", *arguments, stdout=out)
    except SystemExit as end:
        return not end.code, out.getvalue()
    return True, out.getvalue()


@pytest.mark.parametrize("way", ["uri", "tls_uri"])
def test_a_directory_that_is_well_is_walked_to_the_end(slapd: Slapd, configure, way):
    configure(slapd, servers=(getattr(slapd, way),))

    is_well, said = ldapcheck()

    assert is_well
    assert "WRONG" not in said
    assert "the certificate is good until" in said
    assert "There are groups with members" in said


def test_somebody_is_shown_with_groups_and_the_roles_that_follow(client, directory: Slapd):
    group = directory.add_group("bicam", KARI)
    office = UserFactory(data_office=True)
    client.force_login(office)
    ProjectFactory(acronym="BICAM")
    client.post("/directory/add/", {"dn": group, "project": "BICAM", "role": Role.RESEARCHER})

    is_well, said = ldapcheck("--user", "kari")

    assert is_well
    assert KARI in said
    assert group in said
    assert "in BICAM: Researcher" in said


def test_without_settings_it_says_what_to_set():
    is_well, said = ldapcheck()

    assert not is_well
    assert "set LDAP_URI" in said


@pytest.mark.parametrize("way", ["uri", "tls_uri"])
@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"address": "127.0.0.2"}, "The host name"),
        ({"days": -1}, "The date"),
        ({}, "The authority"),
    ],
)
def test_it_tells_the_three_faults_of_a_certificate_apart(
    start_slapd, configure, tmp_path, way, wrong, word
):
    slapd = start_slapd(**wrong)
    other = {} if wrong else {"ca_file": str(Authority.drawn().write(tmp_path / "other.pem"))}
    configure(slapd, servers=(getattr(slapd, way),), **other)

    is_well, said = ldapcheck()

    assert not is_well
    assert f"WRONG  {word}" in said


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bind_password": "another"}, "refuses LDAP_BIND_DN with LDAP_BIND_PASSWORD"),
        ({"user_base": "ou=nowhere,dc=example,dc=org"}, "LDAP_USER_BASE names no entry"),
        ({"user_base": GROUPS}, "nobody below LDAP_USER_BASE"),
        ({"group_base": "ou=nowhere,dc=example,dc=org"}, "LDAP_GROUP_BASE names no entry"),
        ({"group_base": PEOPLE}, "no group with members below LDAP_GROUP_BASE"),
        ({"required_group": f"cn=nobody,{GROUPS}"}, "LDAP_REQUIRED_GROUP is not there"),
        ({"user_filter": "(broken"}, "broke off"),
        ({"servers": ("ldap://rdma.invalid",)}, "The name rdma.invalid is not known"),
    ],
)
def test_a_wrong_setting_is_named(slapd: Slapd, configure, monkeypatch, wrong, sentence):
    if "servers" in wrong:
        monkeypatch.setattr("socket.getaddrinfo", _no_such_name)
    configure(slapd, **wrong)

    is_well, said = ldapcheck()

    assert not is_well
    assert sentence in said


def _no_such_name(*_, **__):
    raise OSError("Name or service not known")


def test_a_server_that_is_away_is_said_with_its_port(slapd: Slapd, configure):
    port = free_port()
    configure(slapd, servers=(f"ldap://127.0.0.1:{port}",))

    is_well, said = ldapcheck()

    assert not is_well
    assert f"Nobody answers at 127.0.0.1, port {port}" in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("disabled", "disabled or has expired"),
        ("nobody", "is not below LDAP_USER_BASE"),
        ("local", "A local account has this user name"),
    ],
)
def test_it_says_why_somebody_cannot_sign_in(directory: Slapd, change, sentence):
    if change == "disabled":
        directory.replace(KARI, "shadowExpire", "1")
    if change == "local":
        UserFactory(username="kari")

    is_well, said = ldapcheck("--user", "stranger" if change == "nobody" else "kari")

    assert not is_well
    assert sentence in said


def test_no_password_is_ever_said(slapd: Slapd, configure):
    configuration = configure(slapd)
    _, well = ldapcheck("--user", "kari")
    configure(slapd, bind_password=PORTAL_PASSWORD + "x")

    _, wrong = ldapcheck("--user", "kari")

    assert PORTAL_PASSWORD not in well + wrong + repr(configuration)
    assert PASSWORD not in well + wrong
