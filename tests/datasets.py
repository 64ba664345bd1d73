"""Data sets of invented patients, built in code, and files that are bad in every foreseen way.

A builder returns a data set; `write` puts it into a file with the transfer syntax asked for, and
the `make_…_series` builders do both. Every keyword that a builder does not name itself sets the
element of that keyword: `make_mr_series(folder, patient_name="Fjell^Turid", StationName="MR3T")`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComprehensiveSRStorage,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    MRImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

from tests.bad_files import BAD_FILES

__all__ = [
    "BAD_FILES",
    "ct",
    "make_ct_series",
    "make_mr_series",
    "make_sc_series",
    "make_sr",
    "make_us_series",
    "mr",
    "new_uid",
    "sc",
    "sr",
    "us",
    "write",
]

# FH numbers are given to people without another one; nobody has this one (reference/accuracy.md).
PATIENT_ID = "97975432312"
PATIENT_NAME = "Fjell^Turid Aasen"


def new_uid() -> str:
    """Draw a UID that nothing else has."""
    return str(generate_uid(prefix=None))


def mr(**attributes: Any) -> Dataset:
    """One slice of an MR of the head, 16 bit, 32 x 32."""
    return _image(
        MRImageStorage,
        {
            "Modality": "MR",
            "Manufacturer": "SIEMENS",
            "ManufacturerModelName": "Prisma",
            "StationName": "MR3T",
            "StudyDescription": "MR brain",
            "SeriesDescription": "T1 MPRAGE",
            "ProtocolName": "t1_mprage_sag",
            "BodyPartExamined": "HEAD",
            "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
            "ScanningSequence": "GR",
            "SequenceVariant": "SP",
            "ScanOptions": "",
            "MRAcquisitionType": "3D",
            "EchoTime": 2.98,
            "RepetitionTime": 2300.0,
            "EchoTrainLength": 1,
            "MagneticFieldStrength": 3.0,
            "SliceThickness": 1.0,
            "PixelSpacing": [1.0, 1.0],
            "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            "ImagePositionPatient": [-16.0, -16.0, 0.0],
            "FrameOfReferenceUID": new_uid(),
            "PositionReferenceIndicator": "",
        },
        attributes,
    )


def ct(**attributes: Any) -> Dataset:
    """One slice of a CT of the thorax, 16 bit, 32 x 32."""
    return _image(
        CTImageStorage,
        {
            "Modality": "CT",
            "Manufacturer": "GE MEDICAL SYSTEMS",
            "ManufacturerModelName": "Revolution",
            "StationName": "CT2",
            "StudyDescription": "CT thorax",
            "SeriesDescription": "Thorax 1 mm",
            "ProtocolName": "Thorax",
            "BodyPartExamined": "CHEST",
            "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
            "KVP": 120.0,
            "RescaleIntercept": -1024.0,
            "RescaleSlope": 1.0,
            "SliceThickness": 1.0,
            "PixelSpacing": [0.7, 0.7],
            "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            "ImagePositionPatient": [-11.2, -11.2, 0.0],
            "FrameOfReferenceUID": new_uid(),
            "PositionReferenceIndicator": "",
        },
        attributes,
    )


def us(*, frames: int = 3, **attributes: Any) -> Dataset:
    """A multi-frame ultrasound in colour, 8 bit, 48 x 64, with the patient's name in its header."""
    return _image(
        UltrasoundMultiFrameImageStorage,
        {
            "Modality": "US",
            "Manufacturer": "Philips",
            "ManufacturerModelName": "EPIQ 7G",
            "StationName": "US5",
            "StudyDescription": "US liver",
            "SeriesDescription": "Liver",
            "ImageType": ["ORIGINAL", "PRIMARY", "ABDOMINAL"],
            "NumberOfFrames": frames,
            "FrameTime": 33.3,
            "FrameIncrementPointer": 0x00181063,
            "LossyImageCompression": "00",
        },
        attributes,
        shape=(frames, 48, 64, 3),
    )


def sc(*, burned_in: str = "YES", **attributes: Any) -> Dataset:
    """A secondary capture, 8 bit grey, 48 x 64."""
    return _image(
        SecondaryCaptureImageStorage,
        {
            "Modality": "OT",
            "ConversionType": "WSD",
            "StudyDescription": "CT thorax",
            "SeriesDescription": "Dose report",
            "ImageType": ["DERIVED", "SECONDARY"],
            "BurnedInAnnotation": burned_in,
        },
        attributes,
        shape=(48, 64),
        dtype=np.uint8,
    )


def sr(*, text: str = "No change since the last examination.", **attributes: Any) -> Dataset:
    """A structured report with one text and one person in its content tree."""
    dataset = _study(
        ComprehensiveSRStorage,
        {
            "Modality": "SR",
            "StudyDescription": "CT thorax",
            "SeriesDescription": "Report",
            "CompletionFlag": "COMPLETE",
            "VerificationFlag": "UNVERIFIED",
            "ContentDate": "20260312",
            "ContentTime": "074200",
            "ValueType": "CONTAINER",
            "ContinuityOfContent": "SEPARATE",
        },
        attributes,
    )
    dataset.ConceptNameCodeSequence = [_code("18748-4", "LN", "Diagnostic imaging report")]
    finding = Dataset()
    finding.RelationshipType = "CONTAINS"
    finding.ValueType = "TEXT"
    finding.ConceptNameCodeSequence = [_code("121071", "DCM", "Finding")]
    finding.TextValue = text
    observer = Dataset()
    observer.RelationshipType = "HAS OBS CONTEXT"
    observer.ValueType = "PNAME"
    observer.ConceptNameCodeSequence = [_code("121008", "DCM", "Person Observer Name")]
    observer.PersonName = "Strand^Odd"
    dataset.ContentSequence = [observer, finding]
    return dataset


