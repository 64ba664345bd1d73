"""Giving out what the review lists: who took it is recorded."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied

from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.inventory_csv import inventory_rows


def download_inventory(*, by: User, project: Project) -> Iterator[list[str]]:
    """Give out the inventory as rows for a spreadsheet. Raises PermissionDenied."""
    if not by.may(Permission.REVIEW, project):
        raise PermissionDenied
    AuditEvent.record(by, "downloaded_inventory", project)
    return inventory_rows(project)
