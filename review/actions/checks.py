"""What people do with checks of data that never went through here: right, change, audit, ring."""

import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from projects.models import AuditEvent, User
from projects.roles import Permission
from projects.storage import storage
from review.check_files import write_file
from review.check_profile import PROFILES
from review.checking_end import delete_check
from review.models import Check, CheckState
from review.tasks import check_data
from transfers.tasks import ring_on_commit

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_CHECKS = 10
"""Checks that one person may have at a time, those that are done included."""
SPARE_BYTES = 1 << 30
LONGEST_NAME = 1000


def may_check(user: User) -> bool:
    """Tell whether somebody may have data checked: whoever reviews in some project."""
    return user.may_anywhere(Permission.REVIEW)


@transaction.atomic
def begin_check(*, by: User, profile: str = "basic") -> Check:
    """Open a check to which files can be added.

    Raises PermissionDenied, and ValidationError if there are too many already or the profile is
    not one of those that can be asked.
    """
    _check_right(by)
    if profile not in PROFILES:
        raise ValidationError("Choose one of the profiles in the list.")
    if Check.objects.of(by).count() >= MOST_CHECKS:
        raise ValidationError(
            f"You have {MOST_CHECKS} checks already. Delete one of them, then begin another."
        )
    check = Check.objects.create(user=by, profile=profile)
    AuditEvent.record(by, "began_check", check)
    return check


def add_to_check(
    *, by: User, check: Check, files: "Iterable[UploadedFile]", names: Iterable[str] = ()
) -> int:
    """Write files into an open check; return how many.

    `names` are what the files are called, with the folders that they lie in: a browser leaves
    these out of the files themselves. Raises PermissionDenied for somebody else's check,
    ValidationError if it is closed or there is no room for so much.
    """
    _check_owner(by, check)
    files, names = list(files), list(names)
    size = sum(file.size or 0 for file in files)
    _reserve(by, check, size)
    for number, file in enumerate(files):
        given = names[number] if number < len(names) else ""
        write_file(check.token, file.chunks(), (given or file.name or "")[:LONGEST_NAME])
    is_open = Check.objects.filter(pk=check.pk, state=CheckState.OPEN)
    if not is_open.update(sent_count=F("sent_count") + len(files)):
        raise ValidationError(
            "This check was closed while these files came: nobody looks at them. Begin another one."
        )
    return len(files)


@transaction.atomic
def close_check(*, by: User, check: Check) -> None:
    """Say that nothing more comes, and have it looked at. Doing it twice does no harm.

    Raises PermissionDenied, and ValidationError if nothing was sent.
    """
    _check_owner(by, check)
    check.refresh_from_db()
    if not check.sent_count:
        raise ValidationError("Choose at least one file, folder or archive.")
    rows = Check.objects.filter(pk=check.pk, state=CheckState.OPEN)
    if rows.update(state=CheckState.WAITING, closed_at=timezone.now()):
        AuditEvent.record(by, "closed_check", check, files=check.sent_count)
        ring_on_commit(check_data, Check.objects.filter(pk=check.pk))


@transaction.atomic
def delete_check_now(*, by: User, check: Check) -> None:
    """Delete a check with its results and files, whatever state it is in. Raises PermissionDenied.

    A worker that is at it notices and lets go.
    """
    _check_owner(by, check)
    delete_check(check)
    AuditEvent.record(by, "deleted_check", check)


def show_values_of_check(*, by: User, check: Check) -> None:
    """Write down that somebody has values of a check shown. Raises PermissionDenied."""
    _check_owner(by, check)
    AuditEvent.record(by, "showed_values", check)


def _check_right(by: User) -> None:
    if not may_check(by):
        raise PermissionDenied


def _check_owner(by: User, check: Check) -> None:
    _check_right(by)
    if check.user_id != by.pk:
        raise PermissionDenied


def _reserve(by: User, check: Check, size: int) -> None:
    """Count what is to come as if it were there; refuse what a person or the disk has no room for.

    Counted first and asked then, so that of two uploads at a time not both find the same room.
    """
    mine = Check.objects.filter(pk=check.pk)
    if not mine.filter(state=CheckState.OPEN).update(byte_count=F("byte_count") + size):
        raise ValidationError("This check is closed. Begin another one.")
    kept = Check.objects.of(by).filter(state__in=(CheckState.OPEN, CheckState.WAITING))
    used = kept.aggregate(bytes=Sum("byte_count"))["bytes"] or 0
    problem = ""
    if used > settings.CHECK_LIMIT_BYTES:
        limit = settings.CHECK_LIMIT_BYTES / 1024**3
        problem = f"Your checks may hold {limit:,.3g} GB together. Send less, or delete one first."
    elif shutil.disk_usage(storage().root).free < size + SPARE_BYTES:
        problem = "There is no room left here for so much. Operations can make some."
    if problem:
        mine.update(byte_count=F("byte_count") - size)
        raise ValidationError(problem)
