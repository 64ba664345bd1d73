"""Data sets built in code from invented patients, and where the real ones are."""

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from deidentify.identity import Identity

MR = "1.2.840.10008.5.1.4.1.1.4"
SECRET = bytes(range(32))
# where the header of this element begins
PATIENT_NAME = struct.pack("<HH2s", 0x0010, 0x10, b"PN")


def data_folder() -> Path:
    """The real, freely licensed studies."""
    named = os.environ.get("RDMA_TEST_DATA")
    return Path(named) if named else Path(__file__).parents[3] / "shared" / "data"


def real_files(name: str = "") -> Iterator[Path]:
    """Every file of one set, or of all."""
    folder = data_folder() / name
    assert folder.is_dir(), "The real studies are not there; set RDMA_TEST_DATA."
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def identity(**changes: object) -> Identity:
    facts: dict[str, object] = {
        "project": "BICAM",
        "pseudonym": "BICAM_01_0007",
        "secret": SECRET,
        "event": "baseline",
        "site": "01",
    }
    return Identity(**(facts | changes))  # type: ignore[arg-type]


def brain(**elements: object) -> Dataset:
    """A small MR image of an invented patient."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    dataset.SOPClassUID = MR
    dataset.SOPInstanceUID = "1.2.3.4.1"
    dataset.StudyDate = "20240312"
    dataset.StudyTime = "101500"
    dataset.AccessionNumber = "ACC7741"
    dataset.Modality = "MR"
    dataset.Manufacturer = "Acme"
    dataset.InstitutionName = "Fjordheim sykehus"
    dataset.ReferringPhysicianName = "Sørli^Torunn"
    dataset.StudyDescription = "MR hjerne"
    dataset.PatientName = "Bjørnstad^Åse Marie"
    dataset.PatientID = "13836033390"
    dataset.PatientBirthDate = "19600313"
    dataset.PatientSex = "F"
    dataset.PatientAge = "064Y"
    dataset.StudyInstanceUID = "1.2.3.4.2"
    dataset.SeriesInstanceUID = "1.2.3.4.3"
    dataset.StudyID = "1"
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = 1
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows = dataset.Columns = 4
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 0
    dataset.PixelData = bytes(range(32))
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def save(dataset: Dataset, path: Path, *, syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write a data set as a file with meta information."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "")
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "")
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return path


def raw_file(tmp_path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Write the sample with its bytes changed, in a folder of its own."""
    folder = tmp_path / "in"
    folder.mkdir()
    source = save(brain(), folder / "bad.dcm")
    source.write_bytes(change(source.read_bytes()))
    return source
