"""One worker's turn at a package: arrange, pack, finish, prove, publish; saved as it goes."""

import shutil
from pathlib import Path

from django.db.models.functions import Now

from exports.archive import Archive
from exports.arranged import is_arranged
from exports.attaching import attach
from exports.building.manifest import add_manifest
from exports.building.progress import Check, Progress
from exports.building.proving import prove, refuse_unsigned
from exports.building.publishing import hand_out, publish
from exports.building.scratch import clear_leftovers, scratch_folder
from exports.choosing import arrange
from exports.errors import NothingToExport
from exports.formats import FORMATS
from exports.models import Package
from exports.passwords import seal_of
from exports.room import wait_for_room
from exports.states import State
from exports.transforming import Transformer
from projects.storage import storage

NOTHING = "None of the chosen participants has an image that may leave."
PACKED, FINISHED, ATTACHED = "packed", "finished", "attached"


def build(package: Package, check: Check) -> bool:
    """Build a claimed package for a while; tell whether it is whole: ready, or held at the door.

    `check` raises LeaseLost when the row is not ours any more. Raises ExportError if the package
    cannot be built, Busy if another process still has its folder.
    """
    refuse_unsigned(package)
    if package.key and storage().exists(package.key):
        hand_out(package, check)  # the worker before was stopped behind its last checkpoint
        return True
    folder = scratch_folder(package.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_compressed = package.spec.compression != "none"
    with Archive(folder, seal=seal_of(package), is_compressed=is_compressed) as archive:
        is_new = package.is_untied or not is_arranged(folder)
        if is_new:
            archive.start_again()
        clear_leftovers(folder, is_all=is_new)
        progress = _begun(package, archive, folder, check)
        if not _make(progress):
            return False
        prove(progress)
        package.set_held(contents=add_manifest(progress))
        publish(package, archive)
    hand_out(package, check)
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _begun(package: Package, archive: Archive, folder: Path, check: Check) -> Progress:
    """Return how far the package is; the first worker decides the images' places.

    Room is asked for when it is known what goes in. A package that waits for it before anything is
    packed is not being built yet, so that smaller ones may overtake it.
    """
    transformer = Transformer(package)
    if not is_arranged(folder):
        arrange(package, folder, transformer)
    progress = Progress(package, archive, folder, check, transformer)
    studies = progress.studies()
    total = sum(study["images"] for study in studies)
    if not total:
        raise NothingToExport(NOTHING)
    package.set_held(
        total_count=total,
        total_bytes=sum(study["bytes"] for study in studies),
        done_count=progress.done,
        done_bytes=progress.done_bytes,
    )
    wait_for_room(package)
    if package.state == State.WAITING:
        package.set_held(attempt=1)  # waiting for room was no attempt at it
    package.set_held(
        state=State.BUILDING,
        started_at=Now(),
        started_count=progress.done,
        started_bytes=progress.done_bytes,
        reason="",
    )
    return progress


def _make(progress: Progress) -> bool:
    """Pack what is still to be packed, and what comes behind it; tell whether all of it is in."""
    made_as = FORMATS[progress.package.format]
    if not progress.stage:
        if made_as.pack(progress):
            progress.stage = PACKED
        progress.save()
    if progress.stage == PACKED:
        if hasattr(made_as, "finish"):
            made_as.finish(progress)
        progress.stage = FINISHED
        progress.save()
    if progress.stage == FINISHED:
        if attach(progress):
            progress.stage = ATTACHED
        progress.save()
    return progress.stage == ATTACHED
