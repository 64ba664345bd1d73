"""How much a request may bring: little, except where studies and tables are uploaded.

Django counts what it keeps in memory, not what it writes to the disk while it takes a form apart;
it takes a form apart before it asks who sent it; and REST reads a document as long as it comes. So
the announced length is looked at first. A body without an announced length is empty to Django
(PEP 3333), and a longer one than announced is cut.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from exports.participant_tables import MOST_BYTES as TABLE_BYTES
from projects.problems import problem_response

AROUND = 1024**2
"""Bytes that a form adds to its files: bounds, names, other fields."""
BY_SCRIPT = frozenset({"attach-files", "review-check-files"})


def most_bytes(request: HttpRequest, route: str) -> int:
    """Return how long a body may be for a route; more than a page full only for who signed in.

    REST asks who somebody is before it reads what they sent, so its one upload is open here.
    """
    if route == "api-study-list":
        return settings.UPLOAD_LIMIT_BYTES + AROUND
    files = {
        "attach": settings.UPLOAD_LIMIT_BYTES,
        "attach-files": settings.UPLOAD_LIMIT_BYTES,
        "review-check": settings.CHECK_LIMIT_BYTES,
        "review-check-files": settings.CHECK_LIMIT_BYTES,
        "export-tables": TABLE_BYTES,
    }.get(route, 0)
    is_known = files and request.user.is_authenticated
    return (files if is_known else settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + AROUND


class Bounded:
    """Middleware: refuses a body that is longer than its route takes, before it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Refuse what is too long (RFC 9110 section 15.5.14); None lets it pass."""
        route = (request.resolver_match.url_name if request.resolver_match else "") or ""
        most = most_bytes(request, route)
        if _announced(request.META) <= most:
            return None
        sentence = f"This is longer than the {most // 1024**2} MB that are taken here."
        if request.path_info.startswith("/api/"):
            return problem_response(413, detail=sentence, route=route)
        if route in BY_SCRIPT:
            return JsonResponse({"problem": sentence}, status=413)
        return render(request, "413.html", {"sentence": sentence}, status=413)


def _announced(meta: dict[str, Any]) -> int:
    try:
        return int(meta.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # Django takes it for nothing as well
