"""An invented patient's source, and outputs of it that are clean but for what a test plants."""

from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from deidentify.leaks import LeakCheck, SearchTerms

NUMBER = "13836033390"
"""A synthetic identity number (month + 80)."""
ORIGINAL_UID = "1.2.826.0.1.3680043.99.4711.20200315.17"
PRIVATE = '(0029,"INVENTED HEADER",10)'


def source_dataset():
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    made.file_meta.MediaStorageSOPInstanceUID = ORIGINAL_UID
    made.SpecificCharacterSet = "ISO_IR 100"
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    made.SOPInstanceUID = ORIGINAL_UID
    made.StudyInstanceUID = "1.2.826.0.1.3680043.99.4711.1"
    made.StudyDate = "20200315"
    made.Modality = "MR"
    made.Manufacturer = "INVENTED SYSTEMS"
    made.AccessionNumber = "ACC-77-1234"
    made.StudyID = "1"
    made.InstitutionName = "Granheim universitetssykehus"
    made.ReferringPhysicianName = "Kvamsdal^Torunn^^Dr"
    made.StationName = "MRROM07"
    made.PatientName = "Bjørnstad^Åse Marie"
    made.PatientID = NUMBER
    made.PatientBirthDate = "19720315"
    made.PatientAddress = "Tyttebærveien 14B, 5003 Granvik"
    made.PatientTelephoneNumbers = "+47 911 22 333"
    made.ProtocolName = "T1 MPRAGE head"
    made.Rows = made.Columns = 8
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = bytes(range(64))
    return made


def clean_dataset():
    made = source_dataset()
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = "2.25.9001"
    made.StudyInstanceUID = "2.25.9002"
    made.StudyDate = "20191224"
    made.AccessionNumber = "a1b2c3d4e5f60718"
    made.StudyID = "b1b2c3d4e5f60718"
    made.InstitutionName = "BICAM"
    made.PatientName = made.PatientID = "BICAM_0012"
    for keyword in (
        "ReferringPhysicianName",
        "PatientBirthDate",
        "PatientAddress",
        "PatientTelephoneNumbers",
    ):
        setattr(made, keyword, "")
    return made


def with_private(dataset, value, vr="OB"):
    dataset.add_new((0x0029, 0x0010), "LO", "INVENTED HEADER")
    dataset.add_new((0x0029, 0x1010), vr, value)
    return dataset


def with_item(dataset, **values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    dataset.RequestAttributesSequence = Sequence([Dataset(), item])
    return dataset


class Case:
    """A source on disk and a way to examine outputs of it."""

    kept_tags = frozenset({0x00081010})
    written = frozenset({"BICAM_0012", "BICAM", "baseline"})

    def __init__(self, folder: Path, source: Dataset | None = None) -> None:
        self.folder = folder
        self.source = self.save(source or source_dataset(), "source.dcm")
        self.terms = SearchTerms(kept_tags=self.kept_tags, written=self.written)
        self.terms.read(self.source)

    def save(self, dataset, name="target.dcm"):
        path = self.folder / name
        dataset.save_as(path, enforce_file_format=True)
        return path

    def examine(self, dataset):
        return self.examine_file(self.save(dataset))

    def check(self):
        return LeakCheck(self.terms)

    def examine_file(self, path):
        return self.check().examine(self.source, path)
