"""What each kind of destination is handed: the file, the row, and how far it came."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from exports.models import Delivery, Package, PackageDestination

CHUNK = 1024 * 1024
SAVE_SECONDS = 1.0
TURN_SECONDS = 1200.0


class NotYet(Exception):
    """This worker has sent for long enough; the next one goes on where the destination stands."""


class Shipment:
    """A package's file on its way to one destination.

    `check` raises LeaseLost when the row is not ours any more; whoever works for long without
    calling `came_to` calls it now and then.
    """

    def __init__(self, delivery: Delivery, path: Path, check: Callable[[], None]) -> None:
        self.delivery, self.path, self.check = delivery, path, check
        self.until = time.monotonic() + TURN_SECONDS
        self.saved_at = time.monotonic()

    @property
    def package(self) -> Package:
        """What is sent."""
        return self.delivery.package

    @property
    def destination(self) -> PackageDestination:
        """Where it goes."""
        return self.delivery.destination

    def pieces(self, start: int = 0, length: int = CHUNK) -> Iterator[bytes]:
        """Yield the file's bytes from `start` on, in pieces of `length`."""
        with self.path.open("rb") as file:
            file.seek(start)
            while piece := file.read(length):
                yield piece

    def came_to(self, done_bytes: int, **columns: Any) -> None:
        """Note how many bytes the destination has. Raises NotYet when it is another's turn."""
        self.check()
        now = time.monotonic()
        if columns or now - self.saved_at >= SAVE_SECONDS or done_bytes >= self.package.size:
            self.delivery.progressed()
            self.delivery.set_held(done_bytes=min(done_bytes, self.package.size), **columns)
            self.saved_at = now
        if now > self.until and done_bytes < self.package.size:
            raise NotYet

    def is_same(self, pieces: Iterator[bytes]) -> bool:
        """Tell whether what was read back from the destination is the package."""
        digest = hashlib.sha256()
        for piece in pieces:
            self.check()
            digest.update(piece)
        return digest.hexdigest() == self.package.sha256
