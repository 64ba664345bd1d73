"""Images built in code, of kinds of which no file comes with the program."""

from collections.abc import Callable

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

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


def base(sop_class: str, modality: str, *, syntax: str = ExplicitVRLittleEndian) -> Dataset:
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
    made.file_meta.TransferSyntaxUID = UID(syntax)
    return made


def with_pixels(made: Dataset, rows: int = 16, *, frames: int = 0, samples: int = 1) -> Dataset:
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
    made = with_pixels(base("128", "PT"))
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
    made = with_pixels(base("130", "PT"), frames=2)
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
    made = with_pixels(base("1.2", "MG"), 32)
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
    made = with_pixels(base("12.1", "XA"), frames=3)
    made.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    made.KVP, made.FrameTime = "80", "66"
    made.RadiationSetting = "GR"
    made.PositionerPrimaryAngle, made.PositionerSecondaryAngle = "30", "0"
    made.DistanceSourceToDetector = "1200"
    return made


def digital_xray(_number: int) -> Dataset:
    made = with_pixels(base("1.1", "DX"), 32)
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.PresentationIntentType = "FOR PROCESSING"
    made.BodyPartExamined, made.ViewPosition = "CHEST", "PA"
    made.KVP, made.DetectorType = "125", "SCINTILLATOR"
    made.AcquisitionContextSequence = Sequence()
    made.DetectorID = "PX-1417"
    return made


def nuclear(_number: int) -> Dataset:
    made = with_pixels(base("20", "NM", syntax=ImplicitVRLittleEndian), frames=2)
    made.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
    made.FrameIncrementPointer = 0x00540010
    made.EnergyWindowVector = [1, 1]
    made.DetectorVector = [1, 2]
    made.NumberOfEnergyWindows, made.NumberOfDetectors = 1, 2
    made.CountsAccumulated = "15000"
    return made


def ultrasound(_number: int) -> Dataset:
    made = with_pixels(base("6.1", "US"), samples=3)
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


IMAGES: dict[str, Callable[[int], Dataset]] = {
    "pet": pet,
    "pet-enhanced": enhanced_pet,
    "mammogram": mammogram,
    "angiogram": angiogram,
    "dx": digital_xray,
    "nm-implicit": nuclear,
    "us-rgb": ultrasound,
}
