"""Regular expressions that people type into specifications: they take linear time (RE2)."""

from functools import lru_cache
from typing import Any

import re2

LONGEST = 300
MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern; above it the pattern is refused."""
REFERENCES = "0123456789"


class NoPattern(ValueError):
    """What was typed is no regular expression that can be used. The message is a sentence."""


@lru_cache(maxsize=512)
def compiled(text: str) -> Any:
    """Return a pattern, ready to use. Raises NoPattern."""
    if not text:
        raise NoPattern("Type a pattern, such as T1.* for what begins with T1.")
    if len(text) > LONGEST:
        raise NoPattern(f"A pattern has at most {LONGEST} characters.")
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        raise NoPattern(
            "This is no regular expression that can be used here; look-around and "
            "back-references are not known."
        ) from error


def check_replacement(pattern: str, replacement: str) -> None:
    r"""Refuse `\7` where the pattern has no seventh group. Raises NoPattern."""
    groups = compiled(pattern).groups
    backslashed = False
    for sign in replacement:
        if backslashed and sign not in f"\\{REFERENCES}":
            raise NoPattern(r"In a replacement a backslash is followed by a digit, or is doubled.")
        if backslashed and sign in REFERENCES and int(sign) > groups:
            raise NoPattern(f"The pattern has {groups} groups in brackets, no more.")
        backslashed = sign == "\\" and not backslashed
    if backslashed:
        raise NoPattern(r"In a replacement a backslash is followed by a digit, or is doubled.")
