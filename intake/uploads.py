"""Uploads: files and archives sent by a signed-in person, over the page or over REST.

    upload = begin_upload(by=kari)
    add_to_upload(by=kari, upload=upload, files=request.FILES.getlist("files"))
    close_upload(by=kari, upload=upload)

The files are safely on disk when `add_to_upload` returns; a worker unpacks and catalogues them.
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from intake.arrivals import ARCHIVE, FILE, Batch, Origin
from intake.catalogue import arrival_of
from intake.models import Arrival, Door
from intake.tasks import settle_arrival
from projects.models import AuditEvent, User
from projects.roles import Permission

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

ZIP_START = b"PK\x03\x04"
EMPTY_ZIP_START = b"PK\x05\x06"


def may_upload(user: User) -> bool:
    """Tell whether somebody may bring studies: who may assign them anywhere, or sees them all."""
    return user.may_anywhere(Permission.REQUEST_TRANSFER) or user.may(Permission.SEE_QUARANTINE)


def begin_upload(*, by: User) -> Arrival:
    """Open an upload to which files can be added. Raises PermissionDenied."""
    if not may_upload(by):
        raise PermissionDenied
    batch = Batch.create(Origin(door=Door.UPLOAD, user_id=by.pk))
    try:
        arrival = arrival_of(batch)
        AuditEvent.record(by, "began_upload", arrival)
    finally:
        batch.let_go()
    return arrival


def add_to_upload(*, by: User, upload: Arrival, files: "Iterable[UploadedFile]") -> int:
    """Write files into an open upload; return how many.

    Raises PermissionDenied for somebody else's upload, ValidationError if it is closed or grows
    too large.
    """
    _check(by, upload)
    upload.refresh_from_db(fields=["closed_at"])
    if upload.closed_at is not None:
        raise ValidationError("This upload is closed. Begin another one.")
    files = list(files)
    batch = Batch.at(upload.token)
    size = sum(entry.stat().st_size for entry in batch.folder.iterdir() if entry.is_file())
    if size + sum(file.size or 0 for file in files) > settings.UPLOAD_LIMIT_BYTES:
        limit = settings.UPLOAD_LIMIT_BYTES // 1024**3
        raise ValidationError(f"An upload may hold {limit} GB. Send the rest in another one.")
    plain = 0
    for file in files:
        is_archive = _is_archive(file)
        batch.write(
            file.chunks(),
            name=file.name or "",
            suffix=ARCHIVE if is_archive else FILE,
            is_synced=False,
        )
        plain += not is_archive
    batch.sync()
    Arrival.objects.filter(pk=upload.pk).update(received_count=F("received_count") + plain)
    return len(files)


def close_upload(*, by: User, upload: Arrival) -> None:
    """Say that nothing more comes, and have it catalogued. Doing it twice does no harm."""
    _check(by, upload)
    with transaction.atomic():
        open_ones = Arrival.objects.filter(pk=upload.pk, closed_at=None)
        if open_ones.update(closed_at=timezone.now()):
            AuditEvent.record(by, "closed_upload", upload)
            transaction.on_commit(partial(settle_arrival.delay, upload.pk))


def _check(by: User, upload: Arrival) -> None:
    if not may_upload(by) or upload.brought_by_id != by.pk:
        raise PermissionDenied


def _is_archive(file: "UploadedFile") -> bool:
    start = file.read(4)
    file.seek(0)
    return start in {ZIP_START, EMPTY_ZIP_START}
