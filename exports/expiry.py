"""What goes again: packages past their time or with images taken back, and what is half built."""

import shutil

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from exports.building.scratch import scratch_folder
from exports.models import Package
from exports.states import GONE, MOVING, WHOLE, State
from projects.models import AuditEvent
from projects.storage import storage
from transfers.models import TransferRequest

TAKEN_BACK = "An image in it may have been taken back since. Ask for it again."


def taken_back() -> QuerySet[Package]:
    """Return whole packages with a participant of whom a study was moved or cancelled since."""
    people = Package.participants.through.objects.filter(package=OuterRef(OuterRef("pk")))
    ended = TransferRequest.objects.filter(
        project=OuterRef("project"),
        participant__in=people.values("participant"),
        ended_at__gt=OuterRef("created_at"),
    )
    return Package.objects.filter(Exists(ended), state__in=WHOLE)


def expire_packages() -> int:
    """Delete the files of packages whose time has passed or that hold what was taken back.

    Returns how many packages that were. A file that no row names is deleted too: its builder was
    overtaken or cancelled.
    """
    late = Package.objects.filter(state__in=WHOLE, expires_at__lt=Now())
    expired = sum(_expire(package, "") for package in late)
    expired += sum(_expire(package, TAKEN_BACK) for package in taken_back())
    gone = Package.objects.filter(state__in=GONE)
    gone.exclude(key="").update(key="")
    gone.exclude(wrapped_secret=None).update(wrapped_secret=None)  # and with it the password
    _delete_unnamed()
    _clear_scratch()
    return expired


def _expire(package: Package, reason: str) -> bool:
    rows = Package.objects.filter(pk=package.pk, state__in=WHOLE)
    if not rows.update(state=State.EXPIRED, reason=reason):
        return False
    AuditEvent.record(None, "expired", package)
    return True


def _delete_unnamed() -> None:
    """Delete the files in the storage that no package names. A row names its file beforehand."""
    found = list(storage().list("packages"))
    named = set(Package.objects.filter(key__in=found).values_list("key", flat=True))
    for key in found:
        if key not in named:
            storage().delete(key)


def _clear_scratch() -> None:
    """Delete what is half built of packages that nobody builds any more."""
    folders = scratch_folder(0).parent
    if not folders.is_dir():
        return
    moving = set(Package.objects.filter(state__in=MOVING).values_list("pk", flat=True))
    for folder in folders.iterdir():
        if folder.name.isdecimal() and int(folder.name) not in moving:
            shutil.rmtree(folder, ignore_errors=True)
