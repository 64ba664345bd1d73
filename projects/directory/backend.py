"""Signing in with the password of the hospital's directory.

The person is found and judged first, over the portal's own account, and then django-auth-ldap
binds as exactly that entry with the typed password. What was typed is never part of a name that is
bound to, and a directory that is away is told apart from a wrong password.
"""

import logging
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest
from django_auth_ldap.backend import LDAPBackend
from django_auth_ldap.config import LDAPSettings

from projects.directory.arriving import take_over
from projects.directory.configuration import Configuration
from projects.directory.entries import Entry, connection_options, open_directory
from projects.directory.errors import DirectoryAway, DirectoryError, NotThisPerson
from projects.directory.names import normal
from projects.models import AuditEvent, User

log = logging.getLogger(__name__)


class DirectoryBackend(LDAPBackend):
    """Signs in people of the directory, and nobody whose account is a local one."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the person if the directory takes the password and lets them in here.

        When it is away, `request.directory_is_away` says so to the page.
        """
        configuration = settings.DIRECTORY
        # An empty password would be an anonymous bind, which succeeds for any name.
        if configuration is None or not username or not password or "\0" in username + password:
            return None
        local = User.objects.filter(username__iexact=username.strip(), directory_person=None)
        if local.exists():
            return None  # a local account's password is nobody else's to see
        try:
            found = self._found(configuration, username.strip())
        except DirectoryError as error:
            log.error("the directory: %s", error)
            if request is not None and isinstance(error, DirectoryAway):
                request.directory_is_away = True  # type: ignore[attr-defined]
            return None
        if found is None:
            return None
        server, self._entry, self._groups = found
        self.settings = _library_settings(configuration, server, self._entry)
        user = super().authenticate(request, username=self._entry.user_name, password=password)
        return user if isinstance(user, User) and user.is_active else None

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:
        """Return the person whose password was just proved, renewed from their entry."""
        for _ in range(2):
            try:
                return take_over(self._entry, self._groups), False
            except NotThisPerson as error:
                log.error("somebody of the directory could not sign in: %s", error)
                taken = User.objects.filter(username__iexact=self._entry.user_name).first()
                if taken is not None:
                    AuditEvent.record(None, "directory_name_taken", taken)
                break
            except IntegrityError:
                continue  # the same person came in at the same moment by another door
        raise ldap_user.AuthenticationFailed

    def get_user(self, user_id: int) -> User | None:
        """Return whose session this is, unless the account was closed since."""
        return User.objects.filter(pk=user_id, is_active=True).first()

    def _found(
        self, configuration: Configuration, user_name: str
    ) -> tuple[str, Entry, dict[str, str]] | None:
        """Return the server that answered, the person and their groups; None if not let in."""
        with open_directory(configuration) as directory:
            entry = directory.named(user_name)
            if entry is None or entry.is_closed:
                return None
            groups = directory.groups_of(entry.dn)
        if lacks_required_group(configuration, groups):
            return None
        return directory.server, entry, groups


def lacks_required_group(configuration: Configuration, groups: dict[str, str]) -> bool:
    """Tell whether only one group's people are let in, and these groups are without it."""
    required = configuration.required_group
    return bool(required) and normal(required) not in groups


def _library_settings(configuration: Configuration, server: str, entry: Entry) -> LDAPSettings:
    """Have django-auth-ldap bind as this entry, ask for nothing else, and write nothing."""
    return LDAPSettings(
        defaults={
            "SERVER_URI": server,
            "START_TLS": configuration.starts_tls_at(server),
            "CONNECTION_OPTIONS": connection_options(configuration),
            "USER_DN_TEMPLATE": entry.dn.replace("%", "%%"),
            "ALWAYS_UPDATE_USER": False,
        }
    )
