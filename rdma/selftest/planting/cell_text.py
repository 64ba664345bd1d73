"""Cell B: descriptions, comments and titles; and names where codes or numbers belong."""

from pydicom.datadict import dictionary_VR, tag_for_keyword

from rdma.selftest.planting.cell_header import MOST
from rdma.selftest.planting.identities import LONG, WORDS
from rdma.selftest.planting.sheets import Sheet, tag_of
from rdma.selftest.planting.texts import written

DESCRIPTIVE = [
    "StudyDescription", "SeriesDescription", "ProtocolName", "RequestedProcedureDescription",
    "PerformedProcedureStepDescription", "ImageComments", "AdditionalPatientHistory",
    "DerivationDescription", "PatientComments", "StudyComments", "AcquisitionComments",
    "ContrastBolusAgent", "AdmittingDiagnosesDescription", "Allergies", "MedicalAlerts",
    "AcquisitionProtocolDescription", "VisitComments", "ReasonForStudy", "SpecialNeeds",
    "CommentsOnThePerformedProcedureStep", "FrameComments", "SequenceName", "FilterType",
    "ScannerSettings", "BeamName", "RTPlanLabel", "StructureSetLabel", "ContentLabel",
    "PositionerType", "InterpretationText", "ConvolutionKernel", "SoftwareVersions",
]  # fmt: skip
CODES = ["ScanOptions", "PatientPosition", "AcquisitionType", "RequestPriority"]


def plant_texts(sheet: Sheet, count: int) -> None:
    """Write `count` descriptions with an identifier each, as technologists do."""
    for keyword in sheet.draw.sample(DESCRIPTIVE, count):
        tag = tag_for_keyword(keyword)
        if tag is None or dictionary_VR(tag) not in MOST:
            continue
        text = written(sheet.person, sheet.draw, MOST[dictionary_VR(tag)])
        setattr(sheet.dataset, keyword, sheet.letters(text.text))
        sheet.plant("B text", (tag,), *map(sheet.letters, text.needles))
        sheet.keep("B text", (tag,), *text.kept)


def plant_codes(sheet: Sheet) -> None:
    """Write a name where a code belongs, and an identity number where a number does."""
    person = sheet.person
    keyword = sheet.draw.choice(CODES)
    name = person.family.translate(LONG).upper()[:16]
    if person.family not in WORDS:
        setattr(sheet.dataset, keyword, name)
        sheet.plant("B codes", (tag_of(keyword),), name)
    sheet.dataset.ImagesInAcquisition = person.fnr
    sheet.plant("B codes", (0x00201002,), person.fnr)
