"""Finding one study by an exact identifier: the way to what nobody brought to you.

Whoever may assign studies can type an accession number or a patient identifier that they know. What
it finds stays visible to them; every look-up is audited, also one that finds nothing.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from intake.models import Lookup, Study
from projects.models import AuditEvent, User
from projects.roles import Permission


@transaction.atomic
def look_up(*, by: User, text: str) -> QuerySet[Study]:
    """Return the studies with exactly this accession number or patient identifier.

    They are visible to `by` from now on. Outer spaces and case do not count. Raises
    PermissionDenied.
    """
    if not (by.may_anywhere(Permission.REQUEST_TRANSFER) or by.may(Permission.SEE_QUARANTINE)):
        raise PermissionDenied
    typed = text.strip()
    if not typed:
        return Study.objects.none()
    matches = Q(accession_index=typed) | Q(patient__patient_id_index=typed)
    found = list(Study.objects.filter(matches).values_list("pk", flat=True))
    Lookup.objects.bulk_create(
        [Lookup(user=by, study_id=pk) for pk in found], ignore_conflicts=True
    )
    AuditEvent.record(by, "looked_up", by, studies=len(found))
    return Study.objects.filter(pk__in=found)
