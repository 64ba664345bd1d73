"""The bytes of one file, read forward once; its beginning can be looked at beforehand."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from deidentify.beyond.items import Allowance, Unread

HEAD = 4096
PIECE = 1 << 20
MOST_WHOLE = 32 << 20
"""Bytes of a file that are taken into memory whole, where it cannot be read piece by piece."""

SPARE = 1 << 30
"""Bytes that stay free on the disk, whatever is packed in what."""


class Stream(Protocol):
    """What can be read forward."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; none at the end."""
        ...


class Content:
    """One file's bytes.

    Args:
        stream: where they come from.
        place: what the file is called, with what it lies in.
        allowance: counts what is taken; None for a file that lies on disk as it is.
        path: of a file that lies on disk as it is.
        name: what it would be called, where that is not the last part of its place.
    """

    def __init__(
        self,
        stream: Stream,
        place: str,
        allowance: Allowance | None = None,
        *,
        path: Path | None = None,
        name: str = "",
    ) -> None:
        self.place = place
        self.name = (name or place).replace("\\", "/").rpartition("/")[2].casefold()
        self.path = path
        self._stream = stream
        self._allowance = allowance
        self.head = self._taken(HEAD)
        self._waiting = self.head

    def read(self, size: int) -> bytes:
        """Return the next bytes: as many as asked for, unless the file ends before.

        Raises:
            Unread: the allowance is used up, or the file is damaged.
        """
        found, self._waiting = self._waiting[:size], self._waiting[size:]
        return found + self._taken(size - len(found)) if size > len(found) else found

    def whole(self) -> bytes:
        """Return all that is left.

        Raises:
            Unread: it is more than is taken into memory.
        """
        found = self.read(MOST_WHOLE + 1)
        if len(found) > MOST_WHOLE:
            raise Unread("It is too large to be read whole.")
        return found

    def on_disk(self, folder: Path) -> Path:
        """Return a path to the whole content; what is packed is written into `folder` first.

        Raises:
            Unread: it is damaged, or there is no room for it on the disk; nothing is left then.
        """
        if self.path is not None:
            return self.path
        descriptor, name = tempfile.mkstemp(dir=folder)
        path = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                while piece := self.read(PIECE):
                    if shutil.disk_usage(folder).free < SPARE:
                        raise Unread("There is no room on the disk here to unpack it.")
                    file.write(piece)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _taken(self, size: int) -> bytes:
        parts = io.BytesIO()
        while size > 0 and (piece := self._stream.read(min(size, PIECE))):
            if self._allowance is not None:
                self._allowance.take(len(piece))
            parts.write(piece)
            size -= len(piece)
        return parts.getvalue()
