"""Doors of tokens and service accounts: one's own, and those that reach a project."""

from tests.doors.door import ANYBODY, MANAGE_PEOPLE, Door, get, post
from tests.doors.people import MANAGER

OF = {"acronym": "acronym"}

DOORS: list[Door] = [
    get("account-tokens", ANYBODY),
    post("account-tokens", ANYBODY, {"name": "nightly"}),
    post("account-token-revoke", frozenset({MANAGER}), pk="token"),
    get("project-tokens", MANAGE_PEOPLE, **OF),
    post("project-token-revoke", MANAGE_PEOPLE, **OF, pk="token"),
    post("project-service-add", MANAGE_PEOPLE, {"name": "REDCap", "role": "researcher"}, **OF),
    get("project-service-token", MANAGE_PEOPLE, **OF, pk="service"),
    post("project-service-token", MANAGE_PEOPLE, {"name": "nightly"}, **OF, pk="service"),
    post("project-service-end", MANAGE_PEOPLE, **OF, pk="service"),
]
