"""What was decided about a package, as its scratch folder keeps it: series and images in order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

IMAGES = "images.jsonl"
SERIES = "series.jsonl"


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

    `series` and `study` are those of its images. `participant` and `folder` are as they go out;
    everything else is as the research copy has it, several values with a backslash between them.
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
    protocol: str
    image_type: str
    manufacturer: str
    model: str


def read_images(folder: Path, start: int = 0) -> Iterator[tuple[Image, int]]:
    """Yield the arranged images from a byte of the list on, each with the byte after it."""
    with (folder / IMAGES).open("rb") as plan:
        plan.seek(start)
        position = start
        for line in plan:
            position += len(line)
            yield Image(**json.loads(line)), position


def images_end(folder: Path) -> int:
    """Return the byte after the last arranged image."""
    return (folder / IMAGES).stat().st_size


def read_series(folder: Path) -> Iterator[Series]:
    """Yield the arranged series, in the order of their images."""
    with (folder / SERIES).open("rb") as lines:
        for line in lines:
            yield Series(**json.loads(line))
