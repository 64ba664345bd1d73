"""A zip file that grows in a folder of its own and goes on where a killed worker left it.

Beside the growing file lies a journal: a line for every member, and from time to time a checkpoint
that says how far both files are safely on disk. Whoever opens the folder again cuts both back to
the last checkpoint and goes on from there. Members are streamed; memory does not grow with them.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from isal import isal_zlib

from exports.errors import Busy, SourceChanged
from exports.zipfiles import (
    DEFLATED,
    STORED,
    Packed,
    Totals,
    directory_end,
    directory_entry,
    local_header,
)

CHUNK = 1024 * 1024
LEVEL = 1  # isal's: nearly as small as zlib's default, at a sixteenth of its time


class Member(NamedTuple):
    """What the manifest says of a member."""

    path: str
    size: int
    sha256: str


class LeftOut(NamedTuple):
    """A series that is not in the package, and why."""

    folder: str
    images: int
    reason: str


class Archive:
    """A package while it is built. Use it in a `with` block: the folder is locked meanwhile.

    `state` is what the last checkpoint was given. Raises Busy if another process has the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "package.zip.part"
        self.journal_path = folder / "journal.jsonl"
        self.state: dict[str, Any] = {}
        self.end = 0

    def __enter__(self) -> Self:
        self.journal = self.journal_path.open("a+b")
        try:
            fcntl.flock(self.journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.journal.close()
            raise Busy from error
        self.zip = self.path.open("r+b" if self.path.exists() else "w+b")
        self._cut_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.zip.close()
        self.journal.close()  # and with it the lock

    def _cut_back(self) -> None:
        """Forget what follows the last checkpoint, in both files."""
        position = kept = 0
        written = os.fstat(self.zip.fileno()).st_size
        self.journal.seek(0)
        for line in self.journal:
            position += len(line)
            if line.startswith(b'["checkpoint"') and line.endswith(b"\n"):
                _, end, state = json.loads(line)
                if end <= written:
                    kept, self.end, self.state = position, end, state
        self.journal.truncate(kept)
        self.zip.truncate(self.end)
        self.zip.seek(self.end)

    def add(self, path: str, source: BinaryIO, *, is_deflated: bool) -> Member:
        """Add one open file under a path. Raises SourceChanged if it grows or shrinks meanwhile."""
        method = DEFLATED if is_deflated else STORED
        size = os.fstat(source.fileno()).st_size
        offset = self.end
        header = local_header(Packed(path, offset, size, 0, 0, method))
        self.zip.write(header)
        sha256, crc, read, packed = hashlib.sha256(), 0, 0, 0
        squeeze = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15) if is_deflated else None
        while chunk := source.read(CHUNK):
            read += len(chunk)
            sha256.update(chunk)
            crc = isal_zlib.crc32(chunk, crc)
            packed += self.zip.write(squeeze.compress(chunk) if squeeze else chunk)
        if squeeze:
            packed += self.zip.write(squeeze.flush())
        if read != size:
            raise SourceChanged("A file changed while it was packed.")
        member = Packed(path, offset, size, packed, crc, method)
        self.end = offset + len(header) + packed
        self.zip.seek(offset)
        self.zip.write(local_header(member))
        self.zip.seek(self.end)
        self._note("member", *member, sha256.hexdigest())
        return Member(path, size, sha256.hexdigest())

    def leave_out(self, folder: str, images: int, reason: str) -> None:
        """Note a series that cannot be in the package."""
        self._note("left_out", folder, images, reason)

    def _note(self, *line: Any) -> None:
        self.journal.write(json.dumps(line).encode() + b"\n")

    def checkpoint(self, **state: Any) -> None:
        """Save how far it is: the zip first, so that the journal never promises too much."""
        self.zip.flush()
        os.fsync(self.zip.fileno())
        self._note("checkpoint", self.end, state)
        self.journal.flush()
        os.fsync(self.journal.fileno())
        self.state = state

    def _lines(self, kind: str) -> Iterator[list[Any]]:
        self.journal.flush()
        start = f'["{kind}"'.encode()
        with self.journal_path.open("rb") as journal:
            for line in journal:
                if line.startswith(start):
                    yield json.loads(line)[1:]

    def members(self) -> Iterator[Member]:
        """Yield what is in it so far, in order."""
        for path, _, size, _, _, _, sha256 in self._lines("member"):
            yield Member(path, size, sha256)

    def left_out(self) -> Iterator[LeftOut]:
        """Yield what could not be in it, in order."""
        for line in self._lines("left_out"):
            yield LeftOut(*line)

    def close_directory(self) -> Path:
        """Write the directory at the end; return the finished file, which is safely on disk."""
        start, count = self.end, 0
        for line in self._lines("member"):
            self.end += self.zip.write(directory_entry(Packed(*line[:6])))
            count += 1
        self.end += self.zip.write(directory_end(Totals(count, start, self.end - start)))
        self.zip.flush()
        os.fsync(self.zip.fileno())
        return self.path
