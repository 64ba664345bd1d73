"""What is compressed or encrypted on its way into a package, piece by piece or as a whole.

Small members are squeezed as a whole, several at a time on as many processors; large ones pass as
a stream, so that memory does not grow with them. Both give the same bytes for the same content.
"""

import hashlib
from collections.abc import Iterator
from io import BufferedReader
from typing import NamedTuple

from isal import isal_zlib

from exports.hashing import Sum, Summed
from exports.sealing import SealedMember
from exports.zipfiles import DEFLATED

SMALL = 1024 * 1024  # bytes: what is squeezed as a whole; no more than the buffer of a stream
LEVEL = 1  # isal's: nearly as small as zlib's default, at a sixteenth of its time


class Squeezed(NamedTuple):
    """A member as it is written, and the sums of what it was."""

    pieces: list[bytes]
    sums: Summed

    @property
    def size(self) -> int:
        """Bytes that it takes in the package, without its header."""
        return sum(map(len, self.pieces))


def squeeze(content: bytes, method: int, sealed: SealedMember | None) -> Squeezed:
    """Return a small member as it is written."""
    sums = Summed(hashlib.sha256(content).hexdigest(), isal_zlib.crc32(content))
    pieces = [content]
    if method == DEFLATED:
        press = _press()
        pieces = [press.compress(content), press.flush()]
    if sealed:
        pieces = [sealed.head, *(sealed.update(piece) for piece in pieces), sealed.tail()]
    return Squeezed(pieces, sums)


class Stream:
    """The bytes of a large member as they are written, while its sums are made.

    `size` is how many there were, when all have passed.
    """

    def __init__(
        self, source: BufferedReader, made: Sum, method: int, sealed: SealedMember | None
    ) -> None:
        self.source, self.made, self.sealed = source, made, sealed
        self.press = _press() if method == DEFLATED else None
        self.size = 0

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
            yield self.press.compress(chunk) if self.press else chunk
        if self.press:
            yield self.press.flush()

    def _read(self) -> memoryview:
        """Return the next bytes of the source, which the sums are made of meanwhile.

        They hold until this is called again: nobody else fills a buffer.
        """
        buffer = self.made.buffer()
        size = 0
        try:
            size = self.source.readinto(buffer)
        finally:
            self.made.update(buffer, size)
        self.size += size
        return memoryview(buffer)[:size]


def _press() -> "isal_zlib.Compress":
    return isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
