"""Whose a member is: by the folder of its series, or by a folder that is called like somebody."""

from pathlib import Path

from exports.arranged import SERIES, read_series
from exports.door.people import People, plain_label


class Owners:
    """Tells the participant of a member by its name.

    Args:
        people: of the package.
        folder: where it was built, with the list of its series if that is still there; None if
            nothing in it tells whose a series is.
    """

    def __init__(self, people: People, folder: Path | None) -> None:
        self._people = people
        self._by_folder: dict[str, int] = {}
        if folder is not None and (folder / SERIES).is_file():
            for series in read_series(folder):
                if owner := people.by_label.get(plain_label(series.participant)):
                    self._by_folder[series.folder] = owner

    def of(self, name: str) -> int | None:
        """Return whose a member is; None if it is nobody's alone, or nobody can say."""
        folders = name.split("/")[:-1]
        for depth in range(len(folders), 0, -1):
            if owner := self._by_folder.get("/".join(folders[:depth])):
                return owner
        for folder in folders:
            plain = plain_label(folder)
            owner = self._people.by_label.get(plain) or self._people.by_label.get(
                plain.removeprefix("sub")
            )
            if owner:
                return owner
        return None
