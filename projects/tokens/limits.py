"""How often somebody may ask: requests are counted by the minute, in the database.

Counts in the memory of a process would be one limit per process, and Redis is not everywhere. One
statement counts and answers, so that two processes never both take the last place; whoever is over
the limit is not counted further (docs/adr/0042).
"""

import time

from django.conf import settings
from django.db import connection
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from projects.addresses import client_address
from projects.models import RequestCount, Token
from projects.models.places import address_digest

MINUTE = 60
COUNT = (
    "INSERT INTO projects_requestcount (who, minute, count) VALUES (%s, %s, 1) "
    "ON CONFLICT (who, minute) DO UPDATE SET count = projects_requestcount.count + 1 "
    "WHERE projects_requestcount.count < %s RETURNING count"
)


def has_place(who: str, most: int) -> bool:
    """Count one more request of this minute; False if there were `most` already. 0 is no limit."""
    if most <= 0:
        return True
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [who, int(time.time() // MINUTE), most])
        return cursor.fetchone() is not None


def seconds_left() -> int:
    """Return how long this minute still takes, 1 to 60."""
    return MINUTE - int(time.time() % MINUTE)


def count_unknown(request: Request) -> None:
    """Count a request of somebody unknown by its address. Raises Throttled."""
    who = f"address:{address_digest(client_address(request._request))}"
    if not has_place(who, settings.REST_UNKNOWN_PER_MINUTE):
        raise Throttled(seconds_left())


def count_known(request: Request) -> None:
    """Count a request by its token, or by its person without one. Raises Throttled."""
    is_token = isinstance(request.auth, Token)
    who = f"token:{request.auth.pk}" if is_token else f"person:{request.user.pk}"
    if not has_place(who, settings.REST_PER_MINUTE):
        raise Throttled(seconds_left())


def forget_counts() -> None:
    """Delete the counts of minutes that are over."""
    RequestCount.objects.filter(minute__lt=int(time.time() // MINUTE) - 1).delete()
