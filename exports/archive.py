"""A zip file that grows in a folder of its own and goes on where a killed worker left it.

Beside the growing file lies a journal: a line for every member, and from time to time a checkpoint
that says how far both files are safely on disk. Whoever opens the folder again cuts both back to
the last checkpoint and goes on from there; what another edition of the program wrote is nothing to
go on from. Members are streamed; memory does not grow with them. With a seal, what is written is
encrypted already.
"""

import fcntl
import json
import os
from collections import deque
from collections.abc import Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self

from isal import isal_zlib

from exports.arranged import EDITION
from exports.errors import Busy, SourceChanged
from exports.hashing import Hashing, Sum
from exports.sealing import Seal, SealedMember
from exports.zipfiles import (
    DEFLATED,
    STORED,
    Packed,
    Totals,
    directory_end,
    directory_entry,
    local_header,
)

FILES = ("package.zip.part", "journal.jsonl")
CHUNK = 1024 * 1024
ENTRIES = 4096  # of the directory, written at a time
LEVEL = 1  # isal's: nearly as small as zlib's default, at a sixteenth of its time
NOT_VERIFIED = "An image in the storage is not the one that was verified."


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


class Unproved(NamedTuple):
    """A member that is written, and whose sum is still being made."""

    packed: Packed
    sum: Sum
    digest: str | None


