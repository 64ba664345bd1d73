"""Where everything lies in a DICOM file: elements, their places, the layout of the whole.

`deidentify.leaks.reading` makes a layout out of a file.

Source: DICOM PS3.5 section 7 (data set), PS3.10 section 7 (file format).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

Bytes = bytes | mmap

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1"})
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG}) | DEFLATED

PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
CHARACTER_SET = 0x00080005

LONG_VRS = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())  # noqa: SIM905
SHORT_VRS = frozenset("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())  # noqa: SIM905
KNOWN_VRS = {vr.encode(): vr for vr in LONG_VRS | SHORT_VRS}

BYTES_FOLLOW = "Bytes that are no elements follow the data set."
IN_MEMORY = 64 << 10
"""Files up to this many bytes are read at once; larger ones are mapped."""


class Place:
    """A data set inside the file: the main one, the file meta, or one item of a sequence.

    Args:
        prefix: how the path of everything in it begins; of an item it is made when asked for.
        parent: for an item: where its sequence is, with the sequence's tag and the item's number.
    """

    __slots__ = ("_prefix", "character_set", "creators", "number", "parent", "tag")

    def __init__(
        self,
        prefix: str,
        character_set: bytes = b"",
        parent: Place | None = None,
        tag: int = 0,
        number: int = 0,
    ) -> None:
        self._prefix = prefix
        self.character_set = character_set
        self.creators: dict[int, str] = {}
        self.parent = parent
        self.tag = tag
        self.number = number

    @property
    def prefix(self) -> str:
        """How the path of everything in it begins: `(0008,1140)[0]`; "" for the main data set."""
        if not self._prefix and self.parent is not None:
            name = self.parent.name(self.tag)
            self._prefix = f"{self.parent.prefix}{name}[{self.number}]"
        return self._prefix

    @property
    def is_main(self) -> bool:
        """Whether it is the main data set: no item, no file meta, nothing between."""
        return self.parent is None and not self._prefix

    def name(self, tag: int) -> str:
        """Return an element's own part of a path, private ones by their creator."""
        group, element = tag >> 16, tag & 0xFFFF
        if group & 1 and element > 0xFF:
            creator = self.creators.get((group << 8) | (element >> 8), "")
            return f'({group:04X},"{creator}",{element & 0xFF:02X})'
        return f"({group:04X},{element:04X})"


class Element(NamedTuple):
    """One element that is no sequence; `start` and `end` bound its value in the file."""

    start: int
    end: int
    tag: int
    vr: str
    place: Place

    @property
    def path(self) -> str:
        """Where it is, with item numbers: `(0008,1140)[0](0008,1155)`."""
        if not self.tag:
            return self.place.prefix
        return self.place.prefix + self.place.name(self.tag)


class Step(NamedTuple):
    """One element of the main data set that was read: header, value, what it was read under."""

    start: int
    value: int
    end: int
    tag: int
    character_set: bytes


@dataclass
class Layout:
    """One file, taken apart. Elements come in the order in which they lie in the file.

    `marked` are those whose tag or VR says that they may identify (attributes.use_of), `texts`
    those that are text or may hold some. `references` are sequences of nothing but UIDs whose
    elements are in no list, if the file was read quickly; see reading.read_layout. Then there are
    `steps` for repeats.Repeats to learn from, and `is_partial` says that elements are missing.
    """

    data: Bytes
    transfer_syntax_uid: str = ""
    data_set_start: int = 0
    elements: list[Element] = field(default_factory=list)
    marked: list[Element] = field(default_factory=list)
    texts: list[Element] = field(default_factory=list)
    pixels: list[Element] = field(default_factory=list)
    references: list[Element] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    is_partial: bool = False
    trouble: list[str] = field(default_factory=list)

    @property
    def is_incomplete(self) -> bool:
        """Elements may have been missed; bytes behind the last element do not count."""
        return any(sentence != BYTES_FOLLOW for sentence in self.trouble)

    @property
    def is_native(self) -> bool:
        return self.transfer_syntax_uid in NATIVE

    @property
    def is_big_endian(self) -> bool:
        return self.transfer_syntax_uid == EXPLICIT_BIG


def load(path: Path) -> Bytes:
    """Return the file's bytes, mapped if there are many."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size <= IN_MEMORY:
            return file.read()
        return mmap(file.fileno(), 0, access=ACCESS_READ)


@lru_cache(maxsize=8192)
def dictionary_vr(tag: int) -> str:
    """Return the VR that PS3.6 gives a public tag, "" if it does not know it."""
    # late: pydicom's dictionary is needed for implicit VR only, and costs start-up time
    from pydicom.datadict import dictionary_VR

    try:
        vr: str = dictionary_VR(tag)
    except KeyError:
        return "LO" if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF else ""
    return vr[:2]
