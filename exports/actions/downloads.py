"""Writing down who takes a package, and from which byte on."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from exports.models import Download, DownloadLink, Package
from exports.transforming.rights import may_take
from projects.models import AuditEvent, User


@transaction.atomic
def record_download(
    *,
    by: User | None,
    package: Package,
    link: DownloadLink | None = None,
    start: int = 0,
    end: int | None = None,
) -> None:
    """Write down that somebody takes the bytes from `start` up to and without `end` of a package.

    Without a link it must be somebody who may take it; with one, the link says who it is. Raises
    PermissionDenied.
    """
    if link is None and (by is None or not may_take(by, package)):
        raise PermissionDenied
    person = by if link is None else link.account
    row, _ = Download.objects.get_or_create(package=package, person=person, link=link)
    counted = "continued_count" if start else "started_count"
    changes = {counted: F(counted) + 1, "last_at": timezone.now()}
    if end is None or end >= package.size:
        changes["reached_end"] = True
    Download.objects.filter(pk=row.pk).update(**changes)
    AuditEvent.record(person, "downloaded", package, start=start, link=link.pk if link else None)
