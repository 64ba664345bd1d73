"""What a specification is made of: what goes in, in which form, where, changed how."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from exports.states import Format
from projects.canonical import canonical, digest_of

FOLDERS = "{participant}/{event}/{modality}/{series_number:04}_{series_description}"
FILE = "{instance:04}"
KEEP_DAYS = 14
EDITION = 1
"""Of the form of a specification: a later form reads earlier ones by this number."""

Tests = Mapping[str, str]
TESTS: Tests = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "starts_with": "starts with",
    "matches": "fits the pattern",
    "above": "is above",
    "below": "is below",
    "is_there": "is there",
    "is_not_there": "is not there",
}
"""How a rule can look at a value, in words; small and capital letters are alike but in patterns."""
ALTERNATIVES = ("is", "contains", "starts_with", "matches")
"""Of several such rules about one element, one is enough; all other rules must hold together."""
WITHOUT_VALUE = ("is_there", "is_not_there")
TIES = {"kept": "Pseudonyms, UIDs and dates stay", "cut": "All ties are cut"}
COMPRESSIONS = {"none": "Not compressed", "fast": "Compressed, fast"}


@dataclass(frozen=True)
class SeriesRule:
    """A condition on an element of a series, read from the header of its first image."""

    element: str
    test: str = "is"
    value: str = ""

    def __str__(self) -> str:
        words = f"{self.element} {TESTS[self.test]}"
        return words if self.test in WITHOUT_VALUE else f"{words} “{self.value}”"


@dataclass(frozen=True)
class Listed:
    """A row of a list: a participant, or one of their events or series.

    `series` is a Series Instance UID or a series number; "" stands for all.
    """

    participant: str
    event: str = ""
    series: str = ""


@dataclass(frozen=True)
class Selection:
    """What goes in. Empty means everything; whatever is filled must hold together.

    Args:
        participants: pseudonyms; those chosen when a package is asked for are asked for as well.
        events: their names.
        sites: their numbers of two digits.
        modalities: such as MR.
        include, exclude: a series goes in that `include` allows and nothing in `exclude` hits.
        least_images, most_images: images of a series; None is no bound.
        listed: of a CSV list; only what it names.
    """

    participants: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    include: tuple[SeriesRule, ...] = ()
    exclude: tuple[SeriesRule, ...] = ()
    least_images: int | None = None
    most_images: int | None = None
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class Transformation:
    """One change of what the headers say; they are carried out in their order.

    Args:
        element: as ElementPath reads it; "" where the deed knows its elements itself.
        do: a key of DEEDS.
        value: what is written, or a number of days.
        pattern: a regular expression (RE2).
        mapping: pairs of a whole value and what it becomes.
        table, column: the name of a participant table, and of one of its columns.
    """

    do: str
    element: str = ""
    value: str = ""
    pattern: str = ""
    mapping: tuple[tuple[str, str], ...] = ()
    table: str = ""
    column: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with the images. `kind` is a key of ATTACHMENTS."""

    kind: str
    name: str = ""
    text: str = ""
    columns: tuple[str, ...] = ()
    table: str = ""


@dataclass(frozen=True)
class Specification:
    """A whole specification, checked. Make one by `read_specification`, change it by `with_`.

    Args:
        folders, file: templates (exports/naming/); the file's without its ending.
        options: of the format, all of them, by name.
        ties: a key of TIES. Cut: fresh identifiers, UIDs and dates that nothing leads back from.
        keeps_intervals: whether the days between a participant's examinations survive the cut.
        compression: a key of COMPRESSIONS.
        is_encrypted: whether the zip opens by a password alone.
        deliver_to: the name of a place; "" for download.
        keep_days: after how many days the package goes.
    """

    format: Format = Format.DICOM
    options: dict[str, Any] = field(default_factory=dict, hash=False)
    selection: Selection = Selection()
    folders: str = FOLDERS
    file: str = FILE
    transformations: tuple[Transformation, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    ties: str = "kept"
    keeps_intervals: bool = False
    compression: str = "fast"
    is_encrypted: bool = False
    deliver_to: str = ""
    keep_days: int = KEEP_DAYS

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON and YAML hold it; `read_specification` makes the same of it."""
        data = _plain(dataclasses.asdict(self))
        data["format"] = self.format.name.lower()
        data["edition"] = EDITION
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of its canonical text, in 64 hexadecimal digits."""
        return digest_of(canonical(self.as_data()))

    @property
    def words(self) -> str:
        """What it makes, in one short sentence."""
        parts = [str(self.format.label)]
        count = len(self.transformations)
        if count:
            parts.append("one change" if count == 1 else f"{count} changes")
        if self.ties == "cut":
            parts.append("all ties cut")
        if self.is_encrypted:
            parts.append("encrypted")
        return f"{', '.join(parts)}."

    def with_(self, **changes: Any) -> Self:
        """Return a copy with other parts; it is to be checked again before it is used."""
        return dataclasses.replace(self, **changes)


def _plain(value: Any) -> Any:
    """Return tuples as lists, as JSON gives them back."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
