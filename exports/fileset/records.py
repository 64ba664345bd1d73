"""What one file's records in a DICOMDIR say, encoded from its header.

A value is copied as its bytes stand in the file, together with the file's character set, so that
no text is decoded and written differently. Only what a key cannot hold is replaced.
"""

import re
import struct
from functools import cache
from typing import NamedTuple

from pydicom import Dataset
from pydicom.charset import convert_encodings
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from deidentify.encoding import encode, padded
from exports.fileset.kinds import COUNTED, KEYS, kind_of

SPECIFIC_CHARACTER_SET = 0x00080005
PRIVATE_RECORD_UID = 0x00041432
_SOP_CLASS_UID = 0x00080016
_CONTENT_SEQUENCE = 0x0040A730
_IDENTITIES = (0x00100020, 0x0020000D, 0x0020000E)
LEVELS = ("PATIENT", "STUDY", "SERIES")
HEADER = sorted(
    {
        *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "Rows"),
        *(key.keyword for keys in KEYS.values() for key in keys),
    }
)
"""What has to be read of a file to know its records."""

_SEQUENCE_HEAD = 12
_NUMBERS = {"US": "<H", "UL": "<L"}
_VALID = {
    "DA": re.compile(rb"\d{8}"),
    "TM": re.compile(rb"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"),
    "IS": re.compile(rb"[+-]?\d{1,11}"),
    "CS": re.compile(rb"[A-Z0-9_ ]{1,16}(\\[A-Z0-9_ ]{1,16})*"),
    "UI": re.compile(rb"[0-9.]{1,64}"),
}


@cache
def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return tag


@cache
def _vr(tag: int) -> str:
    return dictionary_VR(tag)


class Record(NamedTuple):
    """One record without its links.

    Attributes:
        kind: such as PATIENT or IMAGE.
        keys: tag and encoded element, in the order of the tags.
        counted: tags whose value is the record's number among its brothers.
    """

    kind: str
    keys: tuple[tuple[int, bytes], ...]
    counted: tuple[int, ...]

    def encoded(self, number: int) -> bytes:
        """Return all keys; `number` is the record's among its brothers, from 1."""
        made = [(tag, _element(tag, str(number).encode())) for tag in self.counted]
        return b"".join(value for _, value in sorted([*self.keys, *made]))


def identities_of(header: Dataset) -> list[str]:
    """Return what tells a file's patient, study and series from others; "" where it says nothing.

    `header` needs what HEADER names.
    """
    return [_raw(header, tag).decode("latin-1") for tag in _IDENTITIES]


def record_of(header: Dataset, level: int) -> Record:
    """Return one of the records that lead to a file: of its patient (0), study, series or itself.

    `header` needs what HEADER names.
    """
    sop_class_uid = _raw(header, _SOP_CLASS_UID)
    if level < len(LEVELS):
        kind = LEVELS[level]
    else:
        kind = kind_of(sop_class_uid.decode("latin-1"), has_pixels="Rows" in header)
    keys, counted = [], []
    if character_set := _raw(header, SPECIFIC_CHARACTER_SET):
        keys.append((SPECIFIC_CHARACTER_SET, _element(SPECIFIC_CHARACTER_SET, character_set)))
    if kind == "PRIVATE":
        keys.append((PRIVATE_RECORD_UID, _element(PRIVATE_RECORD_UID, sop_class_uid)))
    for key in KEYS[kind]:
        tag = _tag(key.keyword)
        if value := _value(header, tag):
            keys.append((tag, _element(tag, value)))
        elif key.made_up == COUNTED:
            counted.append(tag)
        elif not key.is_conditional:
            keys.append((tag, _element(tag, _made_up(tag, key.made_up))))
    return Record(kind, tuple(sorted(keys)), tuple(counted))


def _element(tag: int, value: bytes) -> bytes:
    vr = _vr(tag)
    return encode(tag, vr, padded(value, vr), explicit=True)


def _made_up(tag: int, value: str) -> bytes:
    number = _NUMBERS.get(_vr(tag))
    return struct.pack(number, int(value)) if number and value else value.encode()


def _value(header: Dataset, tag: int) -> bytes:
    """Return a key's bytes as they stand in the file; none if it lacks them or they are wrong."""
    vr = _vr(tag)
    if vr == "SQ":
        return _sequence(header, tag)
    if vr in _NUMBERS:
        return _number(header, tag, _NUMBERS[vr])
    value = _raw(header, tag)
    valid = _VALID.get(vr)
    return b"" if valid is not None and not valid.fullmatch(value) else value


def _raw(header: Dataset, tag: int) -> bytes:
    """Return the bytes of a text without its padding."""
    if tag not in header:
        return b""
    item = header.get_item(tag)
    value = item.value if isinstance(item, RawDataElement) else str(item.value).encode("latin-1")
    return bytes(value or b"").strip(b" \0")


def _number(header: Dataset, tag: int, form: str) -> bytes:
    try:
        return struct.pack(form, header[tag].value) if tag in header else b""
    except (TypeError, ValueError, NotImplementedError, struct.error):  # as good as nothing
        return b""


def _sequence(header: Dataset, tag: int) -> bytes:
    """Return the items of a sequence, encoded anew; none if it cannot be read or written.

    Of a document's content only what modifies its title belongs into the directory (PS3.3 F.5.24).
    """
    if tag not in header:
        return b""
    try:
        items = list(header[tag].value)
        if tag == _CONTENT_SEQUENCE:
            items = [one for one in items if one.get("RelationshipType") == "HAS CONCEPT MOD"]
        if not items:
            return b""
        alone = Dataset()
        alone.add_new(tag, "SQ", Sequence(items))
        out = DicomBytesIO()
        out.is_little_endian, out.is_implicit_VR = True, False
        write_dataset(out, alone, convert_encodings(header.get("SpecificCharacterSet")))
    except (TypeError, ValueError, KeyError, AttributeError, NotImplementedError, LookupError):
        return b""
    return out.getvalue()[_SEQUENCE_HEAD:]
