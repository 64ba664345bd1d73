"""Which project an address means, for the person who asks."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from projects.models import Project, User
from projects.roles import Permission


def project_at(user: User, name: str, right: Permission = Permission.VIEW_PROJECT) -> Project:
    """Return the project with this acronym or number.

    Raises Http404 if the person may not even know of it, PermissionDenied if they may see it and
    lack the right.
    """
    project = get_object_or_404(Project.objects.visible_to(user).named(name))
    if not user.may(right, project):
        raise PermissionDenied
    return project
