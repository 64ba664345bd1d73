"""What the frame around every page needs: the project at hand, and what waits for this person."""

from typing import Any

from django.http import HttpRequest

from projects.models import Project
from projects.roles import Permission


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what templates/base.html shows of the signed-in person."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "may_assign": user.may_anywhere(Permission.REQUEST_TRANSFER)
        or user.may(Permission.SEE_QUARANTINE),
        "my_projects": Project.objects.visible_to(user),
    }
