"""Writing down who was shown studies in quarantine: they are identified data as they stand.

A page that is loaded again within the hour is on record already, as long as it shows no more.
"""

from datetime import timedelta

from django.utils import timezone

from intake.models import Study
from projects.models import AuditEvent, User

ON_RECORD_FOR = timedelta(hours=1)


def note_list(*, by: User, shown: int, page: int = 1) -> None:
    """Write down that somebody was shown a list of so many studies."""
    since = timezone.now() - ON_RECORD_FOR
    known = AuditEvent.objects.filter(actor=by, verb="listed_studies", at__gt=since)
    if shown and not known.filter(facts__studies__gte=shown, facts__page=page).exists():
        AuditEvent.record(by, "listed_studies", by, studies=shown, page=page)


def note_study(*, by: User, study: Study) -> None:
    """Write down that somebody opened a study."""
    since = timezone.now() - ON_RECORD_FOR
    known = AuditEvent.objects.about(study).filter(actor=by, verb="opened_study", at__gt=since)
    if not known.exists():
        AuditEvent.record(by, "opened_study", study)
