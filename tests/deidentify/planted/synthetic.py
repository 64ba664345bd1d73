"""Carriers built in code, for kinds of which no real file is at hand."""

from collections.abc import Callable

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

STORAGE = "1.2.840.10008.5.1.4.1.1"


def dataset_of(**elements: object) -> Dataset:
    """Return a data set with these elements."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return one item of a code sequence (PS3.3 8.8)."""
    return dataset_of(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _base(sop_class: str, modality: str, *, syntax: str = ExplicitVRLittleEndian) -> Dataset:
    made = dataset_of(
        SpecificCharacterSet="ISO_IR 100",
        SOPClassUID=f"{STORAGE}.{sop_class}",
        SOPInstanceUID="1.2.3",
        StudyDate="20200101",
        StudyTime="101500",
        ContentDate="20200101",
        ContentTime="102000",
        AccessionNumber="",
        Modality=modality,
        Manufacturer="Acme",
        ReferringPhysicianName="",
        PatientName="",
        PatientID="",
        PatientBirthDate="",
        PatientSex="F",
        StudyInstanceUID="1.2.3.1",
        SeriesInstanceUID="1.2.3.2",
        StudyID="",
        SeriesNumber=7,
        InstanceNumber=1,
    )
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    return made


def _with_pixels(made: Dataset, rows: int = 16, *, frames: int = 0, samples: int = 1) -> Dataset:
    made.SamplesPerPixel = samples
    made.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    if samples > 1:
        made.PlanarConfiguration = 0
    made.Rows = made.Columns = rows
    made.BitsAllocated = made.BitsStored = 16 if samples == 1 else 8
    made.HighBit = made.BitsAllocated - 1
    made.PixelRepresentation = 0
    if frames:
        made.NumberOfFrames = frames
    size = rows * rows * max(frames, 1) * (2 if samples == 1 else samples)
    made.PixelData = bytes(number * 7 % 251 for number in range(size))
    return made


def pet(_number: int) -> Dataset:
    """PET with what SUV needs, classic."""
    made = _with_pixels(_base("128", "PT"))
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.Units = "BQML"
    made.CountsSource = "EMISSION"
    made.SeriesType = ["STATIC", "IMAGE"]
    made.NumberOfSlices = 1
    made.DecayCorrection = "START"
    made.CorrectedImage = ["DECY", "ATTN"]
    made.RescaleSlope, made.RescaleIntercept = "2.5", "0"
    made.PatientWeight = "74"
    made.FrameReferenceTime = "1500"
    made.ImageIndex = 1
    made.SeriesDate, made.SeriesTime = "20200101", "101500"
    made.AcquisitionDate, made.AcquisitionTime = "20200101", "101500"
    drug = dataset_of(
        Radiopharmaceutical="FDG -- fluorodeoxyglucose",
        RadiopharmaceuticalStartTime="091500",
        RadionuclideTotalDose="370000000",
        RadionuclideHalfLife="6586.2",
        RadionuclidePositronFraction="0.97",
        RadiopharmaceuticalStartDateTime="20200101091500.00",
        RadionuclideCodeSequence=Sequence([code("C-111A1", "SRT", "^18^Fluorine")]),
    )
    made.RadiopharmaceuticalInformationSequence = Sequence([drug])
    return made


def enhanced_pet(number: int) -> Dataset:
    """Enhanced PET: two frames with functional groups."""
    made = _with_pixels(_base("130", "PT"), frames=2)
    made.ImageType = ["ORIGINAL", "PRIMARY", "NONE", "NONE"]
    made.AcquisitionDateTime = "20200101101500"
    made.RadiopharmaceuticalInformationSequence = pet(number).RadiopharmaceuticalInformationSequence
    made.SharedFunctionalGroupsSequence = Sequence(
        [
            dataset_of(
                PixelMeasuresSequence=Sequence(
                    [dataset_of(PixelSpacing=["2.0", "2.0"], SliceThickness="3")]
                ),
            )
        ]
    )
    made.PerFrameFunctionalGroupsSequence = Sequence(
        dataset_of(
            FrameContentSequence=Sequence(
                [
                    dataset_of(
                        FrameAcquisitionDateTime="20200101101500.5",
                        FrameReferenceDateTime="20200101101501",
                        FrameAcquisitionDuration=1000.0,
                        StackID="1",
                        InStackPositionNumber=frame + 1,
                    )
                ]
            ),
            PlanePositionSequence=Sequence(
                [dataset_of(ImagePositionPatient=["0", "0", str(3 * frame)])]
            ),
        )
        for frame in range(2)
    )
    return made


def mammogram(_number: int) -> Dataset:
    made = _with_pixels(_base("1.2", "MG"), 32)
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.PresentationIntentType = "FOR PRESENTATION"
    made.ImageLaterality, made.ViewPosition = "L", "MLO"
    made.BodyPartExamined, made.OrganExposed = "BREAST", "BREAST"
    made.KVP, made.Exposure = "29", "85"
    made.DetectorType = "DIRECT"
    made.ViewCodeSequence = Sequence([code("R-10226", "SRT", "medio-lateral oblique")])
    made.AnatomicRegionSequence = Sequence([code("T-04000", "SRT", "Breast")])
    made.AcquisitionContextSequence = Sequence()
    return made


def angiogram(_number: int) -> Dataset:
    made = _with_pixels(_base("12.1", "XA"), frames=3)
    made.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    made.KVP, made.FrameTime = "80", "66"
    made.RadiationSetting = "GR"
    made.PositionerPrimaryAngle, made.PositionerSecondaryAngle = "30", "0"
    made.DistanceSourceToDetector = "1200"
    return made


def digital_xray(_number: int) -> Dataset:
    made = _with_pixels(_base("1.1", "DX"), 32)
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.PresentationIntentType = "FOR PROCESSING"
    made.BodyPartExamined, made.ViewPosition = "CHEST", "PA"
    made.KVP, made.DetectorType = "125", "SCINTILLATOR"
    made.AcquisitionContextSequence = Sequence()
    made.DetectorID = "PX-1417"
    return made


def presentation_state(number: int) -> Dataset:
    """Grayscale softcopy presentation state with text annotations."""
    made = _base("11.1", "PR")
    made.ContentLabel, made.ContentDescription = "ANNOTATED", "measured"
    made.PresentationCreationDate, made.PresentationCreationTime = "20200101", "120000"
    made.ReferencedSeriesSequence = Sequence(
        [
            dataset_of(
                SeriesInstanceUID="1.2.3.2",
                ReferencedImageSequence=Sequence(
                    [
                        dataset_of(
                            ReferencedSOPClassUID=f"{STORAGE}.4",
                            ReferencedSOPInstanceUID=f"1.2.3.{number}",
                        )
                    ]
                ),
            )
        ]
    )
    made.GraphicLayerSequence = Sequence(
        [dataset_of(GraphicLayer="LAYER1", GraphicLayerOrder=1, GraphicLayerDescription="notes")]
    )
    text = dataset_of(
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue="left kidney 5 cm",
        AnchorPoint=[10.0, 12.0],
        AnchorPointVisibility="Y",
    )
    line = dataset_of(
        GraphicAnnotationUnits="PIXEL",
        GraphicDimensions=2,
        NumberOfGraphicPoints=2,
        GraphicData=[1.0, 2.0, 3.0, 4.0],
        GraphicType="POLYLINE",
        GraphicFilled="N",
    )
    made.GraphicAnnotationSequence = Sequence(
        [
            dataset_of(
                GraphicLayer="LAYER1",
                TextObjectSequence=Sequence([text]),
                GraphicObjectSequence=Sequence([line]),
            )
        ]
    )
    return made


def key_objects(number: int) -> Dataset:
    """Key object selection that points at one image."""
    made = _base("88.59", "KO")
    made.ValueType = "CONTAINER"
    made.ContinuityOfContent = "SEPARATE"
    made.ConceptNameCodeSequence = Sequence([code("113000", "DCM", "Of Interest")])
    image = dataset_of(
        RelationshipType="CONTAINS",
        ValueType="IMAGE",
        ReferencedSOPSequence=Sequence(
            [
                dataset_of(
                    ReferencedSOPClassUID=f"{STORAGE}.4",
                    ReferencedSOPInstanceUID=f"1.2.3.{number}",
                )
            ]
        ),
    )
    note = dataset_of(
        RelationshipType="CONTAINS",
        ValueType="TEXT",
        ConceptNameCodeSequence=Sequence([code("113012", "DCM", "Key Object Description")]),
        TextValue="see slice 14",
    )
    made.ContentSequence = Sequence([note, image])
    made.CurrentRequestedProcedureEvidenceSequence = Sequence(
        [
            dataset_of(
                StudyInstanceUID="1.2.3.1",
                ReferencedSeriesSequence=Sequence(
                    [
                        dataset_of(
                            SeriesInstanceUID="1.2.3.2",
                            ReferencedSOPSequence=Sequence(
                                [
                                    dataset_of(
                                        ReferencedSOPClassUID=f"{STORAGE}.4",
                                        ReferencedSOPInstanceUID=f"1.2.3.{number}",
                                    )
                                ]
                            ),
                        )
                    ]
                ),
            )
        ]
    )
    return made


def nuclear(_number: int) -> Dataset:
    made = _with_pixels(_base("20", "NM", syntax=ImplicitVRLittleEndian), frames=2)
    made.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
    made.FrameIncrementPointer = 0x00540010
    made.EnergyWindowVector = [1, 1]
    made.DetectorVector = [1, 2]
    made.NumberOfEnergyWindows, made.NumberOfDetectors = 1, 2
    made.CountsAccumulated = "15000"
    return made


def ultrasound(_number: int) -> Dataset:
    made = _with_pixels(_base("6.1", "US"), samples=3)
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.SequenceOfUltrasoundRegions = Sequence(
        [
            dataset_of(
                RegionSpatialFormat=1, RegionDataType=1, PhysicalUnitsXDirection=3,
                PhysicalDeltaX=0.05, RegionLocationMinX0=0, RegionLocationMaxX1=15,
            )
        ]
    )  # fmt: skip
    return made


def pdf(_number: int) -> Dataset:
    """A report as PDF; its text is in no attribute."""
    made = _base("104.1", "DOC")
    made.ConversionType, made.BurnedInAnnotation = "WSD", "YES"
    made.DocumentTitle, made.MIMETypeOfEncapsulatedDocument = "Report", "application/pdf"
    made.EncapsulatedDocument = b"%PDF-1.4\n1 0 obj << /Title (Report) >> endobj\n%%EOF\n"
    made.ConceptNameCodeSequence = Sequence([code("18748-4", "LN", "Diagnostic imaging report")])
    return made


def clinical_document(number: int) -> Dataset:
    """A clinical document (CDA) in its envelope."""
    made = pdf(number)
    made.SOPClassUID = f"{STORAGE}.104.2"
    made.MIMETypeOfEncapsulatedDocument = "text/XML"
    made.EncapsulatedDocument = b"<ClinicalDocument><title>Report</title></ClinicalDocument> "
    return made


BUILDERS: dict[str, Callable[[int], Dataset]] = {
    "pet": pet,
    "pet-enhanced": enhanced_pet,
    "mammogram": mammogram,
    "angiogram": angiogram,
    "dx": digital_xray,
    "presentation-state": presentation_state,
    "key-objects": key_objects,
    "nm-implicit": nuclear,
    "us-rgb": ultrasound,
    "encapsulated-pdf": pdf,
    "encapsulated-cda": clinical_document,
}
