"""Where each image goes: a template's names for its series and itself, unique and stable.

A folder belongs to what its fields belong to. All images of a participant share the participant's
folder, two participants whose pseudonyms become the same name do not. Below, folders of the same
name are one folder (two examinations on the same day, say), with one exception: the first folder
down to which all fields of the series' own stand is the series' own, so that images of two series
never mix unless the template names nothing of the series at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from exports.choosing.facts import SeriesFacts, as_number
from exports.choosing.rules import site_code
from exports.naming.fields import FIELDS, Level
from exports.naming.safe import Names
from exports.naming.templates import LONGEST_FILE, Segment, Template

RESERVED = "\0"
"""Stands before what makes a key of a folder that no name of another can be."""


class Places:
    """The places given out in one package; the same series in the same order get the same ones."""

    def __init__(self, folders: Template, file: Template) -> None:
        self.folders, self.file = folders, file
        self.given: dict[tuple[str, str], str] = {}
        self.inside: dict[str, Names] = {}
        self.files: dict[str, Names] = {}
        own = [place for place, one in enumerate(folders.segments) if one.level == Level.SERIES]
        self.own = max(own, default=-1)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that names are made of."""
        return self.folders.fields | self.file.fields

    def folder(self, series: SeriesFacts, values: Mapping[str, str]) -> str:
        """Return the folder of a series."""
        path = ""
        names = self.folders.fill(values)
        for place, (segment, name) in enumerate(zip(self.folders.segments, names, strict=True)):
            key = (path, self._owner(place, segment, series, name))
            if key not in self.given:
                self.given[key] = self.inside.setdefault(path, Names()).give(name)
            path = str(PurePosixPath(path, self.given[key]))
        return path

    def _owner(self, place: int, segment: Segment, series: SeriesFacts, name: str) -> str:
        """Return what a folder belongs to: itself shared by all for which this is the same."""
        transfer = series.run.transfer
        if place == self.own:
            return f"{RESERVED}series {series.run.pk} {series.uid}"
        owners = []
        fields = set(segment.fields)
        if "participant" in fields:
            owners.append(f"participant {transfer.participant_id}")
        if "event" in fields:
            owners.append(f"event {transfer.event_id}")
        if not owners:
            return name.casefold()
        rest = fields - {"participant", "event"}
        return RESERVED + " ".join([*owners, name.casefold() if rest else ""])

    def file_names(
        self, folder: str, values: Mapping[str, str], numbers: Iterable[int | None]
    ) -> Iterator[str]:
        """Yield the name of each image of a series, without ending, given its instance numbers."""
        names = self.files.get(folder)
        if names is None:
            names = Names()
            if self.own < 0:
                self.files[folder] = names  # shared with other series, perhaps
        for count, number in enumerate(numbers, start=1):
            of_image = {"instance": str(count), "instance_number": str(number or 0)}
            (name,) = self.file.fill({**values, **of_image}, LONGEST_FILE)
            yield names.give(name)


def series_values(
    series: SeriesFacts, participant: str, *, study: int, counter: int
) -> dict[str, str]:
    """Return what every field says of a series: texts, before they are made into names.

    `participant` is who it is once it has left.
    """
    transfer = series.run.transfer
    known = {
        "project": transfer.project.acronym,
        "project_number": transfer.project.number,
        "participant": participant,
        "site": site_code(series),
        "event": transfer.event.name,
        "study": str(study),
        "counter": str(counter),
    }
    read = {
        name: series.text(field.keyword).replace("\\", "_")
        for name, field in FIELDS.items()
        if field.keyword
    }
    number = as_number(read["series_number"])
    read["series_number"] = "" if number is None else str(number)
    return known | read
