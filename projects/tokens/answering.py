"""The answer to a request that was done before (projects.tokens.once), beside all other errors.

A module of its own: REST reads its permission classes while `rest_framework.views` is imported,
and what explains errors needs that module whole.
"""

from typing import Any

from django.http import HttpResponse

from projects.problems import explain
from projects.tokens.once import AnsweredBefore

AGAIN = "Idempotency-Replayed"


def explain_or_repeat(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Give a kept answer again; any other error is explained (settings.EXCEPTION_HANDLER)."""
    if not isinstance(error, AnsweredBefore):
        return explain(error, context)
    row = error.row
    answer = HttpResponse(row.body, status=row.status, content_type=row.media_type)
    answer[AGAIN] = "true"
    return answer
