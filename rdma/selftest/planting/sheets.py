"""One file of the corpus while identifiers are planted in it, with the list of what was planted."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from deidentify.table import row_for
from rdma.selftest.planting.identities import LONG, Person
from rdma.selftest.planting.needles import is_in

NUMERIC = frozenset(["DS", "IS", "FD", "FL", "US", "SS", "UL", "SL", "CS"])
SURROUNDINGS = 16
"""Ways below this are no tags: preamble, meta information, what follows the data, names."""
SHORTEST = 4
PACKED, PIXELS = "D packed", "pixels"
"""Cells: what stands inside a packed value, where no search of its bytes finds it; the image."""
MOVED = "{moved}"
"""In a token: where the moved date is to stand."""
MOST_REFERENCES, MOST_NUMBERS = 5, 15
Way = tuple[int, ...]  # tag, item, tag, item, …, tag


@dataclass(frozen=True)
class Plant:
    """An identifier put somewhere.

    `needle` may not be found in any byte of the output; where `only_here`, not in the element
    at `way` (a shifted date may be equal to another original one).
    """

    cell: str
    way: Way
    needle: str
    only_here: bool = False


@dataclass(frozen=True)
class Keep:
    """A token that is to be found in the output's element at `way`.

    `instead_of` is what stands there before, where the token is what it is to become. With a
    `day`, MOVED in the token stands for that day moved by the participant's shift.
    """

    cell: str
    way: Way
    token: str
    instead_of: str = ""
    day: date | None = None

    def expected(self, shift: int) -> str:
        """Return the token for a participant whose dates move by `shift` days."""
        if self.day is None:
            return self.token
        return self.token.replace(MOVED, f"{self.day + timedelta(shift):%Y%m%d}")


@dataclass
class Sheet:
    """A file under the hand of the planter."""

    kind: str
    person: Person
    dataset: Dataset
    draw: random.Random
    name: str
    syntax: str = ExplicitVRLittleEndian
    preamble: bytes = bytes(128)
    trailer: bytes = b""
    plants: list[Plant] = field(default_factory=list)
    keeps: list[Keep] = field(default_factory=list)
    path: Path = Path()
    pixels: bytes = b""
    charset: str = ""
    packed: tuple[int, tuple[str, ...]] | None = None
    original_name: str = ""

    @property
    def is_ascii(self) -> bool:
        """Whether the file's character set has no Norwegian letters."""
        charset = self.dataset.get("SpecificCharacterSet")
        return "ISO_IR 100" not in str(charset) and "ISO_IR 192" not in str(charset)

    def letters(self, text: str) -> str:
        """A text in letters that the file's character set has."""
        return text.translate(LONG) if self.is_ascii else text

    def prepare(self, number: int) -> None:
        """Put the carrier into the patient's study, as a series and instance of its own."""
        dataset, root = self.dataset, self.person.root
        self.original_name = str(dataset.get("PatientName", ""))
        if not dataset.get("SpecificCharacterSet"):
            dataset.SpecificCharacterSet = "ISO_IR 100"
        dataset.StudyInstanceUID = f"{root}.1"
        dataset.SeriesInstanceUID = f"{root}.2.{number}"
        dataset.SOPInstanceUID = f"{root}.3.{number}"
        self._point_into_corpus(number)
        self._keep_of_carrier()

    def _point_into_corpus(self, number: int) -> None:
        """Let the carrier's references lead to another file, and its people be the patient's."""
        root = self.person.root
        other = max(number - 1, 0)
        for way, dataset, element in list(walk(self.dataset)):
            new = {
                0x00081155: f"{root}.3.{other}",
                0x0020000E: f"{root}.2.{other}",
                0x0020000D: f"{root}.1",
            }.get(int(element.tag))
            if element.VR == "PN" and len(way) > 1 and element.value:
                dataset[element.tag].value = self.letters("^".join(self.person.operator))
                self.plant("C nested", way, self.letters(self.person.operator[0]))
            if new and len(way) > 1:
                dataset[element.tag].value = new
                if len(self.plants) < MOST_REFERENCES:
                    self.plant("E references", way, new)
                    if not any(row_for(one) for one in way[:-1:2]):
                        self.keep("E references", way, "2.25.", instead_of=new)

    def _keep_of_carrier(self) -> None:
        """What the carrier holds of physics and geometry, and its pixels as they are encoded."""
        self.pixels = self.dataset.get("PixelData", b"")
        if self.pixels:
            self.keep(PIXELS, (0x7FE00010,), "")
        known = [
            (way, as_text(element.value))
            for way, _, element in walk(self.dataset)
            if element.VR in NUMERIC and not element.tag.is_private and as_text(element.value)
            and element.tag.element and element.tag != 0x00080005
            and not any(row_for(one) for one in way[::2])
        ]  # fmt: skip
        for way, token in self.draw.sample(known, min(len(known), MOST_NUMBERS)):
            self.keep("numbers", way, token)

    def write(self, path: Path) -> None:
        """Write the file with its preamble, meta information and whatever follows the data."""
        dataset = self.dataset
        meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        meta.TransferSyntaxUID = meta.get("TransferSyntaxUID") or ExplicitVRLittleEndian
        dataset.file_meta = meta
        dataset.preamble = self.preamble
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        if self.trailer:
            with path.open("ab") as file:
                file.write(self.trailer)
        self.path = path

    def plant(self, cell: str, way: Sequence[int], *needles: str, only_here: bool = False) -> None:
        for needle in needles:
            if len(needle) < SHORTEST and needle.isascii():
                continue  # three letters stand in any binary block by chance
            self.plants.append(Plant(cell, tuple(way), needle, only_here))

    def keep(self, cell: str, way: Sequence[int], *tokens: str, instead_of: str = "") -> None:
        for token in tokens:
            self.keeps.append(Keep(cell, tuple(way), token, instead_of))

    def keep_moved(self, cell: str, way: Sequence[int], day: date, form: str = MOVED) -> None:
        """Expect a date at `way`, moved; `form` says what stands around it."""
        before = form.replace(MOVED, f"{day:%Y%m%d}")
        self.keeps.append(Keep(cell, tuple(way), form, before, day))

    def settle(self) -> None:
        """Forget what another cell has written over since."""
        texts = {way: as_text(at(self.dataset, way)) for way in {k.way for k in self.keeps}}
        self.keeps = [k for k in self.keeps if _stands_in(k.instead_of or k.token, texts[k.way])]
        found = {way: as_text(at(self.dataset, way)) for way in {p.way for p in self.plants}}
        self.plants = [
            p
            for p in self.plants
            if p.cell in ("K items", PACKED)
            or (len(p.way) == 1 and p.way[0] < SURROUNDINGS)
            or is_in(p.needle, _raw(found[p.way]))
        ]


