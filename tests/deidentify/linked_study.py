"""A study whose objects refer to each other: images, key objects, presentation, report, contours.

Everybody in it is invented. Every object says in its texts who the patient is.
"""

from collections.abc import Sequence as Several

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.deidentify.linked_report import beside, code, item, key_objects, reference, report
from tests.deidentify.samples import brain

CT = "1.2.840.10008.5.1.4.1.1.2"
PRESENTATION = "1.2.840.10008.5.1.4.1.1.11.1"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"
WAVEFORM = "1.2.840.10008.5.1.4.1.1.9.1.1"
FRAME_OF_REFERENCE = "1.2.3.4.9"


def image(number: int) -> Dataset:
    return brain(
        SOPClassUID=CT,
        Modality="CT",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        SOPInstanceUID=f"1.2.3.4.1.{number}",
        InstanceNumber=number,
        FrameOfReferenceUID=FRAME_OF_REFERENCE,
        PositionReferenceIndicator="",
        PatientPosition="HFS",
        ImagePositionPatient=[0, 0, number],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[1, 1],
        SliceThickness=1,
        RescaleIntercept=0,
        RescaleSlope=1,
        KVP=120,
        AcquisitionNumber=1,
        StudyID="1",
        PatientOrientation="",
    )


def presentation(images: Several[Dataset]) -> Dataset:
    made = beside(PRESENTATION, 23, "PR")
    made.PresentationCreationDate, made.PresentationCreationTime = "20240312", "120000"
    made.ContentLabel, made.ContentDescription = "BJORNSTAD", "Kne for Åse Bjørnstad"
    made.ContentCreatorName = "Sørli^Torunn"
    made.PresentationLUTShape = "IDENTITY"
    made.ReferencedSeriesSequence = Sequence(
        [
            item(
                SeriesInstanceUID=images[0].SeriesInstanceUID,
                ReferencedImageSequence=[reference(one) for one in images],
            )
        ]
    )
    made.DisplayedAreaSelectionSequence = Sequence(
        [
            item(
                DisplayedAreaTopLeftHandCorner=[1, 1],
                DisplayedAreaBottomRightHandCorner=[4, 4],
                PresentationSizeMode="SCALE TO FIT",
                PresentationPixelAspectRatio=[1, 1],
            )
        ]
    )
    made.GraphicLayerSequence = Sequence(
        [
            item(
                GraphicLayer="LAYER1",
                GraphicLayerOrder=1,
                GraphicLayerDescription="Tegnet av Torunn Sørli",
            )
        ]
    )
    made.GraphicAnnotationSequence = Sequence(
        [
            item(
                GraphicLayer="LAYER1",
                ReferencedImageSequence=[reference(images[0])],
                TextObjectSequence=[
                    item(
                        BoundingBoxAnnotationUnits="PIXEL",
                        UnformattedTextValue="8 mm\r\nBjørnstad, Åse Marie",
                        BoundingBoxTopLeftHandCorner=[1, 1],
                        BoundingBoxBottomRightHandCorner=[3, 3],
                        BoundingBoxTextHorizontalJustification="LEFT",
                    ),
                    item(
                        UnformattedTextValue="Bjørnstad",
                        AnchorPointAnnotationUnits="PIXEL",
                        AnchorPoint=[1, 1],
                        AnchorPointVisibility="Y",
                    ),
                ],
                GraphicObjectSequence=[
                    item(
                        GraphicAnnotationUnits="PIXEL",
                        GraphicDimensions=2,
                        NumberOfGraphicPoints=2,
                        GraphicData=[1.0, 1.0, 2.0, 2.0],
                        GraphicType="POLYLINE",
                        GraphicFilled="N",
                    )
                ],
            )
        ]
    )
    return made


def structures(images: Several[Dataset]) -> Dataset:
    made = beside(STRUCTURES, 24, "RTSTRUCT")
    made.StructureSetLabel, made.StructureSetName = "Plan Bjørnstad", "Åse Bjørnstad"
    made.StructureSetDate, made.StructureSetTime = "20240312", "130000"
    made.ReferencedFrameOfReferenceSequence = Sequence(
        [
            item(
                FrameOfReferenceUID=FRAME_OF_REFERENCE,
                RTReferencedStudySequence=[
                    item(
                        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
                        ReferencedSOPInstanceUID=images[0].StudyInstanceUID,
                        RTReferencedSeriesSequence=[
                            item(
                                SeriesInstanceUID=images[0].SeriesInstanceUID,
                                ContourImageSequence=[reference(one) for one in images],
                            )
                        ],
                    )
                ],
            )
        ]
    )
    made.StructureSetROISequence = Sequence(
        [
            item(
                ROINumber=1,
                ReferencedFrameOfReferenceUID=FRAME_OF_REFERENCE,
                ROIName="GTV Bjørnstad",
                ROIDescription="tegnet for Åse Bjørnstad",
                ROIGenerationAlgorithm="MANUAL",
            )
        ]
    )
    made.ROIContourSequence = Sequence(
        [
            item(
                ROIDisplayColor=[255, 0, 0],
                ReferencedROINumber=1,
                ContourSequence=[
                    item(
                        ContourImageSequence=[reference(images[0])],
                        ContourGeometricType="CLOSED_PLANAR",
                        NumberOfContourPoints=3,
                        ContourData=[0, 0, 1, 1, 0, 1, 1, 1, 1],
                    )
                ],
            )
        ]
    )
    made.RTROIObservationsSequence = Sequence(
        [
            item(
                ObservationNumber=1,
                ReferencedROINumber=1,
                ROIObservationLabel="Sørli: GTV",
                RTROIInterpretedType="GTV",
                ROIInterpreter="Sørli^Torunn",
            )
        ]
    )
    made.ApprovalStatus = "UNAPPROVED"
    return made


