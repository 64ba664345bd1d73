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
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self

from exports.arranged import EDITION
from exports.errors import Busy, SourceChanged
from exports.hashing import Hashing, Summed
from exports.sealing import Seal
from exports.squeezing import SMALL, Squeezed, Stream, squeeze
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
AHEAD = 256  # members whose sums may still be in the making
SIDE_BY_SIDE = 6  # small members that are being squeezed, or wait to be written
WRITE_OUT = 32 * 1024 * 1024  # bytes that may lie in memory before the disk begins with them
NOT_VERIFIED = "An image in the storage is not the one that was verified."
CHANGED = "A file changed while it was packed."


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
    """A member that is written but for its header, and whose sums are still being made."""

    packed: Packed
    sums: Future[Summed]
    digest: str | None


class Coming(NamedTuple):
    """A small member that is being squeezed; where it will stand is not known yet."""

    packed: Packed
    squeezed: Future[Squeezed]
    digest: str | None


Writing = Callable[[BufferedReader, int, Packed], tuple[int, Future[Summed]]]


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
        self.end = self.count = self.written_out = 0
        self.coming: deque[Coming] = deque()
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
        self.written_out = self.end

    def start_again(self) -> None:
        """Forget everything that is written."""
        self.state, self.end, self.count, self.written_out = {}, 0, 0, 0
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
        size = os.fstat(source.fileno()).st_size
        method = DEFLATED if is_deflated and self.is_compressed else STORED
        packed = Packed(path, 0, size, size, 0, method, self.seal is not None)
        if method == STORED and not self.seal:
            self._place(packed, digest, self._copy, source)
        elif size > SMALL:
            self._place(packed, digest, self._stream, source)
        else:
            self._squeeze(packed, digest, source)
        self.count += 1
        self._prove(is_all=False)
        self._write_out()
        return size

    def _squeeze(self, packed: Packed, digest: str | None, source: BufferedReader) -> None:
        """Let another processor squeeze a small member; it is written when those before it are."""
        content = source.read(packed.size + 1)
        if len(content) != packed.size:
            raise SourceChanged(CHANGED)
        sealed = self.seal.member(self.count) if self.seal else None
        future = self.hashing.pool.submit(squeeze, content, packed.method, sealed)
        self.coming.append(Coming(packed, future, digest))

    def _settle(self, *, is_all: bool) -> None:
        """Write the small members that are squeezed, in order; all of them if asked."""
        while self.coming and (
            is_all or len(self.coming) > SIDE_BY_SIDE or self.coming[0].squeezed.done()
        ):
            packed, future, digest = self.coming.popleft()
            squeezed = future.result()
            packed = packed._replace(offset=self.end, packed_size=squeezed.size)
            position = self.end + len(local_header(packed))
            for piece in squeezed.pieces:
                position += self._put(piece, position)
            self.end = position
            sums: Future[Summed] = Future()
            sums.set_result(squeezed.sums)
            self.unproved.append(Unproved(packed, sums, digest))

    def _place(
        self, packed: Packed, digest: str | None, write: Writing, source: BufferedReader
    ) -> None:
        """Write a member behind all others; its sums are known later."""
        self._settle(is_all=True)
        packed = packed._replace(offset=self.end)
        start = self.end + len(local_header(packed))
        end, sums = write(source, start, packed)
        self.unproved.append(Unproved(packed._replace(packed_size=end - start), sums, digest))
        self.end = end

    def _copy(
        self, source: BufferedReader, start: int, packed: Packed
    ) -> tuple[int, Future[Summed]]:
        """Let the system copy a file to a position; its sums are made of what arrived there."""
        self.zip.seek(start)
        position, size = 0, packed.size
        while position < size:
            count = os.sendfile(self.zip.fileno(), source.fileno(), position, size - position)
            if not count:
                raise SourceChanged(CHANGED)
            position += count
        if os.fstat(source.fileno()).st_size != size:
            raise SourceChanged(CHANGED)
        return start + size, self.hashing.written(self.zip.fileno(), start, size)

    def _stream(
        self, source: BufferedReader, start: int, packed: Packed
    ) -> tuple[int, Future[Summed]]:
        """Write a large file to a position, compressed or sealed or both."""
        sealed = self.seal.member(self.count) if self.seal else None
        made, end = self.hashing.begin(), start
        try:
            stream = Stream(source, made, packed.method, sealed)
            for piece in stream:
                end += self._put(piece, end)
        finally:
            made.close()
        if stream.size != packed.size:
            raise SourceChanged(CHANGED)
        return end, made.future

    def _put(self, content: bytes | memoryview, position: int) -> int:
        """Write all of it at a position, and return how much that was."""
        left = memoryview(content)
        while left:
            written = os.pwrite(self.zip.fileno(), left, position)
            left, position = left[written:], position + written
        return len(content)

    def _write_out(self) -> None:
        """Let the disk begin with what is written, so that checkpoints wait for little of it.

        Asked to forget pages that are still to be written, Linux begins to write them and keeps
        them; none is asked about twice, so all stay for whoever reads the package next.
        """
        if self.end - self.written_out >= WRITE_OUT:
            length = self.end - self.written_out
            os.posix_fadvise(self.zip.fileno(), self.written_out, length, os.POSIX_FADV_DONTNEED)
            self.written_out = self.end

    def _prove(self, *, is_all: bool) -> None:
        """Finish and note the members whose sums are made, in order; all of them if asked."""
        self._settle(is_all=is_all)
        while self.unproved and (
            is_all or len(self.unproved) > AHEAD or self.unproved[0].sums.done()
        ):
            packed, made, digest = self.unproved.popleft()
            sums = made.result()
            if digest is not None and sums.sha256 != digest:
                raise SourceChanged(NOT_VERIFIED)
            packed = packed._replace(crc=sums.crc)
            self._put(local_header(packed), packed.offset)
            self._note("member", *packed, sums.sha256)

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
        self._prove(is_all=True)
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
