"""Which texts of a header stay when all ties are cut; every other one goes. Facts as data.

Numbers, coded strings and binary blocks of the image stay: without them no image could be read.
Texts are where a person, a place or a device is named, so only those stay that say how an image
was made. Private elements stay where the engine's list calls them safe and they hold numbers, or
are the one block of Siemens scanners without which mosaics and diffusion cannot be read.

Source: DICOM PS3.3 (attributes of image acquisition), PS3.15 Annex E.3.10 (safe private).
"""

from exports.specification.elements import ElementPath


def _tags(keywords: str) -> frozenset[int]:
    return frozenset(ElementPath.parse(keyword).last.tag for keyword in keywords.split())


TEXTS = _tags(
    """
    Manufacturer ManufacturerModelName SoftwareVersions StudyDescription SeriesDescription
    ProtocolName AcquisitionProtocolName SequenceName PulseSequenceName FilterType
    ConvolutionKernel ReceiveCoilName TransmitCoilName ReceiveCoilManufacturerName
    MultiCoilElementName AcquisitionDeviceProcessingDescription ContrastBolusAgent
    Radiopharmaceutical InterventionDrugName AttenuationCorrectionMethod ReconstructionMethod
    ScatterCorrectionMethod RescaleType WindowCenterWidthExplanation LUTExplanation
    DimensionDescriptionLabel PartialViewDescription SegmentLabel SegmentDescription
    SegmentAlgorithmName ROIName CodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning
    DeidentificationMethod
    """
)
"""Texts that say how an image was made, and the codes inside of code sequences."""

CUT = _tags(
    """
    ReferencedStudySequence ReferencedPerformedProcedureStepSequence ReferencedPatientSequence
    ProcedureCodeSequence RequestedProcedureCodeSequence ScheduledProtocolCodeSequence
    PerformedProtocolCodeSequence RequestAttributesSequence ReferencedRequestSequence
    PhysiciansOfRecordIdentificationSequence PerformingPhysicianIdentificationSequence
    PhysiciansReadingStudyIdentificationSequence OperatorIdentificationSequence
    OtherPatientIDsSequence PatientPrimaryLanguageCodeSequence ReferencedPatientPhotoSequence
    ContributingSourcesSequence ContributingEquipmentSequence PertinentDocumentsSequence
    ScheduledSpecimenSequence IdenticalDocumentsSequence ModifiedAttributesSequence
    OriginalAttributesSequence DigitalSignaturesSequence EncryptedAttributesSequence
    """
)
"""Sequences about requests, people and procedures, and about what the header was before."""

CLINICAL_TRIAL = 0x0012
IDENTITY_REMOVED = _tags(
    "PatientIdentityRemoved DeidentificationMethod DeidentificationMethodCodeSequence"
)
IDENTIFIERS = _tags("PatientName PatientID")
DIGESTS = _tags("AccessionNumber StudyID")
BIRTH = _tags("PatientBirthDate PatientBirthTime")
(TIME_INFORMATION,) = _tags("LongitudinalTemporalInformationModified")

NUMBERS = frozenset(
    ["DS", "IS", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV", "AT", "OF", "OD", "OL", "OV"]
)
TEXT_VRS = frozenset(["LO", "SH", "LT", "ST", "UT", "UC", "PN", "UR", "AE"])
SCRUBBED = frozenset({(0x0029, "SIEMENS CSA HEADER")})
"""Private blocks of text and numbers mixed, of which what names something is blanked."""
