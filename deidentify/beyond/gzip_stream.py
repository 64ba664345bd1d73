"""A gzip file read forward, with the names and comments that its headers carry.

Source: RFC 1952, section 2.3.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from deidentify.beyond.content import Content
from deidentify.beyond.items import Unread, text_of

START = b"\x1f\x8b\x08"
MOST_FIELD = 1 << 16
_HEADER_CHECK, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16
_PIECE = 1 << 16


class Gunzip:
    """What a gzip file holds; of several members behind one another, all.

    `fields` are the texts in the headers met so far: (`name`, `comment` or `extra field`, text).
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._buffer = b""
        self.fields: list[tuple[str, str]] = []
        self._inflater = self._begun()

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end. Raises Unread for damage."""
        while self._inflater is not None:
            packed = self._inflater.unconsumed_tail or self._buffer or self._content.read(_PIECE)
            self._buffer = b""
            try:
                found = self._inflater.decompress(packed, size)
            except zlib.error as error:
                raise Unread("It is damaged: it cannot be unpacked to its end.") from error
            if self._inflater.eof:
                self._buffer = self._inflater.unused_data
                self._fill(8)
                self._buffer = self._buffer[8:]  # checksum and length
                self._inflater = self._begun()
            if found:
                return found
            if not packed:
                raise Unread("It breaks off before its end.")
        return b""

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size and (piece := self._content.read(_PIECE)):
            self._buffer += piece
        return len(self._buffer) >= size

    def _begun(self) -> zlib._Decompress | None:
        """Read the header of the next member; None if there is none."""
        if not self._fill(10) or not self._buffer.startswith(START):
            if text := text_of(self._buffer.rstrip(b"\0")):
                self.fields.append(("behind the content", text))
            return None
        flags, self._buffer = self._buffer[3], self._buffer[10:]
        if flags & _EXTRA:
            self._fill(2)
            length = int.from_bytes(self._buffer[:2], "little")
            self._fill(2 + length)
            if text := text_of(self._buffer[2 : 2 + length]):
                self.fields.append(("extra field", text))
            self._buffer = self._buffer[2 + length :]
        for flag, name in ((_NAME, "name"), (_COMMENT, "comment")):
            if flags & flag:
                self.fields += [(name, text) for text in self._text_field()]
        if flags & _HEADER_CHECK:
            self._fill(2)
            self._buffer = self._buffer[2:]
        return zlib.decompressobj(-zlib.MAX_WBITS)

    def _text_field(self) -> Iterator[str]:
        while (end := self._buffer.find(b"\0")) < 0:
            if len(self._buffer) > MOST_FIELD or not self._fill(len(self._buffer) + 1):
                raise Unread("Its header is damaged and cannot be read.")
        field, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        if text := text_of(field):
            yield text
