"""The table of doors: who gets in where. **Whoever adds a route adds its line to its room.**

`tests/doors/doors_of_*.py` hold the lines, room by room; Django admin's are worked out below, since
what it registers it also names. `routes()` walks the URL map, so that a route without a line, and a
line without a route, fail a test.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.doors import (
    doors_of_exports,
    doors_of_projects,
    doors_of_review,
    doors_of_studies,
)
from tests.doors.door import Door

DOORS: list[Door] = [
    *doors_of_projects.DOORS,
    *doors_of_studies.DOORS,
    *doors_of_review.DOORS,
    *doors_of_exports.DOORS,
]
ADMIN = "admin"


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Return every pattern of the URL map with its name; "" for one without."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, below)
        else:
            yield space + (pattern.name or ""), pattern