def write(dataset: Dataset, path: Path, *, transfer_syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write a file with preamble and file meta information; the folder is made if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", MRImageStorage)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "") or new_uid()
    if transfer_syntax == ExplicitVRBigEndian and dataset.get("BitsAllocated") == 16:
        # pydicom writes pixel data as it finds it: 16-bit words have to be turned by hand
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def make_mr_series(folder: Path, *, n: int = 3, **attributes: Any) -> list[Path]:
    """Write an MR series of `n` slices; see `make_series` for what can be set."""
    return make_series(mr, folder, n=n, **attributes)


def make_ct_series(folder: Path, *, n: int = 3, **attributes: Any) -> list[Path]:
    """Write a CT series of `n` slices; see `make_series` for what can be set."""
    return make_series(ct, folder, n=n, **attributes)


def make_us_series(folder: Path, *, n: int = 1, **attributes: Any) -> list[Path]:
    """Write an ultrasound series of `n` multi-frame images."""
    return make_series(us, folder, n=n, **attributes)


def make_sc_series(folder: Path, *, n: int = 1, **attributes: Any) -> list[Path]:
    """Write a series of `n` secondary captures."""
    return make_series(sc, folder, n=n, **attributes)


def make_sr(folder: Path, *, n: int = 1, **attributes: Any) -> list[Path]:
    """Write `n` structured reports of one series."""
    return make_series(sr, folder, n=n, **attributes)


def make_series(
    build: Callable[..., Dataset],
    folder: Path,
    *,
    n: int,
    transfer_syntax: str = ExplicitVRLittleEndian,
    study_instance_uid: str = "",
    series_instance_uid: str = "",
    **attributes: Any,
) -> list[Path]:
    """Write one series of `n` instances into a folder; instances differ in their pixels.

    `patient_name` and `patient_id` stand for PatientName and PatientID; other names are keywords
    of the standard.
    """
    study, series = study_instance_uid or new_uid(), series_instance_uid or new_uid()
    paths = []
    for number in range(1, n + 1):
        dataset = build(
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            SOPInstanceUID=new_uid(),
            InstanceNumber=number,
            **attributes,
        )
        if "ImagePositionPatient" in dataset and "ImagePositionPatient" not in attributes:
            x, y, _ = dataset.ImagePositionPatient
            dataset.ImagePositionPatient = [x, y, float(number)]
        name = f"{dataset.Modality}{number:05}-{series[-8:].replace('.', '')}.dcm"
        paths.append(write(dataset, folder / name, transfer_syntax=transfer_syntax))
    return paths


def _study(sop_class_uid: str, facts: dict[str, Any], attributes: dict[str, Any]) -> Dataset:
    dataset = Dataset()
    everything: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 100",
        "SOPClassUID": sop_class_uid,
        "SOPInstanceUID": new_uid(),
        "StudyInstanceUID": new_uid(),
        "SeriesInstanceUID": new_uid(),
        "StudyDate": "20260312",
        "SeriesDate": "20260312",
        "StudyTime": "073015",
        "SeriesTime": "073100",
        "AccessionNumber": "88412207",
        "InstitutionName": "Bergvik sykehus",
        "ReferringPhysicianName": "Strand^Odd",
        "PatientName": PATIENT_NAME,
        "PatientID": PATIENT_ID,
        "PatientBirthDate": "19540807",
        "PatientSex": "F",
        "StudyID": "1",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        **facts,
        **attributes,
    }
    for plain, keyword in (("patient_name", "PatientName"), ("patient_id", "PatientID")):
        if plain in everything:
            everything[keyword] = everything.pop(plain)
    for keyword, value in everything.items():
        setattr(dataset, keyword, value)
    return dataset


def _image(
    sop_class_uid: str,
    facts: dict[str, Any],
    attributes: dict[str, Any],
    *,
    shape: Sequence[int] = (32, 32),
    dtype: type[np.generic] = np.uint16,
) -> Dataset:
    dataset = _study(sop_class_uid, facts, attributes)
    is_colour = shape[-1] == 3
    if is_colour:
        dtype = np.uint8
    rows, columns = shape[-3:-1] if is_colour else shape[-2:]
    bits = 8 * np.dtype(dtype).itemsize
    dataset.SamplesPerPixel = 3 if is_colour else 1
    dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated = bits
    dataset.BitsStored = 12 if bits == 16 else 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = 0
    pixels = np.arange(np.prod(shape)).reshape(shape) + int(dataset.InstanceNumber)
    dataset.PixelData = (pixels % (1 << int(dataset.BitsStored))).astype(dtype).tobytes()
    dataset["PixelData"].VR = "OW" if bits == 16 else "OB"
    return dataset


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
