"""The list beside a project's pages: what the signed-in person may open there."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template.context import Context

from projects.models import Project
from projects.roles import Permission
from rdma.frame import section_of
from review.states import Standing

register = template.Library()

# name, address with the acronym in it, the right that the page asks for
PAGES = (
    ("Overview", "/projects/{acronym}/", Permission.VIEW_PROJECT),
    ("Transfers", "/transfers/?project={acronym}", Permission.VIEW_PROJECT),
    ("Review", "/review/{acronym}/", Permission.REVIEW),
    ("Exports", "/exports/{acronym}/", Permission.VIEW_WHOLE),
    ("People", "/projects/{acronym}/people/", Permission.VIEW_PROJECT),
    ("Plan", "/projects/{acronym}/plan/", Permission.VIEW_WHOLE),
    ("Settings", "/projects/{acronym}/settings/", Permission.MANAGE_PROJECT),
)


@dataclass(frozen=True)
class SideItem:
    """One line of the list."""

    name: str
    address: str
    is_current: bool
    note: str = ""


@register.inclusion_tag("parts/project_side.html", takes_context=True)
def project_side(context: Context) -> dict[str, Any]:
    """Show the project's pages when there is a `project` in the context."""
    project, request = context.get("project"), context.get("request")
    if not isinstance(project, Project) or not project.pk or request is None:
        return {"items": []}
    user = request.user
    items = [
        SideItem(name, address, _is_current(request.path, address), _note(page, context, project))
        for name, page, right in PAGES
        if user.may(right, project)
        for address in [page.format(acronym=project.acronym)]
    ]
    return {"items": items, "project": project}


def _is_current(path: str, address: str) -> bool:
    """Tell whether a page lies at an item's address, or below it where no other item does."""
    if section_of(address) == "projects":
        return path == address
    return section_of(path) == section_of(address)


def _note(page: str, context: Context, project: Project) -> str:
    """Say beside the review how many elements have something new in them.

    A page that has counted them already says so as `new_elements`.
    """
    if section_of(page) != "review":
        return ""
    new = context.get("new_elements")
    if new is None:
        new = project.elements.filter(standing=Standing.NEW).count()
    return f"{new:,} new" if new else ""
