"""Ready-made specifications: what a package is asked for with, and a project's own begins with.

The five of the existing installation (PURE, RAM-MS, Transpara, NIFTI, Spectroscopy) are here by
what they mean, without what they did by accident: sex and age are never blanked because a table
lacks a row, each file keeps its own date, and nothing of a header reaches a shell.

Source: reference/mmiv.md, Export.
"""

from dataclasses import dataclass
from typing import Any

from exports.specification.parts import Specification
from exports.specification.reading import read_specification

PURE_FOLDERS = (
    "{project}/{participant}/{study_date}_{study_time}_{event}"
    "/{series_number:04}_{series_description}"
)
RAM_MS_DAYS = "-42"
OF_DATES = (
    *("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "AcquisitionDateTime"),
    *("InstanceCreationDate", "PerformedProcedureStepStartDate", "PerformedProcedureStepEndDate"),
)
"""More than the four of the existing installation: the others would tell of the shift."""
OF_TIMES = (
    *("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime", "InstanceCreationTime"),
    *("PerformedProcedureStepStartTime", "PerformedProcedureStepEndTime"),
)
OF_PEOPLE = (
    *("PatientBirthDate", "ReferringPhysicianName", "OperatorsName", "PerformingPhysicianName"),
    *("PhysiciansOfRecord", "NameOfPhysiciansReadingStudy", "RequestingPhysician"),
)
OF_BODIES = ("PatientWeight", "PatientSize", "SmokingStatus", "PregnancyStatus")
OF_PLACES = ("InstitutionName", "StudyDescription")
DOCUMENTS = [{"element": "Modality", "test": "is", "value": kind} for kind in ("SR", "PR")]
SPECTROSCOPY = "1.3.12.2.1107.5.9.1"
"""The private SOP class of Siemens' non-image data, in which spectra are kept."""


@dataclass(frozen=True)
class Preset:
    """One ready-made specification."""

    title: str
    sentence: str
    specification: Specification


def _preset(title: str, sentence: str, **parts: Any) -> Preset:
    return Preset(title, sentence, read_specification(parts))


def _each(do: str, elements: tuple[str, ...], **more: str) -> list[dict[str, str]]:
    return [{"do": do, "element": element, **more} for element in elements]


PRESETS: dict[str, Preset] = {
    "dicom": _preset("DICOM", "The files as they were delivered.", format="dicom"),
    "nifti": _preset(
        "NIfTI", "NIfTI with JSON, bval and bvec beside it, by dcm2niix.", format="nifti"
    ),
    "bids": _preset(
        "BIDS",
        "A data set that the BIDS validator accepts; which series is what, the project says once.",
        format="bids",
    ),
    "medium": _preset(
        "DICOM medium",
        "With a DICOMDIR and a README, as on a disc, for a PACS or a viewer of another hospital.",
        format="medium",
        attachments=[{"kind": "readme", "text": "Images of the research project {project}.\n"}],
    ),
    "pure": _preset(
        "PURE",
        "DICOM in folders by participant, examination and series, with cleaned descriptions.",
        format="dicom",
        folders=PURE_FOLDERS,
        transformations=_each("clean", ("SeriesDescription",)),
    ),
    "ram-ms": _preset(
        "RAM-MS",
        "DICOM, dates 42 days earlier, year of birth only, dashes in identifiers, without measures "
        "of the body and without reports.",
        format="dicom",
        folders=PURE_FOLDERS,
        selection={"exclude": DOCUMENTS},
        transformations=[
            *_each("shift", OF_DATES, value=RAM_MS_DAYS),
            {"do": "year_of_birth"},
            *_each("dash", ("PatientID", "PatientName")),
            *_each("empty", (*OF_BODIES, *OF_PLACES)),
        ],
    ),
    "transpara": _preset(
        "Transpara",
        "DICOM without dates, times and people, for reading by a program.",
        format="dicom",
        folders=PURE_FOLDERS,
        transformations=_each("empty", (*OF_DATES, *OF_TIMES, *OF_PEOPLE)),
    ),
    "spectroscopy": _preset(
        "Spectroscopy",
        "DICOM of spectroscopy alone: Siemens' non-image data and MR Spectroscopy.",
        format="dicom",
        selection={
            "include": [
                {"element": "SOPClassUID", "test": "is", "value": SPECTROSCOPY},
                {"element": "SOPClassUID", "test": "is", "value": "1.2.840.10008.5.1.4.1.1.4.2"},
            ]
        },
    ),
}
