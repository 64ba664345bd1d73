"""How a specification names an element: one way of writing for rules and transformations.

    SeriesDescription
    (0008,103E)                                 or 0008,103E, or 0008103E
    (0019,"SIEMENS MR HEADER",0C)               a private element by its creator
    RequestAttributesSequence.CodeValue         a way through sequences, through all their items

Source: DICOM PS3.6 (keywords), PS3.5 section 7.8.1 (private creators).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

LONGEST = 300
DEEPEST = 8
STEP = re.compile(
    r"""\(\s*([0-9A-Fa-f]{4})\s*,\s*(?:([0-9A-Fa-f]{4})|"([^"\\]{1,64})"\s*,\s*([0-9A-Fa-f]{2}))\s*\)
    |([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})(?![A-Za-z0-9])
    |([A-Z][A-Za-z0-9]*)""",
    re.VERBOSE,
)
HOW = (
    "Write a keyword of the standard such as SeriesDescription, a tag such as (0008,103E), or a "
    'private element such as (0019,"SIEMENS MR HEADER",0C).'
)


class UnknownElement(ValueError):
    """What was written names no element. The message is a sentence."""


@dataclass(frozen=True)
class Step:
    """One element of a way: a public tag, or a private one by its creator.

    Args:
        group: 0 to 0xFFFF.
        number: the tag's second half; of a private element, its last byte alone.
        creator: the private creator, "" for a public element.
    """

    group: int
    number: int
    creator: str = ""

    @property
    def tag(self) -> int:
        """The tag of a public element; private ones have none until a creator's block is known."""
        return self.group << 16 | self.number

    def __str__(self) -> str:
        if self.creator:
            return f'({self.group:04X},"{self.creator}",{self.number:02X})'
        return f"({self.group:04X},{self.number:04X})"

    @property
    def name(self) -> str:
        """Its keyword, or the tag where it has none."""
        return (not self.creator and keyword_for_tag(self.tag)) or str(self)

    @property
    def vr(self) -> str:
        """The standard's value representation, such as `US or SS`; "" where it has none."""
        if self.creator:
            return ""
        try:
            return dictionary_VR(self.tag)
        except KeyError:
            return ""

    def tag_in(self, data: Dataset) -> int | None:
        """Return where it stands in a data set; None if the creator has no block there."""
        if not self.creator:
            return self.tag
        for block in range(0x10, 0x100):
            held = data.get_item((self.group, block))
            if held is not None and str(data[self.group, block].value).strip() == self.creator:
                return self.group << 16 | block << 8 | self.number
        return None


@dataclass(frozen=True)
class ElementPath:
    """A checked name of an element; `str` gives the one form that specifications keep."""

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> "ElementPath":
        """Read what was typed. Raises UnknownElement."""
        return _parse(text.strip())

    def __str__(self) -> str:
        return ".".join(step.name for step in self.steps)

    @property
    def last(self) -> Step:
        """The element itself."""
        return self.steps[-1]

    @property
    def path(self) -> str:
        """The way as the review's index writes it: `(0040,0275)(0008,0100)`."""
        return "".join(str(step) for step in self.steps)

    @property
    def is_private(self) -> bool:
        """Whether the element itself is private."""
        return bool(self.last.creator)

    def find(self, data: Dataset) -> Iterator[DataElement]:
        """Yield the element wherever the way leads in a data set, through all items."""
        yield from _find(data, self.steps)


def _find(data: Dataset, steps: tuple[Step, ...]) -> Iterator[DataElement]:
    tag = steps[0].tag_in(data)
    if tag is None or tag not in data:
        return
    element = data[tag]
    if len(steps) == 1:
        yield element
    elif element.VR == "SQ":
        for item in element.value or ():
            yield from _find(item, steps[1:])


@lru_cache(maxsize=2048)
def _parse(text: str) -> ElementPath:
    if not text or len(text) > LONGEST:
        raise UnknownElement(HOW)
    steps: list[Step] = []
    end = 0
    while end < len(text):
        if steps:
            end += text[end] in "./"
        match = STEP.match(text, end)
        if match is None:
            raise UnknownElement(HOW)
        steps.append(_step(match))
        end = match.end()
    if len(steps) > DEEPEST:
        raise UnknownElement(f"A way through sequences has at most {DEEPEST} steps.")
    for step in steps[:-1]:
        if step.vr not in ("SQ", ""):
            raise UnknownElement(f"{step.name} is no sequence; nothing lies inside it.")
    return ElementPath(tuple(steps))


def _step(match: re.Match[str]) -> Step:
    group, number, creator, last, bare_group, bare_number, keyword = match.groups()
    if keyword:
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise UnknownElement(f"The standard has no such keyword. {HOW}")
        group, number = f"{tag >> 16:04X}", f"{tag & 0xFFFF:04X}"
    if creator:
        if int(group, 16) % 2 == 0:
            raise UnknownElement("Private elements have odd groups, such as 0019.")
        if not creator.strip():
            raise UnknownElement(HOW)
        return Step(int(group, 16), int(last, 16), creator.strip())
    step = Step(int(group or bare_group, 16), int(number or bare_number, 16))
    if step.group < 8:
        raise UnknownElement("Elements below group 0008 belong to the file, not to the image.")
    if step.group % 2:
        raise UnknownElement(
            "A private element is named by its creator, because its block differs from file to "
            'file: (0019,"SIEMENS MR HEADER",0C).'
        )
    return step