class Archive:
    """A package while it is built. Use it in a `with` block: the folder is locked meanwhile.

    `state` is what the last checkpoint was given. Raises Busy if another process has the folder.
    """

    def __init__(
        self, folder: Path, *, seal: Seal | None = None, is_compressed: bool = True
    ) -> None:
        self.path, self.journal_path = (folder / name for name in FILES)
        self.seal, self.is_compressed = seal, is_compressed
        self.state: dict[str, Any] = {}
        self.end = self.count = 0
        self.unproved: deque[Unproved] = deque()

    def __enter__(self) -> Self:
        self.journal = self.journal_path.open("a+b")
        try:
            fcntl.flock(self.journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.journal.close()
            raise Busy from error
        self.zip = self.path.open("r+b" if self.path.exists() else "w+b", buffering=0)
        self.hashing = Hashing()
        self._cut_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.hashing.close()
        if self.seal:
            self.seal.close()
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
                _, edition, *rest = json.loads(line)
                if edition == EDITION and rest[0] <= written:
                    kept = position
                    self.end, self.count, self.state = rest
        self.journal.truncate(kept)
        self.zip.truncate(self.end)

    def start_again(self) -> None:
        """Forget everything that is written."""
        self.state, self.end, self.count = {}, 0, 0
        self.journal.truncate(0)
        self.zip.truncate(0)

    def add(
        self, path: str, source: BufferedReader, *, is_deflated: bool, digest: str | None = None
    ) -> int:
        """Add one open file under a path; return its size.

        `digest` is the sum that it must have. Sums are made meanwhile and known later, at the next
        checkpoint at the latest. Call this from one thread only. Raises SourceChanged if the file
        grows or shrinks, or if this or an earlier one is not what it must be.
        """
        method = DEFLATED if is_deflated and self.is_compressed else STORED
        made = self.hashing.begin()
        try:
            packed = self._write(path, source, method, made)
        finally:
            made.close()
        self.unproved.append(Unproved(packed, made, digest))
        self._prove(is_all=False)
        return packed.size

    def _write(self, path: str, source: BufferedReader, method: int, made: Sum) -> Packed:
        """Write one member behind the others; its header last, because it tells what came."""
        size = os.fstat(source.fileno()).st_size
        sealed = self.seal.member(self.count) if self.seal else None
        member = Packed(path, self.end, size, 0, 0, method, sealed is not None)
        start = position = self.end + len(local_header(member))
        coming = _Coming(source, made, method, sealed)
        for piece in coming:
            position += self._put(piece, position)
        if coming.size != size:
            raise SourceChanged("A file changed while it was packed.")
        member = member._replace(packed_size=position - start, crc=coming.crc)
        self._put(local_header(member), self.end)
        self.end, self.count = position, self.count + 1
        return member

    def _put(self, content: bytes | memoryview, position: int) -> int:
        """Write all of it at a position, and return how much that was."""
        left = memoryview(content)
        while left:
            written = os.pwrite(self.zip.fileno(), left, position)
            left, position = left[written:], position + written
        return len(content)

    def _prove(self, *, is_all: bool) -> None:
        """Note the members whose sums are made, in order; all of them if asked."""
        while self.unproved and (is_all or self.unproved[0].sum.is_made):
            packed, made, digest = self.unproved.popleft()
            sha256 = made.hex()
            if digest is not None and sha256 != digest:
                raise SourceChanged(NOT_VERIFIED)
            self._note("member", *packed, sha256)

    def leave_out(self, folder: str, images: int, reason: str) -> None:
        """Note a series that cannot be in the package."""
        self._note("left_out", folder, images, reason)

    def _note(self, *line: Any) -> None:
        self.journal.write(json.dumps(line).encode() + b"\n")

    def checkpoint(self, **state: Any) -> None:
        """Save how far it is: the zip first, so that the journal never promises too much."""
        self._prove(is_all=True)
        os.fsync(self.zip.fileno())
        self._note("checkpoint", EDITION, self.end, self.count, state)
        self.journal.flush()
        os.fsync(self.journal.fileno())
        self.state = state

    def _lines(self, kind: str) -> Iterator[list[Any]]:
        self._prove(is_all=True)
        self.journal.flush()
        start = f'["{kind}"'.encode()
        with self.journal_path.open("rb") as journal:
            for line in journal:
                if line.startswith(start):
                    yield json.loads(line)[1:]

    def members(self) -> Iterator[Member]:
        """Yield what is in it so far, in order."""
        for path, _, size, *_, sha256 in self._lines("member"):
            yield Member(path, size, sha256)

    def left_out(self) -> Iterator[LeftOut]:
        """Yield what could not be in it, in order."""
        for line in self._lines("left_out"):
            yield LeftOut(*line)

    def close_directory(self) -> Path:
        """Write the directory at the end; return the finished file, which is safely on disk."""
        start = position = self.end
        entries = self._entries()
        while content := b"".join(islice(entries, ENTRIES)):
            self._put(content, position)
            position += len(content)
        self._put(directory_end(Totals(self.count, start, position - start)), position)
        os.fsync(self.zip.fileno())
        return self.path

    def _entries(self) -> Iterator[bytes]:
        for line in self._lines("member"):
            yield directory_entry(Packed(*line[:-1]))


class _Coming:
    """The bytes of a member as they are written, while its sums are made."""

    def __init__(
        self, source: BufferedReader, made: Sum, method: int, sealed: SealedMember | None
    ) -> None:
        self.source, self.made, self.sealed = source, made, sealed
        self.squeeze = (
            isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15) if method == DEFLATED else None
        )
        self.crc = self.size = 0

    def __iter__(self) -> Iterator[bytes | memoryview]:
        sealed = self.sealed
        if sealed:
            yield sealed.head
        for piece in self._packed():
            yield sealed.update(piece) if sealed else piece
        if sealed:
            yield sealed.tail()

    def _packed(self) -> Iterator[bytes | memoryview]:
        """Yield what is to be written; a piece holds until the next one is asked for."""
        while chunk := self._read():
            yield self.squeeze.compress(chunk) if self.squeeze else chunk
        if self.squeeze:
            yield self.squeeze.flush()

    def _read(self) -> memoryview:
        """Return the next bytes of the source, which the sum is made of meanwhile.

        They hold until this is called again: nobody else fills a buffer.
        """
        buffer = self.made.buffer()
        size = 0
        try:
            size = self.source.readinto(buffer)
        finally:
            self.made.update(buffer, size)
        chunk = memoryview(buffer)[:size]
        self.size += size
        self.crc = isal_zlib.crc32(chunk, self.crc)
        return chunk
