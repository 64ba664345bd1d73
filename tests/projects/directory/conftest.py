"""An installation that signs people in with the directory of the test."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.directory.configuration import LAYOUTS, Configuration
from tests.factories import ProjectFactory, UserFactory
from tests.services.slapd import GROUPS, PEOPLE, PORTAL, PORTAL_PASSWORD, Slapd

BACKEND = "projects.directory.backend.DirectoryBackend"
LOCAL = "projects.directory.local.LocalBackend"


def configuration_of(slapd: Slapd, **more: Any) -> Configuration:
    """Return what the environment of an installation beside this server would say."""
    said = {
        "servers": (slapd.uri,),
        "bind_dn": PORTAL,
        "bind_password": PORTAL_PASSWORD,
        "user_base": PEOPLE,
        "group_base": GROUPS,
        "layout": LAYOUTS["openldap"],
        "ca_file": str(slapd.ca_file),
    }
    return Configuration(**(said | more))


@pytest.fixture
def configure(settings: Any) -> Callable[..., Configuration]:
    """Take a directory, or nothing, into use."""

    def take(slapd: Slapd, **more: Any) -> Configuration:
        backends = [one for one in settings.AUTHENTICATION_BACKENDS if one != BACKEND]
        backends.insert(backends.index(LOCAL), BACKEND)
        settings.AUTHENTICATION_BACKENDS = backends
        settings.DIRECTORY = configuration_of(slapd, **more)
        return settings.DIRECTORY

    return take


@pytest.fixture
def directory(slapd: Slapd, configure: Callable[..., Configuration]) -> Slapd:
    """The test's directory, in use."""
    configure(slapd)
    return slapd


@pytest.fixture
def office(client_of):
    """Somebody of the data office, signed in, who says what groups give."""
    return client_of(UserFactory(data_office=True))


@pytest.fixture
def client_of():
    def signed_in_as(user):
        client = Client()
        client.force_login(user)
        return client

    return signed_in_as


@pytest.fixture
def bicam():
    return ProjectFactory(acronym="BICAM")