def segmentation(images: Several[Dataset]) -> Dataset:
    made = beside(SEGMENTATION, 25, "SEG")
    made.ImageType = ["DERIVED", "PRIMARY"]
    made.ContentLabel, made.ContentDescription = "SEG", "Lesjon hos Bjørnstad"
    made.ContentCreatorName = "Sørli^Torunn"
    made.FrameOfReferenceUID, made.PositionReferenceIndicator = FRAME_OF_REFERENCE, ""
    made.DeviceSerialNumber, made.ManufacturerModelName = "12345", "Segmenter"
    made.SoftwareVersions = "1.0"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows = made.Columns = 4
    made.BitsAllocated = made.BitsStored = 1
    made.HighBit = made.PixelRepresentation = 0
    made.LossyImageCompression = "00"
    made.SegmentationType, made.NumberOfFrames = "BINARY", "2"
    made.SegmentSequence = Sequence(
        [
            item(
                SegmentNumber=1,
                SegmentLabel="Bjørnstad",
                SegmentDescription="lesion of Åse Bjørnstad",
                SegmentAlgorithmType="MANUAL",
                SegmentedPropertyCategoryCodeSequence=[code("49755003", "SCT", "Morphology")],
                SegmentedPropertyTypeCodeSequence=[code("108369006", "SCT", "Neoplasm")],
                TrackingID="Bjornstad_Aase",
                TrackingUID="1.2.3.4.99",
            )
        ]
    )
    made.ReferencedSeriesSequence = Sequence(
        [
            item(
                SeriesInstanceUID=images[0].SeriesInstanceUID,
                ReferencedInstanceSequence=[reference(one) for one in images],
            )
        ]
    )
    made.DimensionOrganizationSequence = Sequence([item(DimensionOrganizationUID="1.2.3.4.60")])
    made.DimensionIndexSequence = Sequence(
        [
            item(
                DimensionOrganizationUID="1.2.3.4.60",
                DimensionIndexPointer=0x0062000B,
                FunctionalGroupPointer=0x0062000A,
            )
        ]
    )
    made.SharedFunctionalGroupsSequence = Sequence(
        [
            item(
                PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
                PixelMeasuresSequence=[item(PixelSpacing=[1, 1], SliceThickness=1)],
                SegmentIdentificationSequence=[item(ReferencedSegmentNumber=1)],
            )
        ]
    )
    made.PerFrameFunctionalGroupsSequence = Sequence([frame(one) for one in images])
    made.PixelData = bytes([0x60, 0x06, 0x60, 0x06])
    return made


def frame(of: Dataset) -> Dataset:
    purpose = code("121322", "DCM", "Source image for image processing operation")
    return item(
        DerivationImageSequence=[
            item(
                DerivationCodeSequence=[code("113076", "DCM", "Segmentation")],
                SourceImageSequence=[
                    item(
                        ReferencedSOPClassUID=of.SOPClassUID,
                        ReferencedSOPInstanceUID=of.SOPInstanceUID,
                        PurposeOfReferenceCodeSequence=[purpose],
                    )
                ],
            )
        ],
        FrameContentSequence=[item(DimensionIndexValues=[1])],
        PlanePositionSequence=[item(ImagePositionPatient=of.ImagePositionPatient)],
    )


def waveform() -> Dataset:
    """An ECG with an annotation in words."""
    made = beside(WAVEFORM, 26, "ECG", AcquisitionDateTime="20240312101500")
    made.AcquisitionContextSequence = Sequence()
    source = code("5.6.3-9-1", "SCPECG", "Lead I")
    made.WaveformSequence = Sequence(
        [
            item(
                WaveformOriginality="ORIGINAL",
                NumberOfWaveformChannels=1,
                NumberOfWaveformSamples=4,
                SamplingFrequency=500,
                MultiplexGroupLabel="RHYTHM Bjørnstad",
                ChannelDefinitionSequence=[
                    item(
                        ChannelLabel="Lead I",
                        ChannelSourceSequence=[source],
                        ChannelSampleSkew=0,
                        WaveformBitsStored=16,
                    )
                ],
                WaveformBitsAllocated=16,
                WaveformSampleInterpretation="SS",
                WaveformData=bytes(8),
            )
        ]
    )
    made.WaveformSequence[0]["WaveformData"].VR = "OW"
    made.WaveformAnnotationSequence = Sequence(
        [
            item(
                UnformattedTextValue="Sinusrytme, Åse Bjørnstad",
                ReferencedWaveformChannels=[1, 0],
                AnnotationGroupNumber=1,
            ),
            item(
                ReferencedWaveformChannels=[1, 0],
                MeasurementUnitsCodeSequence=[code("bpm", "UCUM", "beats per minute")],
                ConceptNameCodeSequence=[code("8867-4", "LN", "Heart rate")],
                AnnotationGroupNumber=1,
                NumericValue="62",
            ),
        ]
    )
    return made


def linked_study() -> dict[str, Dataset]:
    images = [image(1), image(2)]
    contours, segments = structures(images), segmentation(images)
    return {
        "image 1": images[0],
        "image 2": images[1],
        "key objects": key_objects(images),
        "presentation": presentation(images),
        "structures": contours,
        "segmentation": segments,
        "report": report(images, [segments]),
        "waveform": waveform(),
    }
