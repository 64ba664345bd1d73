"""Giving out what the review lists: who took what, and in which form, is recorded."""

from collections.abc import Callable
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.models import Element
from review.tables import Table, inventory_table, value_table, verdict_table
from transfers.screening import screen_for_project

WHAT: Final = ("inventory", "values", "verdicts")


def hand_out(
    *,
    by: User | None,
    project: Project,
    what: str,
    form: str,
    elements: "QuerySet[Element]",
    with_hidden: bool = False,
) -> Table:
    """Give out one of WHAT as a table; `by` is None for the command line.

    `elements` are those of the project that are asked for, compared and in order. Values that
    the pages hide are in the table only `with_hidden`, and that is recorded too. Raises
    PermissionDenied.
    """
    if by is not None and not by.may(Permission.REVIEW, project):
        raise PermissionDenied
    make: dict[str, Callable[[], Table]] = {
        "inventory": lambda: inventory_table(elements),
        "values": lambda: value_table(elements, with_hidden=with_hidden),
        "verdicts": lambda: verdict_table(project, screen=screen_for_project(project)),
    }
    AuditEvent.record(
        by,
        f"downloaded_{what}",
        project,
        form=form,
        door="page" if by else "command",
        with_hidden=with_hidden and what == "values",
    )
    return make[what]()


def show_values_of(*, by: User, project: Project) -> None:
    """Note that somebody is told hidden values of a whole project, page by page.

    Raises PermissionDenied.
    """
    if not by.may(Permission.REVIEW, project):
        raise PermissionDenied
    AuditEvent.record(by, "listed_values", project, with_hidden=True)
