"""What the description of REST says of tokens, passwords and idempotency keys.

drf-spectacular knows an extension once its module is imported; `rdma.api` imports this one.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from projects.tokens.once import HEADER

KEY: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Such as a UUID. Sent again with the same request within 24 hours, it is not "
    "done twice: the first answer comes once more. Passed over where nothing is made.",
}


class BearerScheme(OpenApiAuthenticationExtension):
    """A token in the header Authorization."""

    target_class = "projects.tokens.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme. Source: OpenAPI 3.1 section 4.8.27, RFC 6750."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of 54 characters that begins with `rdma_`, from the page "
            "Tokens. Its scopes (read, transfer, export) and project narrow what its person may.",
        }


class PasswordScheme(OpenApiAuthenticationExtension):
    """User name and password, where the installation permits it."""

    target_class = "projects.tokens.authentication.LocalPassword"
    name = "basicAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {
            "type": "http",
            "scheme": "basic",
            "description": "Only where the installation permits passwords in scripts.",
        }


def with_keys(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the header Idempotency-Key to every POST. A hook of drf-spectacular."""
    for item in result.get("paths", {}).values():
        if "post" in item:
            item["post"].setdefault("parameters", []).append(KEY)
    return result
