"""Files that must be kept aside with a reason: one builder for every kind of bad input.

`BAD_FILES` maps a name to (builder, code of intake.models.RejectionCode); a builder takes a good
DICOM file (explicit VR little endian) and the path to write to.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from pydicom import dcmread
from pydicom.filewriter import dcmwrite
from pydicom.uid import MediaStorageDirectoryStorage

Builder = Callable[[Path, Path], None]


def truncated_in_pixels(good: Path, bad: Path) -> None:
    bad.write_bytes(good.read_bytes()[:-100])


def truncated_in_header(good: Path, bad: Path) -> None:
    content = good.read_bytes()
    bad.write_bytes(content[: content.index(b"Fjell") + 3])


def empty(good: Path, bad: Path) -> None:
    bad.write_bytes(b"")


def text(good: Path, bad: Path) -> None:
    bad.write_text("This is a list of files.\n" * 20)


def no_preamble(good: Path, bad: Path) -> None:
    bad.write_bytes(good.read_bytes()[132:])


def only_meta(good: Path, bad: Path) -> None:
    content = good.read_bytes()
    bad.write_bytes(content[: 144 + int.from_bytes(content[140:144], "little")])


def garbage_after_meta(good: Path, bad: Path) -> None:
    content = good.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")
    bad.write_bytes(content[:start] + bytes(range(1, 250)) * 20)


def other_instance_in_meta(good: Path, bad: Path) -> None:
    dataset = dcmread(good)
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5.6.7.8.9"
    dcmwrite(bad, dataset)


def other_class_in_meta(good: Path, bad: Path) -> None:
    dataset = dcmread(good)
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.128"
    dcmwrite(bad, dataset)


def implicit_said_explicit(good: Path, bad: Path) -> None:
    dataset = dcmread(good)
    dcmwrite(bad, dataset, implicit_vr=True, little_endian=True, force_encoding=True)


def explicit_said_implicit(good: Path, bad: Path) -> None:
    dataset = dcmread(good)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    dcmwrite(bad, dataset, implicit_vr=False, little_endian=True, force_encoding=True)


def huge_element(good: Path, bad: Path) -> None:
    """An element before the pixels says that it is 2 GB long."""
    content = good.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")
    element = struct.pack("<HH2sHI", 0x0008, 0x0001, b"OB", 0, 2**31 - 2)
    bad.write_bytes(content[:start] + element + content[start:])


def deep_nesting(good: Path, bad: Path) -> None:
    """Ten thousand sequences of undefined length inside each other, none of them closed."""
    content = good.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")
    sequence = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    bad.write_bytes(content[:start] + (sequence + item) * 10_000)


def without(keyword: str) -> Builder:
    def build(good: Path, bad: Path) -> None:
        dataset = dcmread(good)
        delattr(dataset, keyword)
        dcmwrite(bad, dataset)

    return build


def saying(keyword: str, value: bytes) -> Builder:
    """Put raw bytes into an element of the data set, past every check that pydicom makes."""

    def build(good: Path, bad: Path) -> None:
        content = good.read_bytes()
        element = dcmread(good)[keyword]
        head = struct.pack("<HH", element.tag.group, element.tag.element) + element.VR.encode()
        start = content.index(head, 132)
        end = start + 8 + int.from_bytes(content[start + 6 : start + 8], "little")
        padded = value + (b"\0" if element.VR == "UI" else b" ") * (len(value) % 2)
        changed = head + struct.pack("<H", len(padded)) + padded
        bad.write_bytes(content[:start] + changed + content[end:])

    return build


def dicomdir(good: Path, bad: Path) -> None:
    dataset = dcmread(good)
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dcmwrite(bad, dataset)


BAD_FILES: dict[str, tuple[Builder, str]] = {
    "truncated in its pixels": (truncated_in_pixels, "truncated"),
    "truncated in its header": (truncated_in_header, "truncated"),
    "empty": (empty, "not_dicom"),
    "text": (text, "not_dicom"),
    "without preamble": (no_preamble, "not_dicom"),
    "only file meta information": (only_meta, "uid_missing"),
    "garbage after its file meta information": (garbage_after_meta, "unreadable"),
    "another instance in its file meta information": (other_instance_in_meta, "meta_disagrees"),
    "another class in its file meta information": (other_class_in_meta, "meta_disagrees"),
    "implicit VR said to be explicit": (implicit_said_explicit, "meta_disagrees"),
    "explicit VR said to be implicit": (explicit_said_implicit, "meta_disagrees"),
    "an element of 2 GB": (huge_element, "truncated"),
    "ten thousand nested sequences": (deep_nesting, "unreadable"),
    "no Study Instance UID": (without("StudyInstanceUID"), "uid_missing"),
    "no Series Instance UID": (without("SeriesInstanceUID"), "uid_missing"),
    "no SOP Instance UID": (without("SOPInstanceUID"), "uid_missing"),
    "an empty Study Instance UID": (saying("StudyInstanceUID", b""), "uid_missing"),
    "a UID with letters": (saying("SeriesInstanceUID", b"1.2.abc.4"), "uid_invalid"),
    "a UID of 65 digits": (saying("StudyInstanceUID", b"1." + b"2" * 63), "uid_invalid"),
    "a UID that is a path": (saying("SeriesInstanceUID", b"../../../../tmp/x"), "uid_invalid"),
    "a Patient ID that is a path": (saying("PatientID", b"../../../tmp/owned"), "patient_id"),
    "a Patient ID that is a Windows path": (saying("PatientID", b"C:\\temp\\x"), "patient_id"),
    "a DICOMDIR": (dicomdir, "dicomdir"),
}
