"""What an instance says for itself, item by item or drawn: which option cleans it in place.

Trees of content items (reports, key object selections, dose reports), annotations of waveforms
and presentation states are entered, and every item is treated as what it is: texts are cleaned
token by token, persons become the pseudonym or a dummy, UIDs and dates follow the participant's,
codes, numbers and geometry stay. The code of such an option is written into those instances
alone that hold content of its kind.

Source: DICOM PS3.15 E.3.4 (Clean Graphics), E.3.2 (Clean Structured Content); PS3.3 C.17.3.
"""

import re
from collections.abc import Iterable, Mapping

from deidentify.identifying import BIRTH_DATE, DEVICE, IDENTIFIER, NAME, PATIENT_NAME, PLACE
from deidentify.text import decoded

PERSON_NAME = 0x0040A123
# A PDF, a CDA or a model of the body: whole documents that only a project's own rule lets pass.
ENCAPSULATED_DOCUMENT = 0x00420011
CONTENT_DATES = frozenset({0x0040A120, 0x0040A121})  # DateTime and Date of a content item

# What stands in these is cleaned where the option is active: (0012,0064) then says so.
CONTENT: Mapping[int, str] = {
    0x0040A730: "structured_content",  # Content Sequence
    0x00400555: "structured_content",  # Acquisition Context Sequence
    0x00400610: "structured_content",  # Specimen Preparation Sequence
    0x0040B020: "structured_content",  # Waveform Annotation Sequence
    0x00700001: "graphics",  # Graphic Annotation Sequence
}
# Rows for which the edition at hand knows no option, though an option is what cleans them.
CLEANED_UNDER: Mapping[int, str] = {
    PERSON_NAME: "structured_content",
    0x0040B020: "structured_content",  # Waveform Annotation Sequence
    0x00700006: "graphics",  # Unformatted Text Value
    0x003A0020: "descriptors",  # Multiplex Group Label
    0x003A0203: "descriptors",  # Channel Label
    0x003A020C: "descriptors",  # Channel Derivation Description
    0x0040B03B: "descriptors",  # Montage Name
    0x0040B03F: "descriptors",  # Montage Channel Label
}
CONTENT_VALUES = frozenset({0x0040A121, PERSON_NAME, 0x0040A160})  # Date, Person Name, Text
# Concepts (PS3.16, scheme DCM) whose value says who somebody is, whatever the header says.
CONCEPTS: Mapping[bytes, str] = {
    b"121029": PATIENT_NAME,  # Subject Name
    b"121030": IDENTIFIER,  # Subject ID
    b"121031": BIRTH_DATE,  # Subject Birth Date
    b"121036": NAME,  # Mother of fetus
    b"121008": NAME,  # Person Observer Name
    b"121009": PLACE,  # Person Observer's Organization Name
    b"128774": IDENTIFIER,  # Person Observer's Login Name
    b"121013": DEVICE,  # Device Observer Name
    b"121016": DEVICE,  # Device Observer Serial Number
    b"121017": PLACE,  # Device Observer Physical Location during observation
    b"121020": IDENTIFIER,  # Placer Number
    b"121021": IDENTIFIER,  # Filler Number
    b"121022": IDENTIFIER,  # Accession Number
    b"113870": NAME,  # Person Name
    b"113871": IDENTIFIER,  # Person ID
    b"113872": IDENTIFIER,  # Person ID Issuer
    b"113873": PLACE,  # Organization Name
}
_NONE: frozenset[str] = frozenset()
ONLY_WHERE_PRESENT = frozenset(CONTENT.values())

NEAR = 512
_CONCEPT_NAME = b"\x40\0\x43\xa0"  # Concept Name Code Sequence
_CODE_VALUE = b"\x08\0\0\1"
_WORD = re.compile(r"[^\W\d_]+")


def options_carried_out(found: Mapping[int, object]) -> frozenset[str]:
    """Return the options whose kind of content is among the elements found in an instance."""
    tags = CONTENT.keys() & found.keys()
    return frozenset([CONTENT[tag] for tag in tags]) if tags else _NONE


def kind_by_concept(buffer: bytes, position: int, *, explicit: bool) -> str:
    """Return the kind of identifying value that a content item's concept name makes of it.

    Args:
        buffer: of the file.
        position: of the value's element; its concept name stands shortly before.
        explicit: VRs are written out.
    """
    name = buffer.rfind(_CONCEPT_NAME, max(position - NEAR, 0), position)
    code = buffer.find(_CODE_VALUE, name, position) if name >= 0 else -1
    if code < 0:
        return ""
    start = code + 8
    length = int.from_bytes(
        buffer[start - 2 : start] if explicit else buffer[code + 4 : start], "little"
    )
    return CONCEPTS.get(buffer[start : start + length].strip(b" \0"), "")


def is_the_patient(name: bytes, charset: bytes, terms: Iterable[tuple[str, bytes, bytes]]) -> bool:
    """Whether a person's name in a content item is the patient's own.

    Args:
        name: PN, as stored.
        charset: Specific Character Set in force.
        terms: what is known of the patient: kind, value as stored, character set.
    """
    words = _words(name, charset)
    if len(words) < 2:
        return False
    patients = [_words(value, theirs) for kind, value, theirs in terms if kind == PATIENT_NAME]
    return any(words <= patient or (len(patient) > 1 and patient <= words) for patient in patients)


def is_birth_date(value: bytes, terms: Iterable[tuple[str, bytes, bytes]]) -> bool:
    """Whether a date in a content item is the patient's date of birth; `terms` as above."""
    dates = {theirs.strip(b" \0") for kind, theirs, _ in terms if kind == BIRTH_DATE}
    return value[:8] in dates


def _words(name: bytes, charset: bytes) -> set[str]:
    return set(_WORD.findall(decoded(name, charset)[0].casefold()))
