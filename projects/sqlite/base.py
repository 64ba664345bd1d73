"""The database backend: Django's own, but what REGEXP does is google-re2's work.

A project's pattern of identifiers is typed by people and asked by a trigger for each row. Python's
`re` goes back and tries again: `(a|a)*b` and thirty letters hold a process, and with it the whole
database of one machine, for minutes. PostgreSQL's own engine does not go back; SQLite has none, and
takes the one it is given.

Source: SQLite, "The LIKE, GLOB, REGEXP, MATCH, and extract operators".
"""

from functools import lru_cache
from sqlite3 import Connection
from typing import Any

import re2
from django.db.backends.sqlite3 import base

QUIET = re2.Options()
QUIET.log_errors = False


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Open the file, and say what REGEXP does."""
        connection: Connection = super().get_new_connection(conn_params)
        connection.create_function("REGEXP", 2, matches, deterministic=True)
        return connection


def matches(pattern: str | None, text: object) -> bool | None:
    """Tell whether a text has the pattern somewhere; None if one of them is NULL."""
    if pattern is None or text is None:
        return None
    return _compiled(pattern).search(str(text)) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, QUIET)
