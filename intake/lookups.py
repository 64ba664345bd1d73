"""Finding a study that one may not see yet: by its exact accession number or patient identifier."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from intake.models import Lookup, Study
from projects.models import AuditEvent, User
from projects.roles import Permission


@transaction.atomic
def look_up(*, by: User, text: str) -> QuerySet[Study]:
    """Return the studies with exactly this accession number or patient identifier.

    From then on the person may see them. The audit says who looked and how many were found,
    whether any or none; it does not say what was typed. Raises PermissionDenied.
    """
    if not by.may_anywhere(Permission.REQUEST_TRANSFER) and not by.may(Permission.SEE_QUARANTINE):
        raise PermissionDenied
    found = Study.objects.none()
    if text.strip():
        found = Study.objects.filter(Q(accession_index=text) | Q(patient__patient_id_index=text))
    pks = list(found.values_list("pk", flat=True))
    Lookup.objects.bulk_create([Lookup(user=by, study_id=pk) for pk in pks], ignore_conflicts=True)
    AuditEvent.record(by, "looked_up", by, found=len(pks))
    for study in Study.objects.filter(pk__in=pks):
        AuditEvent.record(by, "was_shown", study)
    return Study.objects.filter(pk__in=pks)
