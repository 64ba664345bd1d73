"""Two more backends around those that know people: they let nobody in, and write down who was not.

Every way to sign in with a name and a password goes by Django's backends, whichever page, form or
script asks: so here nothing is missed.
"""

from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from django.http import HttpRequest

from projects.auditing.signing import record_lock_out, record_refusal


class LockedOut(AxesStandaloneBackend):
    """The first: turns away who tried too often."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> None:
        """Pass on, or raise AxesBackendPermissionDenied."""
        try:
            super().authenticate(request, username=username, password=password, **more)
        except AxesBackendPermissionDenied:
            record_lock_out(username or "")
            raise


class Refused:
    """The last: whoever comes here was known to no other."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, **_: Any
    ) -> None:
        """Write down that the name and the password were not taken."""
        if username is not None:
            record_refusal(username)

    def get_user(self, user_id: int) -> None:
        """Know nobody."""
