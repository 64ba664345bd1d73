"""Showing what a package would say of people: for whom it is, and that it is on record.

The preview of a specification that writes what a participant table says, or true dates, shows it
before any package is built. Who looked is on record, once an hour, without what was seen.
"""

from django.utils import timezone

from exports.specification import Specification
from exports.transforming.rights import gives_dates_back, tells_of_persons
from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from review.actions.showing import ON_RECORD_FOR


def may_look(*, by: User, project: Project, specification: Specification) -> bool:
    """Tell whether somebody may see what packages would hold, and note that they do.

    Noted is only what tells of persons. Who may not see it is to be shown nothing but counts.
    """
    if not tells_of_persons(specification):
        return True
    if not by.may(Permission.SEE_IDENTIFIED, project):
        return False
    since = timezone.now() - ON_RECORD_FOR
    known = AuditEvent.objects.about(project).filter(
        actor=by, verb="previewed_persons", at__gt=since
    )
    if not known.exists():
        AuditEvent.record(
            by, "previewed_persons", project, gives_dates_back=gives_dates_back(specification)
        )
    return True
