"""What a line of the table says, and the sets of people that it is said with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from tests.doors.people import (
    ADMINISTRATOR,
    ANONYMOUS,
    AUDITOR,
    CONTROLLER,
    EVERYBODY,
    FORMER,
    LIMITED,
    MANAGER,
    OFFICE,
    OWNER,
    RESEARCHER,
    SIGNED_IN,
    STRANGER,
)

Who = frozenset[str]
ALL: Who = frozenset(EVERYBODY)
ANYBODY: Who = frozenset(SIGNED_IN)
NOT_SIGNED_IN: Who = frozenset({ANONYMOUS, FORMER})

# Of BICAM and what is in it. Whoever is limited to another site is in none of these.
VIEW: Who = frozenset({OWNER, ADMINISTRATOR, MANAGER, RESEARCHER, CONTROLLER, OFFICE, AUDITOR})
MANAGE: Who = frozenset({OWNER, ADMINISTRATOR, OFFICE})
MANAGE_PEOPLE: Who = frozenset({OWNER, OFFICE})
REQUEST: Who = frozenset({OWNER, ADMINISTRATOR, MANAGER})
RESOLVE: Who = frozenset({ADMINISTRATOR, MANAGER, OFFICE})
SEE_IDENTIFIED: Who = RESOLVE
REVIEW: Who = VIEW - {AUDITOR}
JUDGE: Who = REVIEW - {CONTROLLER}
SIGN_OFF: Who = MANAGE
EXPORT: Who = frozenset({OWNER, ADMINISTRATOR, MANAGER, RESEARCHER})
AUDIT: Who = frozenset({OWNER, CONTROLLER, OFFICE, AUDITOR})
HOSPITAL: Who = frozenset({OFFICE})

# Of pages that belong to no project: what they show is each one's own.
ASSIGNERS: Who = REQUEST | {LIMITED, OFFICE, STRANGER}
READERS_OF_AUDIT: Who = AUDIT | {STRANGER}
REVIEWERS: Who = REVIEW | {STRANGER}

GET, POST, PUT, PATCH, DELETE = "GET", "POST", "PUT", "PATCH", "DELETE"


@dataclass(frozen=True)
class Door:
    """One address and one method; `who` gets in, everybody else is refused and leaves nothing.

    `at` names, for each part of the address, a row of the world, or is the part itself. `body` and
    `query` are formatted with the world's ids.
    """

    route: str
    method: str
    who: Who
    at: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.route}{self.query and '?' + self.query}"

    @property
    def is_rest(self) -> bool:
        """Whether it is REST."""
        return self.route.startswith("api-")

    def address(self, ids: Mapping[str, Any], **instead: Any) -> str:
        """Return where it is for these rows; `instead` takes the place of some parts."""
        parts = {name: instead.get(name, _row(ids, row)) for name, row in self.at.items()}
        path = reverse(self.route, kwargs=parts)
        return f"{path}?{self.query.format(**ids)}" if self.query else path

    def sent(self, ids: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is sent for these rows."""
        return {name: _filled(value, ids) for name, value in self.body.items()}


def door(
    route: str,
    method: str,
    who: Who,
    *,
    body: Mapping[str, Any] | None = None,
    query: str = "",
    **at: Any,
) -> Door:
    """Write a line of the table."""
    return Door(route, method, who, at, body or {}, query)


def get(route: str, who: Who, *, query: str = "", **at: Any) -> Door:
    """Write a line for a page that is read."""
    return Door(route, GET, who, at, {}, query)


def post(route: str, who: Who, body: Mapping[str, Any] | None = None, **at: Any) -> Door:
    """Write a line for something that is done."""
    return Door(route, POST, who, at, body or {})


def _row(ids: Mapping[str, Any], row: Any) -> Any:
    return ids.get(row, row) if isinstance(row, str) else row


def _filled(value: Any, ids: Mapping[str, Any]) -> Any:
    """Fill in ids; what is an id alone keeps its type."""
    if isinstance(value, list):
        return [_filled(one, ids) for one in value]
    if not isinstance(value, str):
        return value
    if value.startswith("{") and value.endswith("}") and value[1:-1] in ids:
        return ids[value[1:-1]]
    return value.format(**ids)
