"""Reads what the catalogue needs of one received file, and decides whether it can be catalogued.

Every kind of bad input ends here, as KeptAside with a reason. Values are text, not trusted: none
of them ever becomes a path.

Source: DICOM PS3.10 section 7 (preamble, file meta information), PS3.5 section 9.1 (UIDs).
"""

import hashlib
import mmap
import re
import struct
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydicom.charset import convert_encodings, decode_bytes

from deidentify.uids import agree
from intake.errors import KeptAside
from intake.models import RejectionCode
from intake.structure import Bytes, inflate, says_other_encoding, walk

WANTED = {
    0x00080005: "SpecificCharacterSet",
    0x00080008: "ImageType",
    0x00080016: "SOPClassUID",
    0x00080018: "SOPInstanceUID",
    0x00080020: "StudyDate",
    0x00080030: "StudyTime",
    0x00080050: "AccessionNumber",
    0x00080060: "Modality",
    0x00080070: "Manufacturer",
    0x00080080: "InstitutionName",
    0x00081010: "StationName",
    0x00081030: "StudyDescription",
    0x0008103E: "SeriesDescription",
    0x00081090: "ManufacturerModelName",
    0x00100010: "PatientName",
    0x00100020: "PatientID",
    0x00100021: "IssuerOfPatientID",
    0x00100030: "PatientBirthDate",
    0x00100040: "PatientSex",
    0x00180015: "BodyPartExamined",
    0x00181030: "ProtocolName",
    0x0020000D: "StudyInstanceUID",
    0x0020000E: "SeriesInstanceUID",
    0x00200011: "SeriesNumber",
    0x00200013: "InstanceNumber",
}
META_WANTED = {
    0x00020002: "SOPClassUID",
    0x00020003: "SOPInstanceUID",
    0x00020010: "TransferSyntaxUID",
}
NEEDED_UIDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
UID = re.compile(r"[0-9]+(\.[0-9]+)*", re.ASCII)
PATHLIKE = re.compile(r"^[/~]|^[A-Za-z]:/|(^|/)\.\.(/|$)|\\|[\x00-\x1f\x7f]")
# GE's private syntax has big-endian pixels in a data set that is implicit VR little endian.
IMPLICIT = {"1.2.840.10008.1.2", "1.2.840.113619.5.2"}
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"}
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
PREAMBLE_BYTES = 128
START_OF_META = PREAMBLE_BYTES + 4


@dataclass(frozen=True)
class Header:
    """What is known of one file. `values` holds decoded text by keyword, without the UIDs."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    digest: str
    size: int
    values: Mapping[str, str]

    def text(self, keyword: str, letters: int = 1000) -> str:
        """Return an element's text; "" if it is missing."""
        return self.values.get(keyword, "")[:letters]

    def number(self, keyword: str) -> int | None:
        """Return an Integer String as a 32-bit number; None if it is none."""
        try:
            number = int(self.values.get(keyword, "").split("\\")[0])
        except ValueError:
            return None
        return number if -(2**31) <= number < 2**31 else None


def read_header(path: Path) -> Header:
    """Read one received file. Raises KeptAside if it cannot be catalogued."""
    size = path.stat().st_size
    if size < START_OF_META:
        raise KeptAside(RejectionCode.NOT_DICOM)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[PREAMBLE_BYTES:START_OF_META] != b"DICM":
            raise KeptAside(RejectionCode.NOT_DICOM)
        meta, start = _read_meta(data)
        if meta.get("SOPClassUID") == MEDIA_DIRECTORY:
            raise KeptAside(RejectionCode.DICOMDIR)
        found = _read_data_set(data, start, meta.get("TransferSyntaxUID", ""), WANTED)
        raw = {WANTED[tag]: value for tag, value in found.items()}
        uids = _checked_uids(raw, meta)
        values = _decoded(raw)
        if PATHLIKE.search(values.get("PatientID", "")):
            raise KeptAside(RejectionCode.PATIENT_ID)
        file.seek(start)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Header(
        sop_class_uid=uids["SOPClassUID"],
        sop_instance_uid=uids["SOPInstanceUID"],
        study_instance_uid=uids["StudyInstanceUID"],
        series_instance_uid=uids["SeriesInstanceUID"],
        transfer_syntax_uid=meta["TransferSyntaxUID"][:64],
        digest=digest,
        size=size,
        values=values,
    )


