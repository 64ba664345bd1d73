"""Sums of what is packed, made on other processors while it is packed.

A SHA-256 takes longer than writing the same bytes to a file. Python lets go of its lock meanwhile,
so a thread or two make the sums. What is changed on its way in (compressed, sealed) passes in a few
buffers that are used again and again: that bounds memory, and spares the system from finding new
pages for every chunk. What the system copies from file to file is read again from the package.
"""

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import NamedTuple

from isal import isal_zlib

BUFFER_BYTES = 1024 * 1024
BUFFERS = 8
MOST_THREADS = 4
READ_BYTES = 256 * 1024  # as much as stays in a processor's cache

Buffers = SimpleQueue[bytearray]


class Summed(NamedTuple):
    """The sums of one member's plain content."""

    sha256: str
    crc: int


class Sum:
    """The sums of one member: fill its buffers, `close` it, then ask its `future`."""

    def __init__(self, pool: ThreadPoolExecutor, buffers: Buffers) -> None:
        self.buffers = buffers
        self.filled: SimpleQueue[tuple[bytearray, int] | None] = SimpleQueue()
        self.future: Future[Summed] = pool.submit(self._make)

    def buffer(self) -> bytearray:
        """Give a buffer to fill; wait if none is free."""
        return self.buffers.get()

    def update(self, buffer: bytearray, size: int) -> None:
        """Take a buffer with the next bytes. Nobody else changes it from now on."""
        self.filled.put((buffer, size))

    def close(self) -> None:
        """Say that no more comes."""
        self.filled.put(None)

    def _make(self) -> Summed:
        digest, crc = hashlib.sha256(), 0
        while (next_one := self.filled.get()) is not None:
            buffer, size = next_one
            chunk = memoryview(buffer)[:size]
            digest.update(chunk)
            crc = isal_zlib.crc32(chunk, crc)
            self.buffers.put(buffer)
        return Summed(digest.hexdigest(), crc)


def sum_written(descriptor: int, start: int, size: int) -> Summed:
    """Return the sums of so many bytes of an open file; of fewer, if it ends before."""
    digest, crc, end = hashlib.sha256(), 0, start + size
    buffer = memoryview(bytearray(READ_BYTES))
    while start < end:
        count = os.preadv(descriptor, [buffer[: end - start]], start)
        if not count:
            break
        chunk = buffer[:count]
        digest.update(chunk)
        crc = isal_zlib.crc32(chunk, crc)
        start += count
    return Summed(digest.hexdigest(), crc)


class Hashing:
    """Makes sums, member by member, in the order in which they were begun."""

    def __init__(self) -> None:
        threads = min(MOST_THREADS, os.cpu_count() or 1)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="sums")
        self.buffers: Buffers = SimpleQueue()
        for _ in range(BUFFERS):
            self.buffers.put(bytearray(BUFFER_BYTES))

    def begin(self) -> Sum:
        """Begin the sum of the next member. Whoever begins it closes it, whatever happens."""
        return Sum(self.pool, self.buffers)

    def written(self, descriptor: int, start: int, size: int) -> Future[Summed]:
        """Begin the sum of what was just written into a file, which stays open meanwhile."""
        return self.pool.submit(sum_written, descriptor, start, size)

    def close(self) -> None:
        """End the threads. Every sum that was begun is closed by now."""
        self.pool.shutdown()
