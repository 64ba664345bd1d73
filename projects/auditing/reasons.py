"""Reading the reason that a person typed: it may name somebody, so reading it is in the audit."""

from django.core.exceptions import PermissionDenied

from projects.auditing.search import readable_by
from projects.models import AuditEvent, AuditReason, User
from projects.models.places import reason_digest


def read_reason(*, by: User, event: AuditEvent) -> str:
    """Return the reason that stands beside an event, or a sentence on why there is none.

    Raises PermissionDenied.
    """
    if not readable_by(by).filter(pk=event.pk).exists():
        raise PermissionDenied
    AuditEvent.record(by, "showed_reason", event, project=event.project)
    row = AuditReason.objects.filter(event_id=event.pk).first()
    if row is None:
        return "The reason is no longer kept; the event says that there was one."
    if reason_digest(row.text) != event.why:
        return "What stands there is not what was written: somebody changed the reason."
    return row.text