def read_values(path: Path, wanted: Collection[int]) -> dict[int, bytes]:
    """Return the raw values of some elements of the first level of a received file, by tag.

    Values are cut at 4096 bytes; pixel data in fragments is not among them. Raises KeptAside if
    the file cannot be followed to its end.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        meta, start = _read_meta(data)
        return _read_data_set(data, start, meta.get("TransferSyntaxUID", ""), wanted)


def _read_meta(data: Bytes) -> tuple[dict[str, str], int]:
    """Return the file meta information and where the data set begins.

    It is always explicit VR little endian; its group length is not trusted, its group is.
    """
    position = START_OF_META
    meta = {}
    while position + 12 <= len(data):
        group, element, vr, short = struct.unpack_from("<HH2sH", data, position)
        if group != 0x0002:
            break
        head = 8
        if vr in {b"OB", b"UN", b"OW"}:
            (short,) = struct.unpack_from("<I", data, position + 8)
            head = 12
        value, position = position + head, position + head + short
        if position > len(data):
            raise KeptAside(RejectionCode.TRUNCATED)
        if name := META_WANTED.get(group << 16 | element):
            meta[name] = _plain_uid(data[value:position])
    return meta, position


def _read_data_set(
    data: Bytes, start: int, syntax: str, wanted: Collection[int]
) -> dict[int, bytes]:
    if not syntax:
        raise KeptAside(RejectionCode.UNREADABLE)
    if syntax in DEFLATED:
        data, start = inflate(data, start), 0
    is_implicit, is_big_endian = syntax in IMPLICIT, syntax == BIG_ENDIAN
    if not is_big_endian and says_other_encoding(data, start, is_implicit=is_implicit):
        raise KeptAside(RejectionCode.META_DISAGREES)
    return walk(data, start, is_implicit=is_implicit, is_big_endian=is_big_endian, wanted=wanted)


def _checked_uids(raw: Mapping[str, bytes], meta: Mapping[str, str]) -> dict[str, str]:
    uids = {name: _plain_uid(raw.get(name, b"")) for name in NEEDED_UIDS}
    if not all(uids.values()):
        raise KeptAside(RejectionCode.UID_MISSING)
    if not all(len(uid) <= 64 and UID.fullmatch(uid) for uid in uids.values()):
        raise KeptAside(RejectionCode.UID_INVALID)
    class_said, instance_said = meta.get("SOPClassUID"), meta.get("SOPInstanceUID")
    if class_said and class_said != uids["SOPClassUID"]:
        raise KeptAside(RejectionCode.META_DISAGREES)
    if instance_said and not agree(instance_said.encode(), uids["SOPInstanceUID"].encode()):
        raise KeptAside(RejectionCode.META_DISAGREES)
    return uids


def _plain_uid(raw: bytes) -> str:
    return raw.decode("ascii", "replace").strip("\0 ")


def _decoded(raw: Mapping[str, bytes]) -> dict[str, str]:
    """Decode every wanted value with the file's character set.

    Without one, bytes above 127 are Latin-1, as Norwegian equipment writes them in practice.
    """
    named = raw.get("SpecificCharacterSet", b"").decode("ascii", "replace").strip("\0 ")
    encodings = ["iso8859"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a damaged text is catalogued as well as it can be read
        if named:
            try:
                encodings = convert_encodings([part.strip() for part in named.split("\\")])
            except LookupError:
                encodings = ["iso8859"]
        return {name: _decode(value, encodings) for name, value in raw.items()}


def _decode(value: bytes, encodings: list[str]) -> str:
    if value.isascii() and b"\x1b" not in value:
        text = value.decode("ascii")
    else:
        try:
            text = decode_bytes(value, encodings, {0x5C, 0x5E, 0x3D, 0x0A, 0x0D, 0x09, 0x0C})
        except (UnicodeError, LookupError):
            text = value.decode("iso8859")
    return text.strip("\0 ")
