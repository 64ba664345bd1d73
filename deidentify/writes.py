"""What de-identification writes into every instance, besides what the profile changes.

Source: DICOM PS3.3 C.7.1.1 (Patient), C.7.1.3 and C.7.2.3 (Clinical Trial); PS3.15 E.1.1.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from deidentify.content import ONLY_WHERE_PRESENT
from deidentify.encoding import encode, encode_sequence, padded
from deidentify.identity import Identity
from deidentify.profiles import CODES, Profile
from deidentify.version import ENGINE, VERSION

ACCESSION_NUMBER = 0x00080050
MANUFACTURER = 0x00080070
STUDY_ID = 0x00200010
INSTITUTION_NAME = 0x00080080
CONTRIBUTING_EQUIPMENT = 0x0018A001

# (tag, VR, text), or for a sequence (tag, "SQ", its items)
Item = tuple[tuple[int, str, Any], ...]


@dataclass(frozen=True)
class Write:
    """An element written at the top level, the same in every instance of a participant.

    Args:
        vr: its VR.
        text: its value; "" for empty.
        items: for a sequence, its items; a sequence inside them has items in place of a text.
        of_study: the value is a digest of the Study Instance UID, made per instance.
        if_present: written only over an element that is there.
        if_absent: written only where the element is missing; a sequence that is there gets the
            items besides its own.
        only_where: for each item, the option whose kind of content an instance must have for
            it; "" for every instance. Empty: all items always.
    """

    vr: str
    text: str = ""
    items: tuple[Item, ...] = ()
    of_study: bool = False
    if_present: bool = False
    if_absent: bool = False
    only_where: tuple[str, ...] = ()

    @property
    def of_instance(self) -> bool:
        """Whether the items depend on what the instance holds."""
        return any(self.only_where)

    def element(
        self, tag: int, *, explicit: bool, carried_out: Collection[str] = frozenset()
    ) -> bytes:
        """Return the whole encoded element, little endian."""
        if self.vr == "SQ":
            items = self.encoded_items(explicit=explicit, carried_out=carried_out)
            return encode_sequence(tag, items, explicit=explicit)
        return encode(tag, self.vr, padded(self.text.encode(), self.vr), explicit=explicit)

    def encoded_items(
        self, *, explicit: bool, carried_out: Collection[str] = frozenset()
    ) -> list[bytes]:
        """Return the content of each item that the instance is to have."""
        return [
            _encoded(item, explicit=explicit)
            for item, option in zip_longest(self.items, self.only_where)
            if not option or option in carried_out
        ]


def _encoded(item: Item, *, explicit: bool) -> bytes:
    elements = []
    for tag, vr, content in item:
        if isinstance(content, str):
            value = padded(content.encode(), vr)
            elements.append(encode(tag, vr, value, explicit=explicit))
        else:
            inner = [_encoded(one, explicit=explicit) for one in content]
            elements.append(encode_sequence(tag, inner, explicit=explicit))
    return b"".join(elements)


def _content_option(code: tuple[str, str]) -> str:
    return next((option for option in ONLY_WHERE_PRESENT if CODES[option] == code), "")


def _code(value: str, meaning: str) -> Item:
    return (
        (0x00080100, "SH", value),
        (0x00080102, "SH", "DCM"),
        (0x00080104, "LO", meaning),
    )


def _equipment(profile: Profile) -> Item:
    """An item of Contributing Equipment Sequence (PS3.3 C.12.1) that names this program.

    Not in Manufacturer's Model Name and Software Versions (type 3 here): dcm2niix takes those of
    the last item for the scanner's.
    """
    return (
        (0x00080070, "LO", "rDMA"),
        (0x0018A003, "ST", f"{ENGINE} {VERSION}, de-identified by the profile {profile.name}"),
        (0x0040A170, "SQ", (_code("109104", "De-identifying Equipment"),)),
    )


def standard_writes(
    profile: Profile, identity: Identity, codes: tuple[tuple[str, str], ...], days: int
) -> dict[int, Write]:
    """Return tag -> Write for the profiles of PS3.15, in tag order."""
    if profile.has("full_dates"):
        temporal = "UNMODIFIED"
    elif profile.has("modified_dates") and days:
        temporal = "MODIFIED"
    else:
        temporal = "REMOVED"
    writes = {
        ACCESSION_NUMBER: Write("SH", of_study=True),
        # Type 2 in the General Equipment Module, which Institution Name brings along.
        MANUFACTURER: Write("LO", if_absent=True),
        INSTITUTION_NAME: Write("LO", identity.project),
        0x00100010: Write("PN", identity.pseudonym),
        0x00100020: Write("LO", identity.pseudonym),
        # Type 1 in the Clinical Trial Subject Module, which the next three bring along.
        0x00120010: Write("LO", identity.project),
        0x00120020: Write("LO", identity.project),
        0x00120021: Write("LO", identity.project_number),
        0x00120030: Write("LO", identity.site),
        0x00120031: Write("LO"),
        0x00120040: Write("LO", identity.pseudonym),
        0x00120050: Write("LO", identity.event),
        0x00120062: Write("CS", "YES"),
        0x00120063: Write("LO", f"{ENGINE} {VERSION} {profile.name}"),
        0x00120064: Write(
            "SQ",
            items=tuple(_code(*code) for code in codes),
            only_where=tuple(_content_option(code) for code in codes),
        ),
        # Without a date: when an instance was de-identified would date the study as well.
        CONTRIBUTING_EQUIPMENT: Write("SQ", items=(_equipment(profile),), if_absent=True),
        STUDY_ID: Write("SH", of_study=True),
        0x00280303: Write("CS", temporal),
    }
    if profile.has("institution"):
        del writes[INSTITUTION_NAME], writes[MANUFACTURER]
    return writes
