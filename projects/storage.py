"""Where files lie: a small port of our own over a folder.

Keys are relative POSIX paths that the program makes itself (`quarantine/3f/3fa9….dcm`); no part of
a key ever comes from a file's content, a sender or a browser. A file appears whole or not at all:
it is written beside, synced and renamed.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

GROWING = ("packages",)
KEY = re.compile(r"[a-z0-9_-]+(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")


class FolderStorage:
    """Files below one folder of this machine, or of a file system that all workers share."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Return where a key lies. Raises ValueError for what the program cannot have made."""
        if not KEY.fullmatch(key) or ".." in key:
            raise ValueError("This is not a storage key.")
        return self.root / key

    def put(self, source: Path, key: str) -> None:
        """Move a finished local file to `key`; an older one is replaced as a whole."""
        target = self.path(key)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError:  # another file system: copy beside, then rename
            beside = target.with_name(f"{target.name}.{os.getpid()}.part")
            shutil.copyfile(source, beside)
            sync(beside)
            beside.replace(target)
            source.unlink()

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        """Give a local path to read from while the block lasts. Raises FileNotFoundError."""
        path = self.path(key)
        if not path.is_file():
            raise FileNotFoundError(f"{key} is not in the storage")
        yield path

    def exists(self, key: str) -> bool:
        """Tell whether there is a file."""
        return self.path(key).is_file()

    def size(self, key: str) -> int:
        """Return the size in bytes."""
        return self.path(key).stat().st_size

    def delete(self, key: str) -> None:
        """Delete a file; one that is gone already is no error."""
        self.path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys of all finished files below a folder, in no order."""
        top = self.root / prefix
        for folder, _, names in os.walk(top):
            for name in names:
                if not name.endswith(".part"):
                    yield Path(folder, name).relative_to(self.root).as_posix()


@lru_cache(maxsize=4)
def _storage_at(root: Path) -> FolderStorage:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FolderStorage(root)


def storage() -> FolderStorage:
    """Return the storage that the settings choose."""
    return _storage_at(Path(settings.RDMA_DATA_DIR) / "files")


def sync(path: Path) -> None:
    """Return when the file's content is safely on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder for this block's own use, on the storage's file system."""
    parent = Path(settings.RDMA_DATA_DIR) / "scratch"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def clear_scratch(older_than: timedelta) -> int:
    """Delete what killed processes left in the scratch folder; return how many entries.

    An entry is as old as the newest thing in it. What grows over several workers has a folder of
    its own (`packages`) and is cleared away by the room that it belongs to.
    """
    parent = Path(settings.RDMA_DATA_DIR) / "scratch"
    before = time.time() - older_than.total_seconds()
    cleared = 0
    for entry in parent.iterdir() if parent.is_dir() else ():
        if entry.name in GROWING or _newest(entry) > before:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
        cleared += 1
    return cleared


def _newest(entry: Path) -> float:
    """Return when anything in an entry was last written; now, if it goes meanwhile."""
    try:
        times = [entry.lstat().st_mtime]
        for folder, _, names in os.walk(entry):
            times.append(Path(folder).lstat().st_mtime)
            times += [Path(folder, name).lstat().st_mtime for name in names]
    except FileNotFoundError:
        return time.time()
    return max(times)
