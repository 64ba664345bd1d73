"""The type of a request that comes from somebody who signed in, with htmx's facts on it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from projects.models import User


class SignedInRequest(HttpRequest):
    """LoginRequiredMiddleware lets only these through to a page."""

    user: User
    htmx: HtmxDetails
