"""What goes again: packages whose time has passed, and what others left half built."""

import shutil

from django.db.models.functions import Now

from exports.models import Package
from exports.pipeline import scratch_folder
from exports.states import GONE, MOVING, State
from projects.models import AuditEvent
from projects.storage import storage


def expire_packages() -> int:
    """Delete the files of packages whose time has passed; return how many packages that were.

    A file that no row names is deleted too: its builder was overtaken or cancelled.
    """
    expired = 0
    for package in Package.objects.filter(state=State.READY, expires_at__lt=Now()):
        rows = Package.objects.filter(pk=package.pk, state=State.READY)
        if rows.update(state=State.EXPIRED):
            AuditEvent.record(None, "expired", package)
            expired += 1
    Package.objects.filter(state__in=GONE).exclude(key="").update(key="")
    _delete_unnamed()
    _clear_scratch()
    return expired


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
