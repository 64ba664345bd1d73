"""Import of a folder: everything below it is copied into a batch and settled like any arrival."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings

from intake.arrivals import Origin, new_batch
from intake.catalogue import SLICE, arrival_of, finish, settle
from intake.models import Arrival, Door
from projects.models import AuditEvent, User

PIECE = 1 << 20


def import_folder(folder: Path, *, by: User | None) -> Arrival:
    """Copy every file below a folder into quarantine; return the counts of what became of them.

    The folder itself is left as it is. Folders that are links are not followed, and the program's
    own data folder is left out. A file that cannot be read at all raises OSError, after what came
    before it was settled.
    """
    origin = Origin(door=Door.FOLDER, user_id=None if by is None else by.pk)
    with new_batch(origin) as batch:
        arrival = arrival_of(batch)
        files = _files_below(folder)
        while chunk := list(islice(files, SLICE)):
            paths = [
                batch.write(_pieces(path), name=str(path.relative_to(folder)), is_synced=False)
                for path in chunk
            ]
            batch.sync()
            settle(batch, paths)
        finish(batch)
    arrival.refresh_from_db()
    AuditEvent.record(by, "imported_folder", arrival, files=arrival.received_count)
    return arrival


def is_own(folder: Path) -> bool:
    """Tell whether a folder is, or lies in, the program's own: that is never imported."""
    return folder.resolve().is_relative_to(settings.RDMA_DATA_DIR)


def _files_below(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_own(Path(top, name)))
        for name in sorted(names):
            path = Path(top, name)
            if path.is_file():
                yield path


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
