"""The description of REST beyond what the views say: every error is a problem document.

Read by drf-spectacular; `manage.py spectacular` writes what comes out.
"""

from typing import Any

from projects.problems import MEDIA_TYPE, TYPES

METHODS = {"get", "post", "put", "patch", "delete"}
WITH_BODY = {"post", "put", "patch"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). No value that was sent is repeated in it.",
    "required": ["type", "title", "status", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "enum": ["about:blank", *(f"tag:rdma,2026:{code}" for code in TYPES)],
        },
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "instance": {
            "type": "string",
            "description": "Names this occurrence; operations find it in the log.",
        },
        "errors": {
            "type": "array",
            "description": "What is wrong, place by place.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "Where in the body: a JSON pointer, such as `#/event`.",
                    },
                    "parameter": {"type": "string", "description": "Which part of the address."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
SAID = {
    "400": "What was sent cannot be read, or breaks a rule.",
    "401": "Nobody is signed in, or the token is not valid any more.",
    "403": "This person, or this token, may not do this.",
    "404": "There is nothing here, or nothing that this person may see.",
    "405": "The address does not take this method.",
    "406": "The answer cannot be given in the form that was asked for.",
    "409": "A rule of governance says no, or the same request is under way.",
    "413": "The body is too large.",
    "415": "The body is in a form that this address does not read.",
    "422": "An idempotency key was used with another request before.",
    "429": "Too many requests; Retry-After says how long to wait.",
    "500": "A mistake of the portal; `instance` has the number to quote.",
}


def with_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the errors to every operation of a description. A hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components.setdefault("responses", {}).update(
        {f"Problem{status}": _response(sentence) for status, sentence in SAID.items()}
    )
    for item in result.get("paths", {}).values():
        for method, operation in item.items():
            if method in METHODS:
                for status in _statuses(method):
                    reference = {"$ref": f"#/components/responses/Problem{status}"}
                    operation.setdefault("responses", {}).setdefault(status, reference)
    return result


def _statuses(method: str) -> list[str]:
    statuses = {"400", "401", "403", "404", "405", "406", "429", "500"}
    if method in WITH_BODY:
        statuses |= {"409", "413", "415", "422"}
    if method == "delete":
        statuses |= {"409", "415"}
    return sorted(statuses)


def _response(sentence: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": sentence, "content": {MEDIA_TYPE: {"schema": schema}}}
