"""Who and what the generated studies are about: an invented patient, a hospital, an examination.

The patient's name, number and accession number stand also in descriptions and comments, as people
do write them there, so that cleaning has something to find in every file.
"""

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

MONTH_80 = "13836033390"  # a synthetic Norwegian number: no living person can have it
ACCESSION = "NRA2403120077"


class Uids:
    """New UIDs without end: the same seed gives the same, and none comes twice."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def new(self) -> UID:
        return UID(f"2.25.{self._random.getrandbits(128) | 1 << 127}")


def examination(
    uids: Uids, sop_class_uid: str, *, modality: str, transfer_syntax_uid: str = ""
) -> Dataset:
    """Return what all images of one examination have in common: about 70 elements."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid or ExplicitVRLittleEndian)
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID = UID(sop_class_uid)
    image.SpecificCharacterSet = "ISO_IR 100"
    image.Modality = modality
    _of_the_patient(image)
    _of_the_study(image, uids)
    _of_the_device(image)
    return image


def _of_the_patient(image: Dataset) -> None:
    image.PatientName = "Nordlifjell^Torunn Åsta"
    image.PatientID, image.IssuerOfPatientID = MONTH_80, "Oppdiktet"
    image.PatientBirthDate, image.PatientSex, image.PatientAge = "19600313", "F", "064Y"
    image.PatientSize, image.PatientWeight = "1.68", "71.5"
    image.PatientAddress, image.PatientTelephoneNumbers = "Oppdiktveien 12", "22 00 00 00"
    image.EthnicGroup, image.PregnancyStatus, image.SmokingStatus = "X", 1, "UNKNOWN"
    image.PatientComments = "Kom sammen med datter. Torunn Nordlifjell er litt tunghørt."
    image.AdditionalPatientHistory = f"Kontroll etter operasjon, se {ACCESSION}. Allergi: ingen."
    image.OtherPatientIDsSequence = [
        _item(PatientID="89487574903", TypeOfPatientID="TEXT", IssuerOfPatientID="Oppdiktet")
    ]


def _of_the_study(image: Dataset, uids: Uids) -> None:
    image.StudyInstanceUID, image.FrameOfReferenceUID = uids.new(), uids.new()
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = "20240312"
    image.StudyTime, image.SeriesTime = "101500.120000", "101732.437000"
    image.InstanceCreationDate = "20240312"
    image.AccessionNumber, image.StudyID = ACCESSION, "77001"
    image.ReferringPhysicianName = "Henviseren^Oppdiktet"
    image.PerformingPhysicianName = "Radiologen^Oppdiktet"
    image.NameOfPhysiciansReadingStudy = "Granskeren^Oppdiktet"
    image.OperatorsName = "Stråleren^Oppdiktet"
    image.StudyDescription = "Kontroll, henvist av Oppdiktet Henviseren"
    image.RequestedProcedureDescription = "Kontroll Nordlifjell"
    image.PerformedProcedureStepDescription = "Kontroll uten kontrast"
    image.PerformedProcedureStepID = "PPS77001"
    image.PerformedProcedureStepStartDate = "20240312"
    image.PerformedProcedureStepStartTime = "101458.000000"
    image.ProcedureCodeSequence = [code("P5-09051", "SRT", "Kontroll")]
    image.RequestAttributesSequence = [
        _item(
            RequestedProcedureID="RP77001",
            ScheduledProcedureStepID="SPS77001",
            RequestedProcedureDescription="Kontroll Nordlifjell",
            ScheduledProcedureStepDescription="Kontroll",
            ScheduledProtocolCodeSequence=[code("P5-09051", "SRT", "Kontroll")],
        )
    ]
    image.ReferencedPerformedProcedureStepSequence = [_reference(uids, "1.2.840.10008.3.1.2.3.3")]


def _of_the_device(image: Dataset) -> None:
    image.Manufacturer, image.ManufacturerModelName = "Invented", "Model One"
    image.DeviceSerialNumber, image.SoftwareVersions = "40817", "one two 3.4"
    image.StationName = "LAB7"
    image.InstitutionName = "Oppdiktet sykehus"
    image.InstitutionAddress = "Oppdiktveien 1, 0001 OPPDIKT"
    image.InstitutionalDepartmentName = "Bildediagnostisk avdeling"
    image.DateOfLastCalibration, image.TimeOfLastCalibration = "20240301", "070000"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return a code sequence's item (PS3.3 section 8.8)."""
    return _item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def references(uids: Uids, sop_class_uid: str, number: int) -> list[Dataset]:
    """Return items that refer to other images, each to a new one."""
    return [_reference(uids, sop_class_uid) for _ in range(number)]


def _reference(uids: Uids, sop_class_uid: str) -> Dataset:
    return _item(
        ReferencedSOPClassUID=UID(sop_class_uid),
        ReferencedSOPInstanceUID=uids.new(),
    )


def _item(**elements: object) -> Dataset:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def name_instance(image: Dataset, uids: Uids, number: int) -> None:
    """Give an image a UID, a number and times of its own."""
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = uids.new()
    image.InstanceNumber = number
    second, hundredth = divmod(number * 37, 100)
    stamp = f"{10 + second // 3600:02}{second // 60 % 60:02}{second % 60:02}.{hundredth:02}0000"
    image.AcquisitionTime = image.ContentTime = image.InstanceCreationTime = stamp


def describe_pixels(image: Dataset, shape: Sequence[int], *, stored: int, samples: int = 1) -> None:
    """Write the Image Pixel module for unsigned pixels of one grey or three colour samples.

    Args:
        image: what is described.
        shape: rows and columns.
        stored: bits of a sample.
        samples: one, or three for RGB by pixel.
    """
    image.Rows, image.Columns = shape
    image.SamplesPerPixel = samples
    image.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
    if samples == 3:
        image.PlanarConfiguration = 0
    image.BitsAllocated = 8 if stored <= 8 else 16
    image.BitsStored, image.HighBit, image.PixelRepresentation = stored, stored - 1, 0


def picture(seed: int, rows: int, columns: int) -> NDArray[np.uint16]:
    """Return a round object of about 12 bits with some noise, shaped (rows, columns)."""
    noise = np.random.default_rng(seed).normal(0, 8, (rows, columns))
    down, across = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    distance = np.hypot(down, across * 1.2)
    body = np.where(distance < 0.8, 1000 + 300 * np.cos(9 * distance), 30)
    return np.clip(body + noise, 0, 4095).astype("<u2")
