"""Where packages may be sent: described by the data office, at hosts that operations allow."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from exports.delivering.hosts import refuse_host
from exports.delivering.sending import refuse_without_extra
from exports.models import PackageDestination
from projects.models import AuditEvent, Project, User
from projects.roles import Permission


@transaction.atomic
def save_destination(
    *, by: User, destination: PackageDestination, projects: Iterable[Project]
) -> PackageDestination:
    """Keep a new or changed destination, and which projects may send there.

    Raises PermissionDenied, and ValidationError if it lacks something, operations have not
    allowed its host, or this installation cannot speak to its kind.
    """
    if not by.may(Permission.MANAGE_DESTINATIONS):
        raise PermissionDenied
    verb = "changed" if destination.pk else "added"
    destination.full_clean()
    if destination.is_active:
        refuse_host(destination)
        refuse_without_extra(destination)
    destination.save()
    destination.projects.set(projects)
    AuditEvent.record(
        by,
        verb,
        destination,
        kind=str(destination.kind),
        projects=destination.projects.count(),
        active=destination.is_active,
    )
    return destination
