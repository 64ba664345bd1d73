"""What a package writes down image by image for its end, such as the records of a directory.

Notes grow beside the archive and go on where a killed worker left them. They need not be as safe
on disk as the archive is: what they lack of the images that are packed already is looked at again.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from exports.building.progress import Progress
from exports.choosing import Image


class Notes:
    """Lines that each end at a position in the list of images. Use it in a `with` block.

    Args:
        path: the file; it need not be there.
        position: how far the archive is. Notes beyond it are forgotten: those images come again.

    `end` is the position up to which there are notes, at most `position`.
    """

    def __init__(self, path: Path, position: int) -> None:
        self.path = path
        self.position = position
        self.end = 0

    def __enter__(self) -> Self:
        self._file = self.path.open("a+b")
        self._file.seek(0)
        kept = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            end = json.loads(line)[0]
            if end > self.position:
                break
            kept, self.end = kept + len(line), end
        self._file.truncate(kept)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, end: int, *note: Any) -> None:
        """Write down what belongs to the images before the position `end`."""
        self._file.write(json.dumps([end, *note]).encode() + b"\n")
        self.end = end

    def read(self) -> Iterator[list[Any]]:
        """Yield the notes in order, each without its position."""
        self._file.flush()
        with self.path.open("rb") as file:
            for line in file:
                yield json.loads(line)[1:]


def unnoted(progress: Progress, notes: Notes) -> Iterator[tuple[Image, int]]:
    """Yield the images that have no note yet, each with its position.

    Those up to `progress.position` are packed already, and only their notes were lost.
    """
    return progress.images() if notes.end == progress.position else progress.images(notes.end)


def unnoted_series(progress: Progress, notes: Notes) -> Iterator[tuple[list[Image], int]]:
    """Yield the same series by series, each with the position after it."""
    for _, members in groupby(unnoted(progress, notes), key=lambda one: one[0].series):
        images, positions = zip(*members, strict=True)
        yield list(images), positions[-1]
