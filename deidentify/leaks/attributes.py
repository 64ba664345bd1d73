"""Which source attributes identify, and as what.

Facts of PS3.6 and PS3.15 Table E.1-1, gathered for searching: an attribute is listed if its
value, found anywhere in an output, would point to the patient, to staff or to the hospital.
Free text is not listed: it is cleaned, and searched for the values of what is.
"""

from __future__ import annotations

PATIENT_NAMES = frozenset({0x00100010, 0x00101001, 0x00101005, 0x00101060, 0x00102297})

_KINDS: dict[str, tuple[int, ...]] = {
    "name": tuple(sorted(PATIENT_NAMES)),
    "identifier": (
        0x00080050,  # Accession Number
        0x00100020,  # Patient ID
        0x00101000,  # Other Patient IDs
        0x00101090,  # Medical Record Locator
        0x00120040,  # Clinical Trial Subject ID
        0x00120042,  # Clinical Trial Subject Reading ID
        0x00120082,  # Clinical Trial Protocol Ethics Committee Approval Number
        0x00200010,  # Study ID
        0x00380010,  # Admission ID
        0x00380060,  # Service Episode ID
        0x00400009,  # Scheduled Procedure Step ID
        0x00400253,  # Performed Procedure Step ID
        0x00401001,  # Requested Procedure ID
        0x00402006,  # Placer Order Number (retired)
        0x00402007,  # Filler Order Number (retired)
        0x00402016,  # Placer Order Number / Imaging Service Request
        0x00402017,  # Filler Order Number / Imaging Service Request
        0x00400512,  # Container Identifier
        0x00400551,  # Specimen Identifier
    ),
    "birth_date": (0x00100030, 0x00100033, 0x00100034),
    "address": (0x00101040, 0x00080081, 0x00080092, 0x00401102),
    "phone": (0x00102154, 0x00102155, 0x00080094, 0x00401103, 0x00401104, 0x00402010),
    "institution": (
        0x00080080,  # Institution Name
        0x00081040,  # Institutional Department Name
        0x00102299,  # Responsible Organization
        0x00120010,  # Clinical Trial Sponsor Name
        0x00120021,  # Clinical Trial Protocol Name
        0x00120031,  # Clinical Trial Site Name
        0x00380300,  # Current Patient Location
        0x00380400,  # Patient's Institution Residence
        0x00321020,  # Scheduled Study Location (retired)
        0x00400011,  # Scheduled Procedure Step Location
        0x00400243,  # Performed Location
    ),
    "device": (
        0x00081010,  # Station Name
        0x00080055,  # Station AE Title
        0x00181000,  # Device Serial Number
        0x00181004,  # Plate ID
        0x00181005,  # Generator ID
        0x00181007,  # Cassette ID
        0x00181008,  # Gantry ID
        0x00400001,  # Scheduled Station AE Title
        0x00400010,  # Scheduled Station Name
        0x00400241,  # Performed Station AE Title
        0x00400242,  # Performed Station Name
        0x00321021,  # Scheduled Study Location AE Title (retired)
        0x00020016,  # Source Application Entity Title
        0x00020017,  # Sending Application Entity Title
        0x00020018,  # Receiving Application Entity Title
    ),
}

KIND_OF = {tag: kind for kind, tags in _KINDS.items() for tag in tags}

WELL_KNOWN_UIDS = frozenset(
    {
        0x00020002,  # Media Storage SOP Class UID
        0x00020010,  # Transfer Syntax UID
        0x00020012,  # Implementation Class UID
        0x00020100,  # Private Information Creator UID
        0x00080016,  # SOP Class UID
        0x0008001A,  # Related General SOP Class UID
        0x0008001B,  # Original Specialized SOP Class UID
        0x00080062,  # SOP Classes Supported
        0x0008010C,  # Coding Scheme UID
        0x00080117,  # Context UID
        0x00080118,  # Mapping Resource UID
        0x0008010D,  # Context Group Extension Creator UID
        0x00081150,  # Referenced SOP Class UID
        0x0008115A,  # SOP Classes in Study
        0x00041510,  # Referenced SOP Class UID in File
        0x00041512,  # Referenced Transfer Syntax UID in File
        0x0040DB0D,  # Template Extension Creator UID (retired)
    }
)
"""Attributes whose UIDs name a class, a syntax or a scheme; see registered_uids.is_class."""

VOCABULARY = frozenset(
    {
        0x00080008,  # Image Type
        0x00080060,  # Modality
        0x00080061,  # Modalities in Study
        0x00080070,  # Manufacturer
        0x00081090,  # Manufacturer's Model Name
        0x00180010,  # Contrast/Bolus Agent
        0x00180015,  # Body Part Examined
        0x00180020,  # Scanning Sequence
        0x00180021,  # Sequence Variant
        0x00180022,  # Scan Options
        0x00181020,  # Software Versions
        0x00181250,  # Receive Coil Name
        0x00181251,  # Transmit Coil Name
        0x00185100,  # Patient Position
    }
)
"""Attributes of closed or technical vocabulary: a name that equals one of their words cannot
be told from it, and is searched in its own element only."""


MAKERS = frozenset({0x00080070, 0x00081090})
"""Manufacturer and Manufacturer's Model Name: the only ones whose words a patient may share."""


TEXT_VRS = frozenset("AE CS LO LT PN SH ST UC UR UT".split())  # noqa: SIM905
DATE_VRS = frozenset({"DA", "DT"})
SUSPECT_VRS = DATE_VRS | {"PN", "UI"}
_HOLD_ANYTHING = frozenset({"", "OB", "UN"})
_PIXEL_FACTS = frozenset({0x00280100, 0x00280101, 0x00280102})
_MARKED_TAGS = KIND_OF.keys() | WELL_KNOWN_UIDS | VOCABULARY | _PIXEL_FACTS
OVERLAY_BIT_POSITION, ANY_OVERLAY = 0x60000102, 0xFF00FFFF
MARKED, TEXT = 1, 2


def use_of(tag: int, vr: str) -> int:
    """Return what an element is looked at for, as bits.

    MARKED: by itself, its tag or VR says what it holds; TEXT: for what may be written in it.
    """
    is_marked = vr in SUSPECT_VRS or tag in _MARKED_TAGS
    is_marked = is_marked or tag & ANY_OVERLAY == OVERLAY_BIT_POSITION
    is_text = vr in TEXT_VRS or vr in _HOLD_ANYTHING
    return MARKED * is_marked + TEXT * is_text


def kind_of(tag: int, vr: str) -> str:
    """Return the class of identifier an attribute holds, "" if it identifies nobody.

    Every person name that is not the patient's counts as staff's, private ones included.
    """
    kind = KIND_OF.get(tag, "")
    if not kind and vr == "PN":
        return "physician"
    if not kind and vr == "UI" and tag not in WELL_KNOWN_UIDS:
        return "uid"
    return kind
