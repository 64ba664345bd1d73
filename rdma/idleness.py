"""Sessions end: some time after sign-in in any case, and sooner if nobody uses them.

A page that asks by itself how far something is (it says so in a header) is no use of a session: a
transfer that somebody watches would keep an unattended screen open all night.
"""

from collections.abc import Callable
from time import time

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

BEGAN, USED = "began_at", "used_at"
NOTED_EVERY = 60
"""Seconds: a session is not written for each request."""
WAITING = "X-Waits"
"""The header of what a page asks by itself (`hx-headers` beside `hx-trigger="every …"`)."""


class Idle:
    """Middleware: signs out whose session is too old or was not used for too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End the session or note that it is used, and answer."""
        if request.user.is_authenticated:
            now = int(time())
            began = request.session.setdefault(BEGAN, now)
            used = request.session.setdefault(USED, now)
            is_over = now - began > settings.SESSION_COOKIE_AGE
            if is_over or now - used > settings.IDLE_MINUTES * 60:
                logout(request)
            elif now - used >= NOTED_EVERY and not _asks_by_itself(request):
                request.session[USED] = now
        return self.get_response(request)


def _asks_by_itself(request: HttpRequest) -> bool:
    """Tell whether a page and not a person asks; what a person sends from it is a use."""
    return request.method == "GET" and WAITING in request.headers
