"""Sums of what is packed, made on other cores while it is packed.

A SHA-256 takes longer than writing the same bytes to a file. Python lets go of its lock meanwhile,
so a thread or two make the sums. The bytes pass in a few buffers that are used again and again:
that bounds memory, and spares the system from finding new pages for every chunk.
"""

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

BUFFER_BYTES = 1024 * 1024
BUFFERS = 8
THREADS = 2

Buffers = SimpleQueue[bytearray]


class Sum:
    """The SHA-256 of one member: fill its buffers, `close` it, then ask for `hex`."""

    def __init__(self, pool: ThreadPoolExecutor, buffers: Buffers) -> None:
        self.buffers = buffers
        self.filled: SimpleQueue[tuple[bytearray, int] | None] = SimpleQueue()
        self.future: Future[str] = pool.submit(self._make)

    def buffer(self) -> bytearray:
        """Give a buffer to fill; wait if none is free."""
        return self.buffers.get()

    def update(self, buffer: bytearray, size: int) -> None:
        """Take a buffer with the next bytes. Nobody else changes it from now on."""
        self.filled.put((buffer, size))

    def close(self) -> None:
        """Say that no more comes."""
        self.filled.put(None)

    @property
    def is_made(self) -> bool:
        """Whether `hex` answers at once."""
        return self.future.done()

    def hex(self) -> str:
        """Return the sum, once it is made."""
        return self.future.result()

    def _make(self) -> str:
        digest = hashlib.sha256()
        while (next_one := self.filled.get()) is not None:
            buffer, size = next_one
            digest.update(memoryview(buffer)[:size])
            self.buffers.put(buffer)
        return digest.hexdigest()


class Hashing:
    """Makes sums, member by member, in the order in which they were begun."""

    def __init__(self) -> None:
        threads = min(THREADS, os.cpu_count() or 1)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="sums")
        self.buffers: Buffers = SimpleQueue()
        for _ in range(BUFFERS):
            self.buffers.put(bytearray(BUFFER_BYTES))

    def begin(self) -> Sum:
        """Begin the sum of the next member. Whoever begins it closes it, whatever happens."""
        return Sum(self.pool, self.buffers)

    def close(self) -> None:
        """End the threads. Every sum that was begun is closed by now."""
        self.pool.shutdown()
