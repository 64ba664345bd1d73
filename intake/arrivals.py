"""Batches of files on their way in: one folder of `incoming/` for each, shared by all doors.

A file is written beside, synced and renamed, and only then answered for. It stays in its batch
until the catalogue has committed what becomes of it, so that a kill at any moment loses nothing:
whoever finds a batch that nobody holds goes on with it. A lock on the batch's `origin.json`, which
the kernel drops with the process, says who holds it.

No part of a path comes from a sender: names are drawn here, and the name that something had on its
way is noted in `names.jsonl`.
"""

import ctypes
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from projects.storage import storage

ORIGIN = "origin.json"
NAMES = "names.jsonl"
FILE = ".dcm"
ARCHIVE = ".zip"
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Origin:
    """Through which door (intake.models.Door) something came, and who brought it."""

    door: str
    calling_ae_title: str = ""
    called_ae_title: str = ""
    peer_address: str | None = None
    user_id: int | None = None


@dataclass(eq=False)
class Batch:
    """One folder of `incoming/`. The instance that made it, or locked it, holds it."""

    folder: Path
    origin: Origin
    _lock: IO[str] | None = None
    _noting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def token(self) -> UUID:
        """What names the batch, also in the database (Arrival.token)."""
        return UUID(self.folder.name)

    @classmethod
    def create(cls, origin: Origin, token: UUID | None = None) -> "Batch":
        """Make an empty batch and hold it. It appears under its name only once it is held."""
        token = token or uuid4()
        parent = incoming()
        hidden = parent / f".{token.hex}"
        hidden.mkdir(mode=0o700)
        lock = (hidden / ORIGIN).open("w+")
        batch = cls(parent / token.hex, origin, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            json.dump(asdict(origin), lock)
            lock.flush()
            os.fsync(lock.fileno())
            hidden.rename(batch.folder)
            _sync_folder(parent)
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            batch.remove()
            raise
        return batch

    @classmethod
    def at(cls, token: UUID) -> "Batch":
        """Return a batch that is there. Raises FileNotFoundError."""
        folder = incoming() / token.hex
        origin = Origin(**json.loads((folder / ORIGIN).read_text()))
        return cls(folder, origin)

    def hold(self) -> bool:
        """Hold the batch; False if somebody else does, or it is finished."""
        try:
            lock = (self.folder / ORIGIN).open("r+")
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        if not self.folder.exists():  # finished between opening and locking
            lock.close()
            return False
        self._lock = lock
        return True

    def let_go(self) -> None:
        """Stop holding the batch; somebody else may go on with it."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def add(self, content: Iterable[bytes], *, name: str = "", suffix: str = FILE) -> Path:
        """Write one file; when this returns, it is safely on disk under its final name.

        `name` is what it was called on its way. Raises OSError, as when the disk is full; then
        nothing is left of the file.
        """
        path = self.write(content, name=name, suffix=suffix)
        _sync_folder(self.folder)
        return path

    def write(
        self,
        content: Iterable[bytes],
        *,
        name: str = "",
        stem: str = "",
        suffix: str = FILE,
        is_synced: bool = True,
    ) -> Path:
        """Write one file whose name may get lost in a power cut until `sync` was called."""
        stem = stem or uuid4().hex
        path = self.folder / f"{stem}{suffix}"
        part = path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                for piece in content:
                    file.write(piece)
                if is_synced:
                    file.flush()
                    os.fsync(file.fileno())
            if name:
                self._note(stem, name)
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return path

    def sync(self) -> None:
        """Return when everything written so far is safely on disk: one call for many files."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            if _libc.syncfs(descriptor) != 0:
                raise OSError(ctypes.get_errno(), "The file system could not be synced.")
        finally:
            os.close(descriptor)

    def waiting(self) -> list[Path]:
        """Return the finished files that are not settled yet, oldest name first."""
        return self._finished(FILE)

    def archives(self) -> list[Path]:
        """Return the finished archives that are not unpacked yet."""
        return self._finished(ARCHIVE)

    def names(self) -> dict[str, str]:
        """Return what the files were called on their way, by the names that they have here."""
        try:
            lines = (self.folder / NAMES).read_text().splitlines()
        except FileNotFoundError:
            return {}
        found = {}
        for line in lines:
            try:
                stem, name = json.loads(line)
            except ValueError:
                continue  # the last line of a process that was killed while it wrote
            found[stem] = name
        return found

    def remove(self) -> None:
        """Remove the folder with what was never finished in it, and stop holding it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.let_go()

    def _finished(self, suffix: str) -> list[Path]:
        try:
            with os.scandir(self.folder) as entries:
                found = [Path(entry.path) for entry in entries if entry.name.endswith(suffix)]
        except FileNotFoundError:
            return []
        return sorted(found)

    def _note(self, stem: str, name: str) -> None:
        line = json.dumps([stem, name]) + "\n"
        with self._noting, (self.folder / NAMES).open("a") as file:
            file.write(line)


def incoming() -> Path:
    """Return the folder of all batches."""
    folder = storage().root / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def batches() -> Iterator[Batch]:
    """Yield every batch there is, held or not."""
    for folder in sorted(incoming().iterdir()):
        if folder.name.startswith("."):
            continue
        try:
            yield Batch.at(UUID(folder.name))
        except (FileNotFoundError, ValueError):
            continue


@contextmanager
def new_batch(origin: Origin) -> Iterator[Batch]:
    """Hold a new batch while the block lasts; what is in it stays for whoever comes next."""
    batch = Batch.create(origin)
    try:
        yield batch
    finally:
        batch.let_go()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
