"""What `manage.py check` asks of columns; what it asks of settings stands apart."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from rdma.at_rest import problems


@register(Tags.security)
def nothing_identified_lies_in_clear(**_: Any) -> Iterator[CheckMessage]:
    """A column that nobody has placed, or an identified one in clear."""
    for sentence in problems():
        yield Error(sentence, id="rdma.E005")
