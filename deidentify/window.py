"""The part of a file that is in memory while its data set is walked.

Positions count from `base`, where the window begins; what has been passed by a jump is never
read.
"""

import os

from deidentify.errors import Refused

LEAST = 16 * 1024
MOST_HEADER = 256 * 1024 * 1024


class Window:
    """A window on an open file.

    Args:
        descriptor: of the file.
        base: where the data set begins.
        size: of the file.
        buffer: what has been read already, from `base` on.

    Attributes:
        header: the data set up to the first element that was jumped over, "" before that.
    """

    def __init__(self, descriptor: int, base: int, size: int, buffer: bytes = b"") -> None:
        self.descriptor = descriptor
        self.base = base
        self.size = size
        self.buffer = buffer or os.pread(descriptor, LEAST, base)
        self.header = b""

    @property
    def left(self) -> int:
        """How many bytes there are from the window's beginning to the end of the file."""
        return self.size - self.base

    def need(self, end: int) -> bytes:
        """Have the file in memory up to `end`; return the window.

        Raises:
            Refused: the file ends before, or the header is absurdly large.
        """
        held = len(self.buffer)
        if end > held:
            if self.base + end > self.size:
                raise Refused("truncated")
            if end > MOST_HEADER:
                raise Refused("too-large")
            wanted = min(max(end, 4 * held), self.size - self.base) - held
            self.buffer += os.pread(self.descriptor, wanted, self.base + held)
            if len(self.buffer) < end:
                raise Refused("truncated")
        return self.buffer

    def jump(self, start: int, end: int) -> None:
        """Begin anew at `end`, leaving what lies before unread.

        Args:
            start: of the large element that ends at `end`.
        """
        if not self.header:
            self.header = self.buffer[:start]
        self.base += end
        if self.left < 0:
            raise Refused("truncated")
        self.buffer = os.pread(self.descriptor, LEAST, self.base) if self.left else b""

    def check(self, position: int, length: int, limit: int) -> None:
        """Refuse an element that claims to reach past what holds it."""
        if position + length > limit:
            raise Refused("bad-length" if limit < self.left else "truncated")
