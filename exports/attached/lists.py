"""Demographics and the list of series: tables of what the headers that go out say.

People and events are named as the headers of the package name them, never by the research copy's
own pseudonyms: a package may give other identifiers.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from deidentify.inventory import SeriesInventory
from exports.building.progress import Progress
from exports.choosing import Image
from exports.csv_files import write_csv
from exports.element_columns import column_path, joined
from exports.specification import Attachment
from exports.states import Format
from exports.transforming.people import People
from transfers.models import Run

PARTICIPANT, EVENT = "(0010,0020)", "(0012,0050)"
SERIES = {
    "modality": "(0008,0060)",
    "series_number": "(0020,0011)",
    "series_description": "(0008,103E)",
    "series_instance_uid": "(0020,000E)",
}
OTHER_FOLDERS = (Format.MEDIUM, Format.BIDS)
"""Formats that place their files otherwise than the folder template says."""


def write_demographics(progress: Progress, attachment: Attachment, target: Path) -> None:
    """Write a row for each participant and event, in the order of the package.

    A column is an element, from the header of each study's first image, or a column of the
    attachment's participant table. Studies of one event that say the same share a row.
    """
    columns = [(name, column_path(name)) for name in attachment.columns]
    table = _Table(progress, attachment.table)
    rows: dict[tuple[str, ...], None] = {}
    for image, _ in _firsts(progress, "study"):
        found = _values(progress, image)
        cells = [
            table.cell(image, name) if name in table.columns else found.get(path, "")
            for name, path in columns
        ]
        rows[found.get(PARTICIPANT, ""), found.get(EVENT, ""), *cells] = None
    write_csv(target, ["participant", "event", *attachment.columns], rows)


def write_series(progress: Progress, attachment: Attachment, target: Path) -> None:
    """Write a row for each series: where it lies, what it is, how many images it has."""
    has_folders = progress.package.format not in OTHER_FOLDERS
    places = {**dict.fromkeys(SERIES), **dict.fromkeys(attachment.columns)}
    paths = [SERIES.get(name) or column_path(name) for name in places]

    def rows() -> Iterator[list[str | int]]:
        for image, count in _firsts(progress, "series"):
            found = _values(progress, image)
            where = [image.folder] if has_folders else []
            who = [found.get(PARTICIPANT, ""), found.get(EVENT, "")]
            yield [*where, *who, count, *(found.get(path, "") for path in paths)]

    leads = ["folder"] if has_folders else []
    write_csv(target, [*leads, "participant", "event", "images", *places], rows())


class _Table:
    """The participant table of an attachment; without one it has no columns."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.rows = People(progress.package.project).table(name) if name else {}
        self.columns = frozenset(column for row in self.rows.values() for column in row)
        self._pseudonyms: dict[int, str] = {}

    def cell(self, image: Image, column: str) -> str:
        """Return what the table says of an image's participant; nothing if it does not name them.

        They are asked of the run: the image's own name may be another one by now.
        """
        if image.run not in self._pseudonyms:
            run = Run.objects.select_related("transfer__participant").get(pk=image.run)
            self._pseudonyms[image.run] = run.transfer.participant.pseudonym
        return self.rows.get(self._pseudonyms[image.run], {}).get(column, "")


def _firsts(progress: Progress, level: str) -> Iterator[tuple[Image, int]]:
    """Yield the first image of each study or series with the number of its images."""
    for _, members in groupby(progress.images(0), key=lambda one: getattr(one[0], level)):
        progress.check()
        images = [image for image, _ in members]
        yield images[0], len(images)


def _values(progress: Progress, image: Image) -> dict[str, str]:
    """Return what the header says as it goes out, by path."""
    inventory = SeriesInventory()
    with progress.open(image) as path:
        inventory.add(path)
    return {row.path: joined(row.values, row.distinct) for row in inventory.rows()}
