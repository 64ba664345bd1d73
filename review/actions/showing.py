"""Showing values that are hidden: who asked is on record, once an hour, without the values.

The right to review is enough. The research copy is pseudonymised, and judging what is left in it
is what reviewers are for; whoever may only see the project is shown nothing. What is shown stays
in that one answer: the next page hides it again.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.models import Element

ON_RECORD_FOR = timedelta(hours=1)


def show_values(*, by: User, element: Element) -> None:
    """Note that somebody is shown an element's hidden values. Raises PermissionDenied."""
    if not by.may(Permission.REVIEW, element.project):
        raise PermissionDenied
    since = timezone.now() - ON_RECORD_FOR
    known = AuditEvent.objects.about(element).filter(actor=by, verb="showed_values", at__gt=since)
    if not known.exists():
        # the digest of the path names the element when its row has gone and come back
        AuditEvent.record(by, "showed_values", element, element=element.digest)


def search_values(*, by: User, project: Project) -> None:
    """Note that somebody searches a project's values: hidden ones answer as well.

    Whether something stands there is told by the answer, which is nearly as good as seeing it.
    Raises PermissionDenied.
    """
    if not by.may(Permission.REVIEW, project):
        raise PermissionDenied
    since = timezone.now() - ON_RECORD_FOR
    known = AuditEvent.objects.about(project).filter(actor=by, verb="searched_values", at__gt=since)
    if not known.exists():
        AuditEvent.record(by, "searched_values", project)