def tag_of(keyword: str) -> int:
    """Return the tag of a keyword of the standard."""
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return tag


def at(dataset: Dataset, way: Way) -> object:
    """Return the value at a way, None where the way ends."""
    for tag, number in zip(way[:-1:2], way[1::2], strict=True):
        element = dataset.get(tag)
        items = element.value if element is not None and element.VR == "SQ" else None
        if not items or len(items) <= number:
            return None
        dataset = items[number]
    element = dataset.get(way[-1])
    return None if element is None else element.value


def walk(dataset: Dataset, way: Way = ()) -> Iterator[tuple[Way, Dataset, DataElement]]:
    """Yield way, data set and element of everything, sequences entered."""
    for element in dataset:
        here = (*way, int(element.tag))
        yield here, dataset, element
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from walk(item, (*here, number))


def _stands_in(token: str, text: str) -> bool:
    """Whether a token is there by itself: a 5 of some number is not the 5 of `5 mm`."""
    return re.search(rf"(?<!\w){re.escape(token)}(?!\w)", text) is not None


def _raw(text: str) -> bytes:
    return text.encode("latin-1", "replace").lower() + text.encode().lower()


def as_text(value: object) -> str:
    """A value as one string in which tokens can be looked for."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return "\\".join(map(str, value))
    return str(value)
