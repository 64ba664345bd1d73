"""What a format is handed to build a package with: the images, the archive, and how far it is.

A format takes image after image (or series after series), adds what it makes of them to the
archive, and says after each how far it came. The answer tells it whether to go on: a worker gives
the row back after a few minutes, so that a package of any size keeps below every time limit and
does not stand in the way of what waits behind it. The next worker goes on at `position`.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from exports.archive import CHUNK, NOT_VERIFIED, Archive
from exports.arranged import Image, Series, images_end, read_images, read_series
from exports.choosing import read_studies
from exports.errors import SourceChanged
from exports.models import Package
from exports.transforming import Transformer
from projects.storage import storage

GONE = "An image that was chosen is not in the storage any more."
SLICE_SECONDS = 240.0
SAY_SECONDS = 1.0  # between two changes of the row
SAVE_SECONDS = 1.0  # between two checkpoints, at least: a killed worker's successor does it again
SAVE_SHARE = 5  # at most one part in so many of the time goes into waiting for the disk

Check = Callable[[], None]
Name = str | Callable[[Path], str]


class Progress:
    """How far a package is, when that is saved, and when the row is given back.

    `check` raises LeaseLost when the row is not ours any more; whoever works for long without
    calling `packed` calls it now and then. A package whose ties are cut is built in one go: what
    its identifiers became is known to this worker alone.
    """

    def __init__(
        self,
        package: Package,
        archive: Archive,
        folder: Path,
        check: Check,
        transformer: Transformer,
    ) -> None:
        self.package, self.archive, self.folder, self.check = package, archive, folder, check
        self.specification = package.spec
        self.transformer = transformer
        self.done: int = archive.state.get("done", 0)
        self.done_bytes: int = archive.state.get("done_bytes", 0)
        self.position: int = archive.state.get("position", 0)
        self.left_out: int = archive.state.get("left_out", 0)
        self.stage: str = archive.state.get("stage", "")
        self.said_at = time.monotonic()
        self.save_at = self.said_at + SAVE_SECONDS
        self.until = self.said_at + (math.inf if package.is_untied else SLICE_SECONDS)

    @property
    def is_whole(self) -> bool:
        """Whether every image of the list is done."""
        return self.position == images_end(self.folder)

    def images(self, start: int | None = None) -> Iterator[tuple[Image, int]]:
        """Yield the images that are still to be done, each with its position for `packed`.

        With `start` those behind another position; 0 stands for all.
        """
        start = self.position if start is None else start
        return read_images(self.folder, start, self.transformer.unseal)

    def studies(self) -> list[dict[str, Any]]:
        """Return what the choice wrote down of every study."""
        return list(read_studies(self.folder, self.transformer.unseal))

    def all_series(self) -> Iterator[Series]:
        """Yield what the choice wrote down of every series, as it goes out."""
        return read_series(self.folder, self.transformer.unseal)

    def series(self) -> Iterator[tuple[list[Image], int]]:
        """Yield what is still to be done folder by folder, each with its position for `packed`."""
        for _, members in groupby(self.images(), key=lambda one: one[0].folder):
            images, ends = zip(*members, strict=True)
            yield list(images), ends[-1]

    @contextmanager
    def open(self, image: Image) -> Iterator[Path]:
        """Give the file of an image as it may leave; read it inside the block only.

        May be called from several threads. Raises SourceChanged if the image is gone from the
        storage or is not what was verified, and ExportError if it cannot be changed as asked.
        """
        with _fetched(image) as path:
            if _sha256(path) != image.digest:
                raise SourceChanged(NOT_VERIFIED)
            with self._changed(path, image) as changed:
                yield changed

    def add_image(self, image: Image, path: Name = "") -> int:
        """Add the file of an image as it may leave, under its own path or another; return its size.

        The path may be a function of the file as it may leave. What is packed as it lies in the
        storage is proved while it is packed, so that it is read once.
        """
        if self.transformer.changes_anything:
            with self.open(image) as file:
                return self._add(image, path, file, digest=None)
        with _fetched(image) as file:
            return self._add(image, path, file, digest=image.digest)

    def _add(self, image: Image, path: Name, file: Path, *, digest: str | None) -> int:
        name = path(file) if callable(path) else path or image.path
        with file.open("rb") as source:
            return self.archive.add(name, source, is_deflated=image.is_native, digest=digest)

    def add_file(self, path: str, source: Path, *, is_deflated: bool = True) -> int:
        """Add a file that was made for the package; return its size."""
        with source.open("rb") as file:
            return self.archive.add(path, file, is_deflated=is_deflated)

    def leave_out(self, folder: str, images: int, reason: str) -> None:
        """Note a series (or a part of one) that is not in the package, and why, in a sentence."""
        self.archive.leave_out(folder, images, reason)
        self.left_out += 1

    def packed(self, images: int, position: int, byte_count: int = 0) -> bool:
        """Note that so many more are done, up to a position; tell whether to go on.

        `byte_count` is what the images have in the storage.
        """
        self.check()
        self.done += images
        self.done_bytes += byte_count
        self.position = position
        now = time.monotonic()
        if now >= self.save_at:
            self.save()
        elif now - self.said_at >= SAY_SECONDS:
            self._say()
        return now < self.until

    def save(self) -> None:
        """Save how far the package is: on disk first, then in the row.

        Of a package whose ties are cut nothing saved is taken up again: its attempts count on.
        """
        began = time.monotonic()
        self.archive.checkpoint(
            done=self.done,
            done_bytes=self.done_bytes,
            position=self.position,
            left_out=self.left_out,
            stage=self.stage,
        )
        if not self.package.is_untied:
            self.package.progressed()
        self._say()
        took = time.monotonic() - began
        self.save_at = time.monotonic() + max(SAVE_SECONDS, (SAVE_SHARE - 1) * took)

    def _say(self) -> None:
        """Tell the row how far it is, as far as it is known to lie on disk or a little further."""
        self.package.set_held(
            done_count=self.done, done_bytes=self.done_bytes, left_out_count=self.left_out
        )
        self.said_at = time.monotonic()

    @contextmanager
    def _changed(self, path: Path, image: Image) -> Iterator[Path]:
        """Give the image as the specification changes it, or as it is if nothing changes."""
        if not self.transformer.changes_anything:
            yield path
            return
        with TemporaryDirectory(dir=self.folder) as scratch:
            target = Path(scratch) / "changed.dcm"
            yield target if self.transformer.apply(path, target, image) else path


@contextmanager
def _fetched(image: Image) -> Iterator[Path]:
    with ExitStack() as fetched:
        try:
            path = fetched.enter_context(storage().fetch(image.key))
        except FileNotFoundError as error:
            raise SourceChanged(GONE) from error
        yield path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
