"""The home page, and the page for what nobody foresaw."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects.requests import SignedInRequest

log = logging.getLogger(__name__)


def home(request: SignedInRequest) -> HttpResponse:
    """What needs this person, what is under way, and their projects."""
    return render(request, "rdma/home.html", {})


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong, with a number that is in the log too."""
    number = secrets.token_hex(4)
    log.error("server error number %s", number)
    return render(None, "500.html", {"number": number}, status=500)
