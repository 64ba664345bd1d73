"""What may be configured, what is refused, and what says that an account is closed."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured

from projects.directory.configuration import is_closed
from rdma.directory_settings import directory
from tests.house.tree import ROOT

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WHOLE = {
    "LDAP_URI": "ldaps://ldap.example.org",
    "LDAP_BIND_DN": "cn=portal,dc=example,dc=org",
    "LDAP_BIND_PASSWORD": "an invented one",
    "LDAP_USER_BASE": "ou=people,dc=example,dc=org",
    "LDAP_GROUP_BASE": "ou=groups,dc=example,dc=org",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Set the names of a whole configuration, changed by what is given; None takes one away."""
    (tmp_path / "ca.pem").write_text("")

    def set_names(**changes):
        for name, value in (WHOLE | {"LDAP_CA_BUNDLE": str(tmp_path / "ca.pem")} | changes).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return set_names


def test_without_a_uri_there_is_no_directory(environment):
    environment(LDAP_URI=None)

    assert directory() is None


def test_starttls_is_on_unless_it_is_switched_off(environment):
    environment(LDAP_URI="ldap://ldap.example.org")

    configuration = directory()

    assert configuration.starts_tls_at("ldap://ldap.example.org")
    assert not configuration.speaks_in_clear


def test_several_servers_and_a_password_from_a_file(environment, tmp_path):
    (tmp_path / "password").write_text("from a file\n")
    environment(
        LDAP_URI="ldaps://a.example.org, ldaps://b.example.org:1636",
        LDAP_BIND_PASSWORD=None,
        LDAP_BIND_PASSWORD_FILE=str(tmp_path / "password"),
    )

    configuration = directory()

    assert configuration.servers == ("ldaps://a.example.org", "ldaps://b.example.org:1636")
    assert configuration.bind_password == "from a file"
    assert "from a file" not in repr(configuration)


def test_active_directory_has_a_layout_of_its_own(environment):
    environment(LDAP_LAYOUT="active-directory")

    configuration = directory()

    assert configuration.user_name == "sAMAccountName"
    assert "userAccountControl" in configuration.attributes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LDAP_BIND_DN": ""}, "set LDAP_BIND_DN too"),
        ({"LDAP_BIND_PASSWORD": ""}, "set LDAP_BIND_PASSWORD too"),
        ({"LDAP_USER_BASE": ""}, "set LDAP_USER_BASE too"),
        ({"LDAP_GROUP_BASE": ""}, "set LDAP_GROUP_BASE too"),
        ({"LDAP_LAYOUT": "novell"}, "LDAP_LAYOUT must be one of"),
        ({"LDAP_CA_BUNDLE": "/nowhere.pem"}, "LDAP_CA_BUNDLE must be a file"),
        ({"LDAP_URI": "https://ldap.example.org"}, "LDAP_URI must read like"),
        ({"LDAP_URI": "ldap://"}, "LDAP_URI must read like"),
        ({"LDAP_URI": "ldap://h:port"}, "a port that is no number"),
        ({"LDAP_URI": "ldaps://u:p@h"}, "LDAP_URI holds the server alone"),
        ({"LDAP_URI": "ldaps://h/dc=x"}, "LDAP_URI holds the server alone"),
        (
            {"LDAP_URI": "ldap://ldap.example.org", "LDAP_START_TLS": "no"},
            "would send passwords in clear",
        ),
        ({"LDAP_URI": "ldap://localhost", "LDAP_START_TLS": "no"}, "would send passwords in clear"),
        ({"LDAP_USER_FILTER": "objectClass=person"}, "must stand in brackets"),
        ({"LDAP_USER_NAME": "uid)(x=*"}, "must be the name of one attribute"),
        ({"LDAP_SECONDS": "soon"}, "LDAP_SECONDS must be a whole number"),
    ],
)
def test_what_cannot_be_used_or_is_not_safe_stops_the_start(environment, changes, sentence):
    environment(**changes)

    with pytest.raises(ImproperlyConfigured, match=sentence):
        directory()


def test_without_what_speaks_ldap_the_start_stops_in_a_sentence(environment, monkeypatch):
    environment()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ImproperlyConfigured, match="run `make ldap`"):
        directory()


def test_nothing_but_a_directory_needs_what_speaks_ldap(tmp_path):
    program = (
        "import sys; sys.modules.update(ldap=None, django_auth_ldap=None); import django; "
        "django.setup(); import rdma.urls, rdma.celery, rdma.tasks, projects.directory.checking; "
        "print('started')"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "rdma.settings",
        "RDMA_DATA_DIR": str(tmp_path),
        "RDMA_DRAW_KEYS": "yes",
    }

    started = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.stdout == "started\n", started.stderr[-2000:]


@pytest.mark.parametrize(
    ("attributes", "closed"),
    [
        ({}, False),
        ({"useraccountcontrol": "512"}, False),
        ({"useraccountcontrol": "514"}, True),
        ({"useraccountcontrol": "66050"}, True),
        ({"useraccountcontrol": "what?"}, True),
        ({"accountexpires": "0"}, False),
        ({"accountexpires": "9223372036854775807"}, False),
        ({"accountexpires": "133500000000000000"}, True),  # in January 2024
        ({"accountexpires": "136000000000000000"}, False),  # in December 2031
        ({"nsaccountlock": "TRUE"}, True),
        ({"nsaccountlock": "false"}, False),
        ({"pwdaccountlockedtime": "000001010000Z"}, True),
        ({"pwdaccountlockedtime": "20261121080000Z"}, False),
        ({"shadowexpire": "-1"}, False),
        ({"shadowexpire": "20000"}, True),
        ({"shadowexpire": "30000"}, False),
    ],
)
def test_what_says_that_an_account_is_closed(attributes, closed):
    assert is_closed(attributes, NOW) == closed
