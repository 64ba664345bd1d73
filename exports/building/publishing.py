"""The end of the building: the file into the storage, its sum, the check at the door."""

import hashlib
from pathlib import Path

from django.db.models import F
from django.db.models.functions import Now

from exports.archive import Archive
from exports.building.progress import Check
from exports.door import examine
from exports.models import Package
from exports.states import State
from projects.errors import LeaseLost
from projects.storage import storage

PIECE = 1024 * 1024  # bytes


def publish(package: Package, archive: Archive) -> None:
    """Put the finished file into the storage, where nobody can take it yet.

    The row names the key before there is a file, so that no file is ever without a row; and the
    key is this owner's own, so that nobody overwrites what another worker published.
    """
    path = archive.close_directory()
    if package.owner is None:
        raise LeaseLost
    key = f"packages/{package.pk}-{package.owner.hex[:16]}.zip"
    package.set_held(key=key)
    storage().put(path, key)


def hand_out(package: Package, check: Check) -> None:
    """Examine the file in the storage; then the package is ready, or held for a person.

    The examination goes on where a killed worker left it.
    """
    with storage().fetch(package.key) as path:
        size, sha256 = path.stat().st_size, _sha256(path, check)
        findings = examine(package, path, check)
    is_held = bool(findings)
    package.let_go(
        state=State.HELD if is_held else State.READY,
        size=size,
        sha256=sha256,
        done_count=F("total_count"),
        done_bytes=F("total_bytes"),
        ended_at=Now(),
        expires_at=Now() + package.kept,
        attempt=0,
        reason=_held_by(len(findings)) if is_held else "",
    )


def _held_by(count: int) -> str:
    found = "1 finding holds" if count == 1 else f"{count:,} findings hold"
    return f"At the door, {found} it: somebody must look before it leaves."


def _sha256(path: Path, check: Check) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(PIECE):
            check()
            digest.update(chunk)
    return digest.hexdigest()
