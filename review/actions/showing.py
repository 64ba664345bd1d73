"""Showing values that are hidden: who asked is on record, once an hour, without the values.

The right to review is enough. The research copy is pseudonymised, and judging what is left in it
is what reviewers are for; whoever may only see the project is shown nothing. What is shown stays
in that one answer: the next page hides it again.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from projects.models import AuditEvent, User
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
