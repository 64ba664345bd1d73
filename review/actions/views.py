"""Saving a view of the inventory under a name, and letting go of it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.models import SavedView


@transaction.atomic
def save_view(
    *, by: User, project: Project, name: str, choices: dict[str, str], is_shared: bool
) -> SavedView:
    """Keep choices from closed lists under a name. Raises PermissionDenied, ValidationError."""
    if not by.may(Permission.REVIEW, project):
        raise PermissionDenied
    view = SavedView(project=project, owner=by, name=name, choices=choices, is_shared=is_shared)
    view.full_clean()
    view.save()
    AuditEvent.record(by, "saved_view", view, is_shared=is_shared)
    return view


@transaction.atomic
def change_view(*, by: User, view: SavedView, name: str, is_shared: bool) -> SavedView:
    """Rename a view, share it or keep it to oneself. Raises PermissionDenied, ValidationError."""
    if not may_change(by, view):
        raise PermissionDenied
    view.name, view.is_shared = name, is_shared
    view.full_clean()
    view.save()
    AuditEvent.record(by, "changed_view", view, is_shared=is_shared)
    return view


@transaction.atomic
def delete_view(*, by: User, view: SavedView) -> None:
    """Let go of a view; nothing of what it shows changes. Raises PermissionDenied."""
    if not may_change(by, view):
        raise PermissionDenied
    AuditEvent.record(by, "deleted_view", view)
    view.delete()


def may_change(by: User, view: SavedView) -> bool:
    """Tell whether a view is this person's, or shared in a project that they manage."""
    if not by.may(Permission.REVIEW, view.project):
        return False
    is_manager = view.is_shared and by.may(Permission.MANAGE_PROJECT, view.project)
    return view.owner_id == by.pk or is_manager
