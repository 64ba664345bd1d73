"""The inventory as a table for a spreadsheet: one row per element left in a project's data."""

from collections.abc import Iterator

from projects.models import Project
from review.models import Element
from review.names import name_of

COLUMNS = (
    "path",
    "tag",
    "keyword",
    "name",
    "vr",
    "private_creator",
    "instances",
    "series",
    "participants",
    "distinct_values",
    "distinct_values_are",
    "across_participants",
    "within_a_participant",
)


def inventory_rows(project: Project) -> Iterator[list[str]]:
    """Yield the column names, then a row per element in the order of the paths."""
    yield list(COLUMNS)
    for element in project.elements.compared().order_by("path").iterator():
        yield [guarded(cell) for cell in _cells(element)]


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell


def _cells(element: Element) -> list[str]:
    return [
        element.path,
        element.tag,
        element.keyword,
        name_of(element),
        element.vr,
        element.creator,
        str(element.instance_count),
        str(element.series_count),
        str(element.participant_count),
        str(element.distinct_count),
        "at most" if element.unlisted_count else "exact",
        element.across,
        element.within,
    ]
