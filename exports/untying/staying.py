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
    SegmentAlgorithmName ROIName
    """
)
"""Texts that say how an image was made."""

CODES = _tags("CodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning")
"""Of code sequences: long numbers among them are codes."""

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
    DataSetTrailingPadding
    """
)
"""Sequences about requests, people and procedures, and about what the header was before."""

CLINICAL_TRIAL = 0x0012
(IDENTITY_REMOVED,) = _tags("PatientIdentityRemoved")
(METHOD,) = _tags("DeidentificationMethod")
IDENTIFIERS = _tags("PatientName PatientID")
DIGESTS = _tags("AccessionNumber StudyID")
BIRTH = _tags("PatientBirthDate PatientBirthTime")
(TIME_INFORMATION,) = _tags("LongitudinalTemporalInformationModified")

NUMBERS = frozenset(
    ["DS", "IS", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV", "AT", "OF", "OD", "OL", "OV"]
)
TEXT_VRS = frozenset(["LO", "SH", "LT", "ST", "UT", "UC", "PN", "UR", "AE"])
CSA = (0x0029, "SIEMENS CSA HEADER", 0x10)
"""Siemens' header of each image, without which mosaics and diffusion cannot be read."""
_CSA_NAMES = b"""
    AcquisitionMatrixText B_matrix B_value BandwidthPerPixelPhaseEncode DiffusionDirectionality
    DiffusionGradientDirection EchoColumnPosition EchoLinePosition EchoPartitionPosition
    FlowEncodingDirection FlowVenc ICE_Dims ImaRelTablePosition MeasuredFourierLines
    MosaicRefAcqTimes MultistepIndex NonPlanarImage NumberOfImagesInMosaic
    PhaseEncodingDirectionPositive ProtocolSliceNumber RealDwellTime SliceMeasurementDuration
    SliceNormalVector SlicePosition_PCS
"""
CSA_NAMES = frozenset(_CSA_NAMES.split())
"""What stays of it; calibrations, coils and protocols of one machine and one day do not."""
