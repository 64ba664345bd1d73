"""Valid files that the fuzzer damages: one of each kind, of an invented patient, and pydicom's.

The built ones carry PLANTED values; whatever becomes of such a file, none may be left outside
its pixel data.
"""

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from tests.deidentify.samples import MR, brain, real_files

NAME = "Kvamsdal^Ingeborg"
NUMBER = "HN4482913"
PLANTED = (b"kvamsdal", b"ingeborg", b"hn4482913")
SR = "1.2.840.10008.5.1.4.1.1.88.33"
LARGEST = 40_000


@dataclass(frozen=True)
class Seed:
    """A valid file. `is_planted`: it carries the PLANTED values and nobody else's."""

    name: str
    raw: bytes
    is_planted: bool


def _patient(**more: object) -> Dataset:
    made = brain(
        PatientName=NAME,
        PatientID=NUMBER,
        ReferringPhysicianName=NAME,
        StudyDescription=f"MR hjerne {NUMBER}",
        ImageComments="seen with Ingeborg Kvamsdal",
    )
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def _encoded(made: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = UID(syntax)
    buffer = BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _item(**values: object) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _nested(*, undefined: bool) -> Dataset:
    inner = _item(ReferencedSOPClassUID=MR, ReferencedSOPInstanceUID="1.2.3.4.77", PatientName=NAME)
    middle = _item(
        PurposeOfReferenceCodeSequence=[
            _item(CodeValue="121311", CodingSchemeDesignator="DCM", CodeMeaning=f"for {NAME}")
        ],
        ReferencedInstanceSequence=[inner, inner],
    )
    made = _patient(
        ReferencedSeriesSequence=[middle, _item(), middle],
        RequestAttributesSequence=[_item(RequestedProcedureID=NUMBER)],
    )
    for element in made.iterall():
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
    return made


def _report() -> Dataset:
    def content(kind: str, **values: object) -> Dataset:
        concept = _item(CodeValue="121071", CodingSchemeDesignator="DCM", CodeMeaning="Finding")
        return _item(
            RelationshipType="CONTAINS",
            ValueType=kind,
            ConceptNameCodeSequence=[concept],
            **values,
        )

    made = _patient(SOPClassUID=SR, Modality="SR", ValueType="CONTAINER")
    del made.PixelData
    made.ContentSequence = [
        content("TEXT", TextValue="Ingeborg Kvamsdal has a finding"),
        content("PNAME", PersonName=NAME),
        content("UIDREF", UID="1.2.3.4.2"),
        content("DATE", Date="20240312"),
        content("CONTAINER", ContentSequence=[content("TEXT", TextValue=NUMBER)]),
    ]
    return made


def _csa(text: bytes) -> bytes:
    """A Siemens CSA header with one tag: SV10, count, then name, VM, VR, syngo type, items."""
    item = struct.pack("<LLLL", len(text), len(text), 77, len(text)) + text + bytes(-len(text) % 4)
    tag = struct.pack("<64sL4sLLL", b"PatientName", 1, b"LO", 19, 1, 77) + item
    return b"SV10\4\3\2\1" + struct.pack("<LL", 1, 77) + tag


def _private() -> Dataset:
    made = _patient()
    csa = made.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    csa.add_new(0x10, "OB", _csa(b"Kvamsdal^Ingeborg"))
    csa.add_new(0x20, "OB", _csa(b"HN4482913"))
    text = made.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    text.add_new(0x0F, "LO", "HEA;HEP Kvamsdal")
    numbers = made.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    numbers.add_new(0x0C, "IS", "1000")
    unknown = made.private_block(0x0019, "SOMEBODY ELSE", create=True)
    unknown.add_new(0x01, "LO", NAME)
    unknown.add_new(0x02, "SQ", [_item(PatientName=NAME)])
    series = made.private_block(0x0025, "GEMS_SERS_01", create=True)
    packed = gzip.compress(b"set PATIENT Kvamsdal set ID HN4482913 set TR 2000", mtime=0)
    series.add_new(0x1B, "OB", len(packed).to_bytes(4, "little") + packed)
    return made


def _unknown() -> bytes:
    """An image whose reference is stored as UN, implicit VR inside."""
    name = NAME.encode() + b" "
    item = struct.pack("<HHL", 8, 0x1155, 10) + b"1.2.3.4.99"
    item += struct.pack("<HHL", 0x10, 0x10, len(name)) + name
    content = struct.pack("<HHL", 0xFFFE, 0xE000, len(item)) + item
    stored = struct.pack("<HH2sHL", 8, 0x1140, b"UN", 0, len(content)) + content
    before = struct.pack("<HH2s", 0x10, 0x10, b"PN")
    return _encoded(_patient()).replace(before, stored + before)


def _compressed(syntax: str, *fragments: bytes) -> bytes:
    made = _patient(PixelData=encapsulate(list(fragments)))
    made["PixelData"].is_undefined_length = True
    return _encoded(made, syntax)


def _without_meta(raw: bytes) -> bytes:
    return raw[raw.index(b"\x08\0\x05\0") :]


def _real(name: str, number: int) -> bytes:
    """A real scanner's header under the invented name, its pixels cut to a few."""
    path = [path for path in real_files(name) if path.stat().st_size > 100_000][number]
    made = dcmread(path, force=True)
    made.PatientName, made.PatientID = NAME, NUMBER
    made.PixelData = bytes(64)
    if frames := made.get("PerFrameFunctionalGroupsSequence"):
        del frames[2:]
    made["PixelData"].is_undefined_length = False
    return _encoded(made)


BUILT: dict[str, Callable[[], bytes]] = {
    "explicit": lambda: _encoded(_patient()),
    "implicit": lambda: _encoded(_patient(), ImplicitVRLittleEndian),
    "deflated": lambda: _encoded(_patient(), DeflatedExplicitVRLittleEndian),
    "nested": lambda: _encoded(_nested(undefined=False)),
    "nested, undefined": lambda: _encoded(_nested(undefined=True)),
    "nested, implicit": lambda: _encoded(_nested(undefined=True), ImplicitVRLittleEndian),
    "nested, big endian": lambda: _encoded(_nested(undefined=True), ExplicitVRBigEndian),
    "report": lambda: _encoded(_report()),
    "private": lambda: _encoded(_private()),
    "private, implicit": lambda: _encoded(_private(), ImplicitVRLittleEndian),
    "unknown": _unknown,
    "rle": lambda: _compressed(RLELossless, bytes(100), b"\1" * 51),
    "jpeg 2000": lambda: _compressed(
        JPEG2000Lossless, b"\xff\x4f\xff\x64\0\x0c\0\1Kvamsdal\xff\xd9"
    ),
    "no meta": lambda: _without_meta(_encoded(_patient(), ImplicitVRLittleEndian)),
    "siemens": lambda: _real("dcm_qa_nih", 0),
    "philips": lambda: _real("dcm_qa_enh", 0),
}


@cache
def seeds() -> tuple[Seed, ...]:
    """All seeds, always in the same order."""
    made = [Seed(name, build(), True) for name, build in BUILT.items()]
    # Those in the wheel alone: pydicom would try to download others.
    for path in sorted((Path(pydicom.__file__).parent / "data" / "test_files").glob("*.dcm")):
        if path.stat().st_size <= LARGEST:
            made.append(Seed(path.name, path.read_bytes(), False))
    return tuple(made)
