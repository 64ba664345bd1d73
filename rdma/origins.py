"""Where requests come from, said once at the door (projects/origin.py)."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from projects.addresses import client_address
from projects.models import AuditPlace
from projects.origin import coming_from

log = logging.getLogger(__name__)

DOORS = {"/api/": "rest", "/dicomweb/": "dicomweb", "/admin/": "admin"}


class Origins:
    """Says where a request comes from to whatever it does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(_door(request.path), address=client_address(request)) as origin:
            response = self.get_response(request)
        if origin.wrote and origin.address:
            # after every transaction of the request, so that two of them never wait for each other
            _note(origin.address)
        return response


def _door(path: str) -> str:
    return next((door for start, door in DOORS.items() if path.startswith(start)), "page")


def _note(address: str) -> None:
    try:
        AuditPlace.objects.note(address)
    except DatabaseError as error:
        log.warning("an address could not be kept beside its events: %s", type(error).__name__)
