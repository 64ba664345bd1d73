"""Building a package: arrange, pack, prove, publish; saved as it goes.

A worker builds for a few minutes and then gives the row back, so that a package of any size keeps
below every time limit and does not stand in the way of the transfers that wait behind it.
"""

import hashlib
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Now

from exports.archive import Archive
from exports.errors import NothingToExport, NotSignedOff, SourceChanged
from exports.manifest import add_manifest
from exports.models import KEPT, Package
from exports.nifti import Conversion, convert
from exports.selection import Image, arrange, images_end, read_images, read_studies, still_there
from exports.states import Format, State
from projects.errors import LeaseLost
from projects.storage import storage
from review.currency import refuse_unsigned

SLICE_SECONDS = 240.0
SAVE_SECONDS = 1.0
BATCH = 1000

Check = Callable[[], None]


def scratch_folder(package_id: int) -> Path:
    """Return where a package grows; it outlives the worker that began it."""
    return Path(settings.RDMA_DATA_DIR) / "scratch" / "packages" / str(package_id)


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
        progress = _Progress(package, archive, check)
        package.set_held(
            state=State.BUILDING,
            total_count=_arranged(package, folder),
            done_count=progress.done,
            started_at=Now(),
            started_count=progress.done,
            reason="",
        )
        pack = {Format.DICOM: _pack_dicom, Format.NIFTI: _pack_nifti}[Format(package.format)]
        is_whole = pack(progress, folder)
        progress.save()
        if not is_whole:
            return False
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


class _Progress:
    """How far a package is, when that is saved, and when the row is given back."""

    def __init__(self, package: Package, archive: Archive, check: Check) -> None:
        self.package, self.archive, self.check = package, archive, check
        self.done: int = archive.state.get("done", 0)
        self.position: int = archive.state.get("position", 0)
        self.left_out: int = archive.state.get("left_out", 0)
        self.until = time.monotonic() + SLICE_SECONDS
        self.saved_at = time.monotonic()

    def packed(self, images: int, position: int) -> bool:
        """Note that so many more are done, up to a byte of the list; tell whether to go on."""
        self.check()
        self.done += images
        self.position = position
        if time.monotonic() - self.saved_at >= SAVE_SECONDS:
            self.save()
        return time.monotonic() < self.until

    def save(self) -> None:
        """Save how far the package is: on disk first, then in the row."""
        self.archive.checkpoint(done=self.done, position=self.position, left_out=self.left_out)
        self.package.progressed()
        self.package.set_held(done_count=self.done, left_out_count=self.left_out)
        self.saved_at = time.monotonic()


def _pack_dicom(progress: _Progress, folder: Path) -> bool:
    """Pack image by image; tell whether all are in."""
    for image, position in read_images(folder, progress.position):
        _pack_image(progress.archive, image)
        if not progress.packed(1, position):
            break
    return progress.position == images_end(folder)


def _pack_image(archive: Archive, image: Image) -> None:
    try:
        with storage().fetch(image.key) as path, path.open("rb") as source:
            member = archive.add(image.path, source, is_deflated=image.is_native)
    except FileNotFoundError as error:
        raise SourceChanged("An image that was chosen is not in the storage any more.") from error
    if member.sha256 != image.digest:
        raise SourceChanged("An image in the storage is not the one that was verified.")


def _pack_nifti(progress: _Progress, folder: Path) -> bool:
    """Convert and pack series by series, as many at a time as there are processors."""
    with TemporaryDirectory(dir=folder) as scratch, ThreadPoolExecutor(_processors()) as pool:
        series = _series(folder, progress.position)
        ahead = (
            (pool.submit(convert, images, Path(mkdtemp(dir=scratch))), end)
            for images, end in series
        )
        waiting: deque[tuple[Future[Conversion], int]] = deque(islice(ahead, 2 * _processors()))
        try:
            while waiting:
                future, position = waiting.popleft()
                conversion = future.result()
                _pack_conversion(progress, conversion)
                if not progress.packed(conversion.images, position):
                    break
                waiting.extend(islice(ahead, 1))
        finally:
            pool.shutdown(cancel_futures=True)
    return progress.position == images_end(folder)


def _processors() -> int:
    return os.cpu_count() or 1


def _series(folder: Path, start: int) -> Iterator[tuple[list[Image], int]]:
    """Yield series by series, each with the byte after it in the list."""
    for _, members in groupby(read_images(folder, start), key=lambda one: one[0].folder):
        images, ends = zip(*members, strict=True)
        yield list(images), ends[-1]


def _pack_conversion(progress: _Progress, conversion: Conversion) -> None:
    """Pack what one series became, and clear it away."""
    for name, path in conversion.files.items():
        with path.open("rb") as source:
            progress.archive.add(f"{conversion.folder}/{name}", source, is_deflated=True)
        path.unlink()
    if conversion.reason:
        part = "In part: " if conversion.files else ""
        reason = part + conversion.reason
        progress.archive.leave_out(conversion.folder, conversion.images, reason)
        progress.left_out += 1


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
