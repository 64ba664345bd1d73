"""Headers alone: one table with a row for each image or series, and a column for each element.

The columns are those that were chosen, or all that occur anywhere in the package; they are only
known at the end, so what each image says is noted first and written then.
"""

from collections.abc import Iterator
from pathlib import Path

from deidentify.inventory import SeriesInventory
from exports.building.progress import Progress
from exports.choosing import Image
from exports.csv_files import write_csv
from exports.element_columns import cells_of, column_name, column_path
from exports.notes import Notes, unnoted, unnoted_series

TABLE = "headers.csv"
LEADS = {"image": ("folder", "file"), "series": ("folder", "images")}


def pack(progress: Progress) -> bool:
    """Note what the headers say; tell whether all images are noted."""
    options = progress.specification.options
    wanted = frozenset(filter(None, map(column_path, options["columns"])))
    with Notes(_notes(progress), progress.position) as notes:
        for images, position in _rows(progress, notes):
            inventory = SeriesInventory()
            for image in images:
                progress.check()
                with progress.open(image) as path:
                    inventory.add(path)
            first = images[0]
            last = first.name if options["rows"] == "image" else len(images)
            notes.add(position, [first.folder, last], cells_of(inventory.rows(), wanted))
            size = sum(image.size for image in images)
            if position > progress.position and not progress.packed(len(images), position, size):
                break
    return progress.is_whole


def finish(progress: Progress) -> None:
    """Write the table."""
    options = progress.specification.options
    target = progress.folder / TABLE
    with Notes(_notes(progress), progress.position) as notes:
        paths = [(name, column_path(name)) for name in options["columns"]]
        columns = [(column_name(path) or name, path) for name, path in paths]
        if not columns:
            found = sorted({path for _, cells in notes.read() for path in cells})
            columns = [(column_name(path), path) for path in found]
        rows = (
            [*lead, *(cells.get(path, "") for _, path in columns)] for lead, cells in notes.read()
        )
        names = [*LEADS[options["rows"]], *(name for name, _ in columns)]
        write_csv(target, names, rows)
    progress.add_file(TABLE, target)
    target.unlink()


def _rows(progress: Progress, notes: Notes) -> Iterator[tuple[list[Image], int]]:
    """Yield the images of a row, with the position after them."""
    if progress.specification.options["rows"] == "series":
        yield from unnoted_series(progress, notes)
    else:
        yield from (([image], position) for image, position in unnoted(progress, notes))


def _notes(progress: Progress) -> Path:
    return progress.folder / "headers.jsonl"
