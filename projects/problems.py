"""How REST says no: one problem document for every error (RFC 9457), whatever raised it.

The sentences are those of the forms. What was sent is never repeated: DRF's own messages quote
it, and answers end up in the logs of scripts. `instance` names the occurrence, not the address;
the log has it beside the name of the route, so that operations can be asked about it.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.views import exception_handler

from projects.errors import GovernanceError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
ABOUT_BLANK = "about:blank"
TYPES = {
    "invalid": "What was sent breaks a rule",
    "parse_error": "The body cannot be read",
    "parameter": "The address says something that this list does not know",
    "refused": "A rule of the house says no",
    "throttled": "Too many requests",
}
"""Problems with a type of their own; every other one is told by its status alone."""

WITHOUT_VALUES = {
    "does_not_exist": "There is nothing of this name here.",
    "invalid_choice": "This is none of the words that may stand here.",
    "no_match": "There is nothing of this name here.",
    "not_a_list": "A list is needed here.",
    "not_a_dict": "An object with names and values is needed here.",
}
"""What is said where DRF would quote what was sent."""


NOT_HERE = "There is nothing at this address, or nothing that you may see."
NOT_YOURS = "You may not do this."


class Refused(exceptions.APIException):
    """A rule of the house says no to a request that is well-formed."""

    status_code = 409
    default_code = "refused"


class WrongParameter(exceptions.APIException):
    """The address says something that cannot be meant: a name or a word that nobody knows."""

    status_code = 400
    default_code = "parameter"

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


class TooLarge(exceptions.APIException):
    """The body is larger than is read."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The body is larger than this address takes."


def explain(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Turn what actions and DRF raise into a problem; None for what nobody foresaw.

    A broken rule of a model answers 400, a rule of governance 409. The answer is rendered here
    and not by the view's renderer: an address that gives files says no in the same words.
    """
    told = _as_rest_error(error)
    response = exception_handler(told, context)
    if response is None:
        return None
    code = _code_of(told)
    found = list(_errors_in(told))
    problem = problem_response(
        response.status_code,
        code=code,
        detail=_detail_of(told, found),
        errors=found,
        route=_route_of(context),
    )
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in response:
            problem[name] = response[name]
    return problem


def problem_response(
    status: int,
    *,
    code: str = "",
    detail: str = "",
    errors: Iterable[dict[str, str]] = (),
    number: str = "",
    route: str = "",
) -> HttpResponse:
    """Return a problem as an answer.

    Args:
        status: of HTTP.
        code: which of TYPES it is; any other stands for the status alone.
        detail: a sentence without values.
        errors: `{"pointer" or "parameter", "detail"}`, one for each place that is wrong.
        number: the UUID to quote to operations; one is drawn and logged if it is empty.
        route: the name of the address, for the log.

    Source: RFC 9457 section 3.1; JSON pointers as URI fragments, RFC 6901 section 6.
    """
    instance = number or str(uuid4())
    if not number:
        log.info("problem %s: %s %s at %s", instance, status, code or "-", route or "no route")
    said: dict[str, Any] = {
        "type": f"tag:rdma,2026:{code}" if code in TYPES else ABOUT_BLANK,
        "title": TYPES.get(code) or _phrase(status),
        "status": status,
        "instance": f"urn:uuid:{instance}",
    }
    if detail:
        said["detail"] = detail
    if listed := list(errors):
        said["errors"] = listed
    answer = HttpResponse(json.dumps(said), status=status, content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _as_rest_error(error: Exception) -> Exception:
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(get_error_detail(error))
    if isinstance(error, GovernanceError):
        return Refused(str(error))
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError("The request cannot be read as it stands.")
    return error


def _code_of(error: Exception) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "invalid"
    return str(getattr(error, "default_code", ""))


def _detail_of(error: Exception, errors: list[dict[str, str]]) -> str:
    if len(errors) == 1:
        return errors[0]["detail"]
    if errors:
        return f"{len(errors)} things are wrong; `errors` names each."
    if isinstance(error, Http404 | PermissionDenied):
        said = str(error.args[0]) if error.args else ""
        # Django's own sentence names a class of ours, and nothing that helps
        if said and "matches the given query" not in said:
            return said
        return NOT_HERE if isinstance(error, Http404) else NOT_YOURS
    return str(getattr(error, "detail", ""))


def _errors_in(error: Exception) -> Iterator[dict[str, str]]:
    if isinstance(error, WrongParameter):
        yield {"parameter": error.name, "detail": str(error.detail)}
    elif isinstance(error, exceptions.ValidationError):
        yield from _flat(error.detail, "#")


def _flat(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Walk DRF's nested errors: one entry for each sentence, with where in the body it belongs."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            name = str(key).replace("~", "~0").replace("/", "~1")
            whole = key in {"non_field_errors", "__all__"}
            yield from _flat(inner, pointer if whole else f"{pointer}/{name}")
    elif isinstance(detail, list | tuple):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list | tuple)
            yield from _flat(inner, f"{pointer}/{place}" if nested else pointer)
    else:
        sentence = WITHOUT_VALUES.get(getattr(detail, "code", ""), str(detail))
        yield {"pointer": pointer, "detail": sentence}


def _route_of(context: dict[str, Any]) -> str:
    match = getattr(context.get("request"), "resolver_match", None)
    return str(getattr(match, "view_name", "") or "")
