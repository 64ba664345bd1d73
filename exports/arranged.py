"""What was decided about a package, as its scratch folder keeps it: series and images in order.

The lists carry their edition in their names, and the journal in its checkpoints: a new version of
the program may meet what an older one was in the middle of, and begins that package again.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EDITION = "2"  # another one whenever a line of a list, the journal or its state changes its meaning
IMAGES = f"images.{EDITION}.jsonl"  # the last one to be there
SERIES = f"series.{EDITION}.jsonl"
STUDIES = f"studies.{EDITION}.jsonl"

Unseal = Callable[[str], str]


@dataclass(frozen=True)
class Image:
    """One image of a package: where it comes from and where it goes.

    Args:
        outcome: the id of its row.
        key: in the storage; digest: SHA-256 of what lies there; size: its bytes.
        folder, name: its place in the package.
        is_native: not compressed, so that deflating it pays.
        participant, event: the pseudonym, and the event's name.
        run: the id of the run that made it.
        study, series: running numbers inside the package, from 1.
    """

    outcome: int
    key: str
    digest: str
    size: int
    folder: str
    name: str
    is_native: bool
    participant: str
    event: str
    run: int
    study: int
    series: int

    @property
    def path(self) -> str:
        """Its place in the package."""
        return f"{self.folder}/{self.name}"


@dataclass(frozen=True)
class Series:
    """One series of a package: what the header of its first image says.

    `series` and `study` are those of its images. Everything is as it goes out, several values
    with a backslash between them, but `known_as`: the description in the research copy, by which
    the project knows its series.
    """

    series: int
    study: int
    participant: str
    event: str
    site: str
    folder: str
    images: int
    size: int
    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    modality: str
    number: int | None
    description: str
    known_as: str
    protocol: str
    image_type: str
    manufacturer: str
    model: str


def as_written(line: str) -> str:
    """Return a line that nobody sealed."""
    return line


def is_arranged(folder: Path) -> bool:
    """Tell whether everything is decided, and by this edition of the program."""
    return all((folder / name).exists() for name in (IMAGES, SERIES, STUDIES))


def read_images(
    folder: Path, start: int = 0, unseal: Unseal = as_written
) -> Iterator[tuple[Image, int]]:
    """Yield the arranged images from a byte of the list on, each with the byte after it.

    `unseal` is the transformer's: lines of a package whose ties are cut are read by it alone.
    """
    with (folder / IMAGES).open("rb") as plan:
        plan.seek(start)
        position = start
        for line in plan:
            position += len(line)
            yield Image(**json.loads(unseal(line.decode().rstrip("\n")))), position


def images_end(folder: Path) -> int:
    """Return the byte after the last arranged image."""
    return (folder / IMAGES).stat().st_size


def read_series(folder: Path, unseal: Unseal = as_written) -> Iterator[Series]:
    """Yield the arranged series, in the order of their images."""
    with (folder / SERIES).open() as lines:
        for line in lines:
            yield Series(**json.loads(unseal(line.rstrip("\n"))))


def read_studies(folder: Path, unseal: Unseal = as_written) -> list[dict[str, Any]]:
    """Return what the manifest says of the arranged studies."""
    with (folder / STUDIES).open() as lines:
        return [json.loads(unseal(line.rstrip("\n"))) for line in lines]
