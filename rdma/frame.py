"""What the frame around every page needs: where one is, and where this person may go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from projects.access_reviews.report import may_report_all
from projects.models import Project
from projects.roles import Permission

SECTIONS = {
    "": "home",
    "assign": "assign",
    "attach": "assign",
    "transfers": "transfers",
    "projects": "projects",
    "review": "review",
    "exports": "exports",
}


def section_of(path: str) -> str:
    """Return the part of the portal that an address belongs to; empty for none of the nav's."""
    return SECTIONS.get(path.strip("/").partition("/")[0], "")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what templates/base.html shows of the signed-in person."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "section": section_of(request.path) or "none",
        "may_assign": user.may_anywhere(Permission.REQUEST_TRANSFER)
        or user.may(Permission.SEE_QUARANTINE),
        "may_check": user.may_anywhere(Permission.REVIEW),
        "may_audit": user.may_anywhere(Permission.VIEW_AUDIT),
        "may_oversee": may_report_all(user),
        "may_map": settings.DIRECTORY is not None and user.may(Permission.MANAGE_MEMBERS),
        "my_projects": Project.objects.visible_to(user),
    }
