"""Cases drawn from the description of REST, asked of the portal as several people.

The description says what may be sent; schemathesis draws that, and what may not. Half of the cases
go to rows of the world, so that they reach behind the door.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import schemathesis
from django.conf import settings as portal
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.doors.world_of_packages import Ids

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
AGAINST_FORGERY = "a" * 32
ROWS = {
    "/api/v1/projects/{acronym}/tags/": {"pk": "element"},
    "/api/v1/transfers/": {"id": "transfer"},
    "/api/v1/destinations/": {"id": "destination"},
    "/api/v1/studies/uploads/": {"id": "upload"},
    "/api/v1/studies/": {"id": "study"},
    "/api/v1/exports/{id}/findings/": {"id": "held"},
    "/api/v1/exports/{id}/release/": {"id": "held"},
    "/api/v1/exports/{id}/confirm/": {"id": "held"},
    "/api/v1/exports/{id}/reject/": {"id": "held"},
    "/api/v1/exports/{id}/cancel/": {"id": "moving"},
    "/api/v1/exports/": {"id": "ready", "link_pk": "link", "delivery_pk": "package_delivery"},
    "/api/v1/specifications/": {"id": "sheet", "number": "version_number"},
}
"""Which row of the world a part of an address names; the first that fits counts."""

REASON = {"reason": "Looked at: nothing of anybody's."}
BODIES: dict[str, dict[str, str]] = {
    "/api/v1/projects/{acronym}/participants/": {"pseudonym": "BICAM_0091"},
    "/api/v1/projects/{acronym}/events/": {"name": "24month"},
    "/api/v1/studies/lookup/": {"identifier": "{accession}"},
    "/api/v1/transfers/": {
        "study": "{study}",
        "project": "{acronym}",
        "participant": "BICAM_0092",
        "event": "{event_name}",
    },
    "/api/v1/transfers/{id}/move/": {"participant": "BICAM_0093"},
    "/api/v1/transfers/{id}/release/": REASON,
    "/api/v1/transfers/{id}/reject/": REASON,
    "/api/v1/exports/": {"project": "{number}", "preset": "nifti"},
    "/api/v1/exports/{id}/release/": REASON,
    "/api/v1/exports/{id}/reject/": REASON,
    "/api/v1/exports/{id}/deliveries/": {"destination": "{package_place_name}"},
    "/api/v1/specifications/": {"project": "{acronym}", "name": "Another", "preset": "nifti"},
    "/api/v1/specifications/preview/": {"project": "{acronym}", "preset": "nifti"},
    "/api/v1/specifications/{id}/versions/": {"preset": "nifti", "why": "It is better."},
}
"""Bodies that reach behind the rules, with ids of the world; chance finds none of them."""


@dataclass
class Found:
    """How many cases were asked, and what was wrong with the answers."""

    cases: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def described() -> Any:
    """Return the description as schemathesis reads it, with the portal behind it.

    Without its ways of signing in: the cases are asked by people who are signed in, and what is
    drawn as a token would hide what lies behind the door.
    """
    document = SchemaGenerator().get_schema(request=None, public=True)
    del document["components"]["securitySchemes"]
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document, default=str)))
    schema.app = _closing(get_wsgi_application())
    # what is far too long is refused for its length before anybody looks at what it says
    rejected = schema.config.checks.negative_data_rejection
    rejected.expected_statuses = [*rejected.expected_statuses, "413"]
    return schema


def _closing(app: "WSGIApplication") -> "WSGIApplication":
    """Close every answer when it has been read, as servers do and the drawing client does not."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        body = app(environ, start_response)
        try:
            return [b"".join(body)]
        finally:
            if close := getattr(body, "close", None):
                close()

    return answer


@contextmanager
def one_connection() -> Iterator[None]:
    """Keep a request from closing the connection, and with it the transaction around the world."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in ends:
            signal.connect(close_old_connections)


def session_of(client: Client) -> dict[str, str]:
    """Return the headers by which a signed-in browser's script asks."""
    session = client.cookies[portal.SESSION_COOKIE_NAME].value
    cookies = {
        portal.SESSION_COOKIE_NAME: session,
        portal.CSRF_COOKIE_NAME: AGAINST_FORGERY,
    }
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": said, "X-CSRFToken": AGAINST_FORGERY}


def try_all(schema: Any, people: dict[str, dict[str, str]], ids: Ids, *, examples: int) -> Found:
    """Ask `examples` cases of every operation, each as one of the people."""
    found = Found()
    with one_connection():
        for operation in _operations(schema):
            _try(operation, people, ids, examples, found)
    return found


def _operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def _try(
    operation: Any, people: dict[str, dict[str, str]], ids: Ids, examples: int, found: Found
) -> None:
    names = sorted(people)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        print_blob=False,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation, ids), person=st.sampled_from(names))
    def ask(case: Case, person: str) -> None:
        found.cases += 1
        with transaction.atomic():
            response = case.call(headers=people[person])
            transaction.set_rollback(True)
        cache.clear()
        status = response.status_code
        found.statuses[status] = found.statuses.get(status, 0) + 1
        _check(case, response, person)

    try:
        ask()
    except (FailureGroup, Failure, AssertionError) as error:
        found.failures.append(f"{operation.label}: {error}")


def _check(case: Case, response: Any, person: str) -> None:
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"], person
        told = response.json()
        assert told["status"] == response.status_code


def _cases(operation: Any, ids: Ids) -> st.SearchStrategy[Case]:
    anything = [
        operation.as_strategy(generation_mode=mode)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]
    here = _row_of(operation.path, ids)
    known = {} if here is None else {"path_parameters": here}
    body = BODIES.get(operation.path) if operation.method.lower() == "post" else None
    if body is not None:
        known["body"] = {name: _own(word, ids) for name, word in body.items()}
    if not known:
        return st.one_of(*anything)
    aimed = operation.as_strategy(**known)
    return st.one_of(aimed, aimed, *anything)


def _own(word: str, ids: Ids) -> Any:
    """Return the world's id for what stands in braces, and anything else as it is."""
    return ids[word[1:-1]] if word.startswith("{") else word


def _row_of(path: str, ids: Ids) -> dict[str, Any] | None:
    """Return the parts of an address that name a row of the world; None if it names none."""
    if "{" not in path:
        return None
    names: dict[str, str] = {"acronym": "acronym"}
    for prefix, rows in ROWS.items():
        if path.startswith(prefix):
            names |= rows
            break
    return {name: ids[row] for name, row in names.items() if f"{{{name}}}" in path}


Trying = Callable[[int], Found]
