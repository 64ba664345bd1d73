"""One worker's turn at a package: arrange, pack, prove, publish; saved as it goes."""

import hashlib
import shutil
from itertools import islice
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Now

from exports.archive import Archive
from exports.building.manifest import add_manifest
from exports.building.progress import Check, Progress
from exports.building.scratch import scratch_folder
from exports.errors import NothingToExport, NotSignedOff, SourceChanged
from exports.formats import FORMATS
from exports.models import KEPT, Package
from exports.choosing import arrange, read_images, read_studies, still_there
from exports.states import State
from projects.errors import LeaseLost
from projects.storage import storage
from review.currency import refuse_unsigned

BATCH = 1000


def build(package: Package, check: Check) -> bool:
    """Build a claimed package for a while; tell whether it is ready.

    `check` raises LeaseLost when the row is not ours any more. Raises ExportError if the package
    cannot be built, Busy if another process still has its folder.
    """
    _refuse_unsigned(package)
    if package.key and storage().exists(package.key):
        _ready(package, check)  # the worker before was stopped between its last two steps
        return True
    folder = scratch_folder(package.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Archive(folder) as archive:
        progress = Progress(package, archive, folder, check)
        package.set_held(
            state=State.BUILDING,
            total_count=_arranged(package, folder),
            done_count=progress.done,
            started_at=Now(),
            started_count=progress.done,
            reason="",
        )
        made_as = FORMATS[package.format]
        is_whole = made_as.pack(progress)
        progress.save()
        if not is_whole:
            return False
        if hasattr(made_as, "finish"):
            made_as.finish(progress)
        _prove(package, folder, check)
        _publish(package, archive, folder)
    _ready(package, check)
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _arranged(package: Package, folder: Path) -> int:
    """Return how many images there are to pack; the first worker decides their places."""
    if not (folder / "images.jsonl").exists():
        arrange(package, folder)
    total = sum(study["images"] for study in read_studies(folder))
    if not total:
        raise NothingToExport("None of the chosen participants has an image that may leave.")
    return total


def _prove(package: Package, folder: Path, check: Check) -> None:
    """Make sure that everything that was packed may still leave."""
    _refuse_unsigned(package)
    images = (image.outcome for image, _ in read_images(folder))
    while batch := list(islice(images, BATCH)):
        check()
        if not still_there(package.project, batch):
            raise SourceChanged(
                "While the package was built, an image in it was taken back. Ask for it again."
            )


def _refuse_unsigned(package: Package) -> None:
    """Raise NotSignedOff if the project demands a sign-off and none is current any more."""
    package.project.refresh_from_db(fields=["sign_off_for_exports", "two_person_review"])
    try:
        refuse_unsigned(package.project)
    except ValidationError as error:
        raise NotSignedOff(" ".join(error.messages)) from error


def _publish(package: Package, archive: Archive, folder: Path) -> None:
    """Finish the file and put it into the storage.

    The row names the key before there is a file, so that no file is ever without a row; and the
    key is this owner's own, so that nobody overwrites what another worker published.
    """
    add_manifest(archive, package, folder)
    path = archive.close_directory()
    if package.owner is None:
        raise LeaseLost
    key = f"packages/{package.pk}-{package.owner.hex[:16]}.zip"
    package.set_held(key=key)
    storage().put(path, key)


def _ready(package: Package, check: Check) -> None:
    """Say that the file in the storage is the package."""
    with storage().fetch(package.key) as path:
        size, sha256 = path.stat().st_size, _sha256(path, check)
    package.let_go(
        state=State.READY,
        size=size,
        sha256=sha256,
        done_count=F("total_count"),
        ended_at=Now(),
        expires_at=Now() + KEPT,
        attempt=0,
        reason="",
    )


def _sha256(path: Path, check: Check) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(8 * 1024 * 1024):
            check()
            digest.update(chunk)
    return digest.hexdigest()
