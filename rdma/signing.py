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


def nothing_was_tried(request: HttpRequest | None, _: dict[str, Any] | None = None) -> bool:
    """Tell axes not to count a sign-in that the directory was not there to answer.

    No password was compared, so nothing was guessed; somebody who keeps trying until it is back
    would find themselves locked out then (settings.AXES_WHITELIST_CALLABLE).
    """
    return bool(getattr(request, "directory_is_away", False))
