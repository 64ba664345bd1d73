"""How REST answers when a rule says no: the same sentences as in the forms, as DRF's errors."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import exception_handler

from projects.errors import GovernanceError


class Refused(exceptions.APIException):
    """A rule of the house says no to a request that is well-formed."""

    status_code = 409
    default_code = "refused"


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what actions raise into answers; anything else is DRF's, or a server error.

    A broken rule of a model answers 400, a rule of governance 409.
    """
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(get_error_detail(error))
    elif isinstance(error, GovernanceError):
        error = Refused(str(error))
    return exception_handler(error, context)
