"""Studies to show: invented patients built in code, and real files that pydicom brings along."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    MRImageStorage,
    UltrasoundImageStorage,
    generate_uid,
)

REAL_FILES = ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "693_J2KR.dcm", "examples_palette.dcm")
SIZE = 96
SLICES = 24


@dataclass(frozen=True)
class Invented:
    """Somebody who does not exist. The identity number is of the kind that nobody gets (FH)."""

    name: str
    patient_id: str
    birth_date: str
    sex: str


OLGA = Invented("Oppdiktet^Olga", "97975432312", "19520314", "F")
TORE = Invented("Påfunn^Tore", "89487574903", "19611109", "M")
VISITS = ((OLGA, "20260312"), (TORE, "20260401"), (OLGA, "20260910"))


def invented_uid(*facts: object) -> str:
    """Return the same UID for the same facts, so that a second demo sends the same images."""
    return str(generate_uid(prefix=None, entropy_srcs=["rDMA demo", *map(str, facts)]))


def write_studies(folder: Path) -> list[tuple[str, list[Path]]]:
    """Write everything the demo sends below `folder`; return (called AE title, files) to send."""
    sendings = []
    for number, (person, day) in enumerate(VISITS):
        sendings.append(("BICAM", list(_mr_study(folder / f"mr{number}", person, day))))
    sendings.append(("BICAM", list(_ultrasound(folder / "us", TORE, "20260402"))))
    real = [Path(path) for name in REAL_FILES if (path := get_testdata_file(name, download=False))]
    sendings.append(("ECTMRI", real))
    return sendings


def write_late_study(folder: Path) -> tuple[str, list[Path]]:
    """Write one more study, which nobody assigns: the page for that has something to show."""
    return "BICAM", list(_mr_study(folder, TORE, "20261002"))


def _mr_study(folder: Path, person: Invented, day: str) -> Iterator[Path]:
    """Write a small brain study: two series of slices through an egg-shaped head."""
    study = _study(person, day, "MR Hjerne", "MR")
    for number, (description, contrast) in enumerate((("T1 MPRAGE", 1.0), ("T2 FLAIR", -0.7)), 2):
        series_uid = invented_uid(study.StudyInstanceUID, number)
        frame_uid = invented_uid(study.StudyInstanceUID, "frame")
        for index in range(SLICES):
            slice_ = _instance(study, MRImageStorage, series_uid, index + 1)
            slice_.SeriesNumber = number
            slice_.SeriesDescription = description
            slice_.ProtocolName = description
            slice_.ImageComments = f"pasient {person.name.partition('^')[0]}, ingen kontrast"
            slice_.FrameOfReferenceUID = frame_uid
            slice_.ScanningSequence, slice_.SequenceVariant = "GR", "SP"
            slice_.ScanOptions, slice_.MRAcquisitionType = "", "3D"
            slice_.RepetitionTime, slice_.EchoTime, slice_.FlipAngle = 2300, 2.98, 9
            slice_.SliceThickness = 3
            slice_.PixelSpacing = [2.2, 2.2]
            slice_.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            slice_.ImagePositionPatient = [-SIZE * 1.1, -SIZE * 1.1, 3.0 * index - 36]
            slice_.SliceLocation = 3.0 * index - 36
            _put_pixels(slice_, _head(index, contrast))
            yield _write(slice_, folder / f"{number}-{index + 1:03}.dcm")


def _ultrasound(folder: Path, person: Invented, day: str) -> Iterator[Path]:
    """Write an ultrasound image: its kind often carries text, so it is held for a person."""
    study = _study(person, day, "UL Lever", "US")
    series_uid = invented_uid(study.StudyInstanceUID, 1)
    image = _instance(study, UltrasoundImageStorage, series_uid, 1)
    image.SeriesNumber, image.SeriesDescription = 1, "Lever"
    sector = _head(SLICES // 2, 1.0)
    sector[:8, 4:60] = 4000  # where such machines write who it is
    _put_pixels(image, sector)
    yield _write(image, folder / "1.dcm")


def _study(person: Invented, day: str, description: str, modality: str) -> Dataset:
    study = Dataset()
    study.SpecificCharacterSet = "ISO_IR 100"
    study.PatientName, study.PatientID = person.name, person.patient_id
    study.PatientBirthDate, study.PatientSex = person.birth_date, person.sex
    study.PatientAge = f"{int(day[:4]) - int(person.birth_date[:4]):03}Y"
    study.StudyInstanceUID = invented_uid(person.patient_id, day, modality)
    study.StudyID = day[2:]
    study.AccessionNumber = f"8841{day[4:]}"
    study.StudyDate = study.SeriesDate = study.AcquisitionDate = study.ContentDate = day
    study.StudyTime = study.SeriesTime = study.AcquisitionTime = study.ContentTime = "101500"
    study.StudyDescription = description
    study.ReferringPhysicianName = "Fastlege^Frida"
    study.InstitutionName = "Oppdiktet sykehus"
    study.StationName = f"{modality}1"
    study.Manufacturer, study.ManufacturerModelName = "Invented Imaging", "Model One"
    study.Modality = modality
    return study


def _instance(study: Dataset, sop_class: UID, series_uid: str, number: int) -> Dataset:
    instance = Dataset()
    instance.update(study)
    instance.SOPClassUID, instance.SOPInstanceUID = sop_class, invented_uid(series_uid, number)
    instance.SeriesInstanceUID, instance.InstanceNumber = series_uid, number
    instance.ImageType = ["ORIGINAL", "PRIMARY"]
    return instance


def _head(index: int, contrast: float) -> NDArray[np.uint16]:
    """Return one slice of an egg with two chambers, shaped (rows, columns), 12 bits."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    z = (index - SLICES / 2) / (SLICES / 2)
    shell = x**2 / 0.55 + y**2 / 0.8 + z**2
    picture = np.where(shell < 1, 1400.0, 30.0)
    picture[shell < 0.86] = 900 + 260 * contrast * np.cos(9 * (x * y + z))[shell < 0.86]
    chambers = (np.abs(x) - 0.16) ** 2 / 0.012 + y**2 / 0.07 + z**2 / 0.3
    picture[chambers < 1] = 300 if contrast > 0 else 2200
    return np.clip(picture, 0, 4095).astype(np.uint16)


def _put_pixels(image: Dataset, pixels: NDArray[np.uint16]) -> None:
    image.Rows, image.Columns = pixels.shape
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 12, 11
    image.PixelRepresentation = 0
    image.PixelData = pixels.astype("<u2").tobytes()


def _write(dataset: Dataset, path: Path) -> Path:
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path
