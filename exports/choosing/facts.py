"""What is known of a series before it is packed: rows of the database, and one header.

One header a series is read, however many images it has; the preview asks again and again, so what
was read is kept in memory for a while.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pydicom
from pydicom import DataElement
from pydicom.multival import MultiValue

from exports.errors import SourceChanged
from exports.naming.fields import FIELDS
from exports.specification.elements import ElementPath
from exports.specification.parts import Selection
from projects.storage import storage
from transfers.models import Outcome, Run

KEPT = 20_000
"""Headers' worth of values that a process keeps, a few hundred bytes each."""
OF_EVERY_SERIES = (
    *("Modality", "SeriesNumber", "SeriesDescription", "ProtocolName", "ImageType"),
    *("Manufacturer", "ManufacturerModelName", "SOPClassUID"),
)
LONGEST_VALUE = 1024

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SeriesFacts:
    """One series that could go in.

    Args:
        run: with its transfer, participant, site and event.
        uid, study_uid: of the research copy.
        images, size: how many, and their bytes.
        first: the image whose header is read, with its key and digest.
        values: of every element asked for (ElementPath as text) the values that the header of the
            first image has, each as text; an element that is not there has no entry.
    """

    run: Run
    uid: str
    study_uid: str
    images: int
    size: int
    first: Outcome
    values: Values = field(repr=False)

    def text(self, keyword: str) -> str:
        """Return the value of an element as text, "" for nothing."""
        return "\\".join(self.values.get(keyword, ()))

    @property
    def number(self) -> int | None:
        """The Series Number, None for none or for what is no number."""
        return as_number(self.text("SeriesNumber"))


def as_number(text: str) -> int | None:
    """Return a whole number, None for anything else."""
    try:
        return int(text)
    except ValueError:
        return None


def wanted_elements(selection: Selection, fields: Iterable[str]) -> tuple[str, ...]:
    """Return the elements that a selection and templates need to know, in order."""
    rules = {rule.element for rule in (*selection.include, *selection.exclude)}
    keywords = {FIELDS[name].keyword for name in fields} - {""}
    return tuple(sorted({*rules, *keywords, *OF_EVERY_SERIES}))


class Headers:
    """Values of headers that were read before, the oldest forgotten first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: OrderedDict[tuple[str, str, tuple[str, ...]], Values] = OrderedDict()
        self.lock = Lock()

    def known(self, image: Outcome, wanted: tuple[str, ...]) -> Values | None:
        """Return what an image's own header says, None if it was not read yet."""
        with self.lock:
            return self.values.get(_place(image, wanted))

    def read(self, image: Outcome, wanted: tuple[str, ...]) -> Values:
        """Return what an image's own header says: the file is what the package holds.

        Raises SourceChanged if the file is gone.
        """
        values = self.known(image, wanted)
        if values is None:
            values = read_values(image.key, wanted)
            with self.lock:
                self.values[_place(image, wanted)] = values
                while len(self.values) > self.most:
                    self.values.popitem(last=False)
        return values


def _place(image: Outcome, wanted: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    """Return what a header is kept by; the digest keeps apart what lay under one key twice."""
    return image.key, image.digest, wanted


HEADERS = Headers(KEPT)


def read_values(key: str, wanted: tuple[str, ...]) -> Values:
    """Read some elements of the file at a key of the storage. Raises SourceChanged."""
    try:
        with storage().fetch(key) as path:
            return read_file_values(path, wanted)
    except FileNotFoundError as error:
        raise SourceChanged("An image that was chosen is not in the storage any more.") from error


def read_file_values(path: Path, wanted: tuple[str, ...]) -> Values:
    """Read some elements of a file; see SeriesFacts.values."""
    ways = {name: ElementPath.parse(name) for name in wanted}
    is_public = not any(way.steps[0].creator for way in ways.values())
    tags = [way.steps[0].tag for way in ways.values()] if is_public else None
    data = pydicom.dcmread(path, specific_tags=tags, stop_before_pixels=True)
    found = {name: _texts(way.find(data)) for name, way in ways.items()}
    return {name: texts for name, texts in found.items() if texts is not None}


def _texts(elements: Iterable[DataElement]) -> tuple[str, ...] | None:
    """Return values as text; None where there is no such element, () where it is empty."""
    found: list[str] = []
    is_there = False
    try:
        for element in elements:
            is_there = True
            found += _values(element)
    except (TypeError, ValueError, LookupError):  # what stands there cannot be read: nothing
        return () if is_there else None
    return tuple(found) if is_there else None


def _values(element: DataElement) -> list[str]:
    if element.VR == "SQ" or element.value is None or isinstance(element.value, bytes):
        return []
    many = element.value if isinstance(element.value, MultiValue | list) else [element.value]
    texts = (str(one).strip(" \0")[:LONGEST_VALUE] for one in many)
    return [text for text in texts if text]
