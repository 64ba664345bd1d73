"""The door for local accounts, beside the directory's.

Somebody whom the directory made signs in with its password alone: a local password that was set
for them, by mistake or on purpose, would outlive their leaving.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from projects.directory.people import is_of_directory
from projects.models import User


class LocalBackend(ModelBackend):
    """Signs in those whose accounts were made here."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the person if name and password are right and the account is a local one."""
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if not isinstance(user, User) or is_of_directory(user):
            return None
        return user
