"""Reading JSON that somebody sent: what no column can hold is refused before any rule sees it.

Python reads more than the database can keep: NUL characters, halves of a surrogate pair, whole
numbers of any length, numbers beyond a double, nesting until the stack ends. Each of them would be
an error of the server later, somewhere; here it is a sentence for whoever sent it.
"""

import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 64
LARGEST = 2**63 - 1


class StrictJSONParser(JSONParser):
    """JSON as RFC 8259 has it, within what the columns can keep."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what was sent. Raises ParseError with a sentence that repeats nothing of it."""
        try:
            read = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        for value, depth in _walk(read):
            if depth > DEEPEST:
                raise ParseError("The JSON is nested too deeply.")
            if said := _unkeepable(value):
                raise ParseError(said)
        return read


def _walk(read: Any) -> Iterator[tuple[Any, int]]:
    """Go through every value and every name, with how deep it lies, without recursion."""
    waiting = [(read, 0)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting += [(inner, depth + 1) for pair in value.items() for inner in pair]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _unkeepable(value: Any) -> str:
    """Return why a value cannot be kept; empty if it can."""
    if isinstance(value, str):
        if "\0" in value:
            return "The JSON has a NUL character in a text."
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return "The JSON has half of a surrogate pair in a text."
    elif isinstance(value, int) and abs(value) > LARGEST:
        return "The JSON has a whole number beyond 64 bits."
    elif isinstance(value, float) and not math.isfinite(value):
        return "The JSON has a number beyond what can be computed with."
    return ""
