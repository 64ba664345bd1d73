"""Keeps pages out of the browser's cache: after signing out, nobody pages back to a patient."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class NeverKept:
    """Middleware: what does not say how long it may be kept is not kept at all (RFC 9111 5.2.2)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and forbid keeping the answer; static files are answered before this."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
