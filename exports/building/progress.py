"""What a format is handed to build a package with: the images, the archive, and how far it is.

A format takes image after image (or series after series), adds what it makes of them to the
archive, and says after each how far it came. The answer tells it whether to go on: a worker gives
the row back after a few minutes, so that a package of any size keeps below every time limit and
does not stand in the way of what waits behind it. The next worker goes on at `position`.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from exports.archive import CHUNK, Archive, Member
from exports.errors import SourceChanged
from exports.models import Package
from exports.selection import Image, images_end, read_images
from projects.storage import storage

SLICE_SECONDS = 240.0
SAVE_SECONDS = 1.0

Check = Callable[[], None]


class Progress:
    """How far a package is, when that is saved, and when the row is given back.

    `check` raises LeaseLost when the row is not ours any more; whoever works for long without
    calling `packed` calls it now and then.
    """

    def __init__(self, package: Package, archive: Archive, folder: Path, check: Check) -> None:
        self.package, self.archive, self.folder, self.check = package, archive, folder, check
        self.done: int = archive.state.get("done", 0)
        self.position: int = archive.state.get("position", 0)
        self.left_out: int = archive.state.get("left_out", 0)
        self.until = time.monotonic() + SLICE_SECONDS
        self.saved_at = time.monotonic()

    @property
    def is_whole(self) -> bool:
        """Whether every image of the list is done."""
        return self.position == images_end(self.folder)

    def images(self) -> Iterator[tuple[Image, int]]:
        """Yield the images that are still to be done, each with its position for `packed`."""
        return read_images(self.folder, self.position)

    def series(self) -> Iterator[tuple[list[Image], int]]:
        """Yield what is still to be done folder by folder, each with its position for `packed`."""
        for _, members in groupby(self.images(), key=lambda one: one[0].folder):
            images, ends = zip(*members, strict=True)
            yield list(images), ends[-1]

    @contextmanager
    def open(self, image: Image) -> Iterator[Path]:
        """Give the file of an image as it may leave; read it inside the block only.

        May be called from several threads. Raises SourceChanged if the image is gone from the
        storage or is not what was verified.
        """
        with self._fetched(image) as path:
            if _sha256(path) != image.digest:
                raise SourceChanged("An image in the storage is not the one that was verified.")
            yield path

    def add_image(self, image: Image, path: str = "") -> Member:
        """Add the file of an image as it may leave, under its own path or another one.

        What is packed as it lies in the storage is proved while it is packed: it is read once.
        """
        with self._fetched(image) as source, source.open("rb") as file:
            member = self.archive.add(path or image.path, file, is_deflated=image.is_native)
        if member.sha256 != image.digest:
            raise SourceChanged("An image in the storage is not the one that was verified.")
        return member

    def add_file(self, path: str, source: Path) -> Member:
        """Add a file that was made for the package."""
        with source.open("rb") as file:
            return self.archive.add(path, file, is_deflated=True)

    def leave_out(self, folder: str, images: int, reason: str) -> None:
        """Note a series (or a part of one) that is not in the package, and why, in a sentence."""
        self.archive.leave_out(folder, images, reason)
        self.left_out += 1

    def packed(self, images: int, position: int, byte_count: int = 0) -> bool:
        """Note that so many more are done, up to a position; tell whether to go on."""
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

    @contextmanager
    def _fetched(self, image: Image) -> Iterator[Path]:
        try:
            with storage().fetch(image.key) as path:
                yield path
        except FileNotFoundError as error:
            raise SourceChanged(
                "An image that was chosen is not in the storage any more."
            ) from error


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
