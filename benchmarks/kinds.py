"""The five kinds of image that are measured, each as a stream of data sets to be saved.

What differs from image to image in a real series differs here: UIDs, positions, times, tube
currents, CSA headers, and the UIDs of all images referred to. What a series shares is shared.
"""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image as Picture
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    JPEG2000Lossless,
    MRImageStorage,
    UltrasoundImageStorage,
)

from benchmarks import csa
from benchmarks.invented import (
    Uids,
    code,
    describe_pixels,
    examination,
    name_instance,
    picture,
    references,
)

SERIES = 200  # images in a series, after which a new one begins
PICTURES = 4  # nobody looks into pixels, so a few serve a whole series
NESTED = 20  # references in each of an MR image's three sequences
FRAMES = 320


def ct(uids: Uids, images: int) -> Iterator[Dataset]:
    """CT, 512×512, 16 bit: about 110 elements, six of them sequences."""
    pixels = [picture(seed, 512, 512).tobytes() for seed in range(PICTURES)]
    yield from _ct(examination(uids, CTImageStorage, modality="CT"), uids, images, pixels)


def compressed_ct(uids: Uids, images: int) -> Iterator[Dataset]:
    """The same CT in JPEG 2000 without loss, one fragment, with an offset table."""
    pixels = [encapsulate([_jpeg_2000(seed)]) for seed in range(PICTURES)]
    shared = examination(uids, CTImageStorage, modality="CT", transfer_syntax_uid=JPEG2000Lossless)
    for image in _ct(shared, uids, images, pixels):
        image["PixelData"].VR = "OB"
        image["PixelData"].is_undefined_length = True
        yield image


def _jpeg_2000(seed: int) -> bytes:
    stream = io.BytesIO()
    Picture.fromarray(picture(seed, 512, 512)).save(
        stream, "JPEG2000", irreversible=False, no_jp2=True
    )
    return stream.getvalue()


def _ct(image: Dataset, uids: Uids, images: int, pixels: list[bytes]) -> Iterator[Dataset]:
    describe_pixels(image, (512, 512), stored=12)
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.BodyPartExamined, image.PatientPosition = "CHEST", "HFS"
    image.AnatomicRegionSequence = [code("T-D3000", "SRT", "Thorax")]
    image.KVP, image.DataCollectionDiameter, image.ReconstructionDiameter = "120", "500", "361"
    image.DistanceSourceToDetector, image.DistanceSourceToPatient = "1085.6", "595"
    image.GantryDetectorTilt, image.TableHeight, image.RotationDirection = "0", "151", "CW"
    image.ExposureTime, image.FilterType, image.GeneratorPower = "500", "FLAT", "72"
    image.FocalSpots, image.ConvolutionKernel = "1.2", "Br40f"
    image.SingleCollimationWidth, image.TotalCollimationWidth = 0.6, 38.4
    image.TableSpeed, image.TableFeedPerRotation, image.RevolutionTime = 61.44, 30.72, 0.5
    image.ScanOptions, image.SliceThickness, image.PixelSpacing = "SPIRAL", "1.25", [0.705, 0.705]
    image.ImageOrientationPatient, image.PositionReferenceIndicator = [1, 0, 0, 0, 1, 0], ""
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = "-1024", "1", "HU"
    image.WindowCenter, image.WindowWidth = ["40", "-600"], ["400", "1200"]
    image.LossyImageCompression, image.BurnedInAnnotation = "00", "NO"
    image.ImageComments = "Thorax, Torunn Nordlifjell, se forrige"
    image.ProtocolName = "Thorax rutine"
    for number in range(1, images + 1):
        _begin_series(image, uids, number, "Thorax 1.25 Br40")
        name_instance(image, uids, number)
        image.PixelData = pixels[number % len(pixels)]
        image.AcquisitionNumber, image.SliceLocation = 1, f"{-1.25 * number:.2f}"
        image.ImagePositionPatient = ["-180.5", "-180.5", f"{-1.25 * number:.2f}"]
        image.XRayTubeCurrent, image.Exposure = 180 + number % 97, 90 + number % 53
        image.ExposureInuAs, image.CTDIvol = 90_000 + number, 4.0 + number / 1000
        image.SmallestImagePixelValue, image.LargestImagePixelValue = 0, 1200 + number % 700
        image.ReferencedImageSequence = references(uids, CTImageStorage, 1)
        yield image


def mr(uids: Uids, images: int) -> Iterator[Dataset]:
    """MR, 256×256, with CSA headers and 60 nested references that differ in every file."""
    image = examination(uids, MRImageStorage, modality="MR")
    image.Manufacturer = "SIEMENS"
    describe_pixels(image, (256, 256), stored=12)
    pixels = [picture(seed, 256, 256).tobytes() for seed in range(PICTURES)]
    _of_mr(image)
    protocol = "t1_mprage_sag_p2 Nordlifjell"
    headers = image.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    headers.add_new(0x08, "CS", "IMAGE NUM 4")
    headers.add_new(0x09, "LO", "20240312")
    headers.add_new(0x18, "CS", "MR")
    headers.add_new(0x19, "LO", "20240312")
    headers.add_new(0x20, "OB", csa.series_header(image.FrameOfReferenceUID, protocol))
    acquired = image.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    shown = image.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    for number in range(1, images + 1):
        _begin_series(image, uids, number, protocol)
        name_instance(image, uids, number)
        place = -1.25 * number
        image.PixelData = pixels[number % len(pixels)]
        image.SliceLocation, image.ImagePositionPatient = f"{place:.8f}", [-120, -120, place]
        image.WindowCenter, image.WindowWidth = 600 + number % 31, 1300 + number % 43
        image.SmallestImagePixelValue, image.LargestImagePixelValue = 0, 1200 + number % 700
        headers.add_new(0x10, "OB", csa.image_header(number, place))
        acquired.add_new(0x08, "CS", "IMAGE NUM 4")
        acquired.add_new(0x15, "FD", [-120.0, -120.0, place])
        acquired.add_new(0x16, "DS", f"{number * 0.37:.6f}")
        shown.add_new(0x0C, "LO", "FoV 240*240")
        shown.add_new(0x0D, "SH", f"SP F{-place:.1f}")
        _refer(image, uids)
        yield image


def _of_mr(image: Dataset) -> None:
    image.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"]
    image.BodyPartExamined, image.PatientPosition = "BRAIN", "HFS"
    image.ScanningSequence, image.SequenceVariant = ["GR", "IR"], ["SK", "SP", "MP"]
    image.ScanOptions, image.MRAcquisitionType, image.SequenceName = "IR", "3D", "*tfl3d1_16ns"
    image.AngioFlag, image.SliceThickness, image.RepetitionTime = "N", "1.25", "2300"
    image.EchoTime, image.InversionTime, image.NumberOfAverages = "2.98", "900", "1"
    image.ImagingFrequency, image.ImagedNucleus, image.EchoNumbers = "123.25", "1H", "1"
    image.MagneticFieldStrength, image.NumberOfPhaseEncodingSteps = "3", "239"
    image.EchoTrainLength, image.PercentSampling, image.PercentPhaseFieldOfView = "1", "100", "94"
    image.PixelBandwidth, image.TransmitCoilName, image.FlipAngle = "240", "Body", "9"
    image.AcquisitionMatrix, image.InPlanePhaseEncodingDirection = [0, 256, 240, 0], "ROW"
    image.VariableFlipAngleFlag, image.SAR, image.dBdt = "N", "0.0407", "0"
    image.ImageOrientationPatient, image.PositionReferenceIndicator = [1, 0, 0, 0, 1, 0], ""
    image.PixelSpacing, image.ProtocolName = [0.9375, 0.9375], "t1_mprage_sag_p2"
    image.ImageComments = "Torunn Nordlifjell urolig, gjentatt"


def _refer(image: Dataset, uids: Uids) -> None:
    """Refer to sixty other images, each of which is named in this file alone."""
    image.ReferencedImageSequence = references(uids, MRImageStorage, NESTED)
    image.SourceImageSequence = references(uids, MRImageStorage, NESTED)
    for source in image.SourceImageSequence:
        source.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source image")]
    series = Dataset()
    series.SeriesInstanceUID = uids.new()
    series.ReferencedInstanceSequence = references(uids, MRImageStorage, NESTED)
    image.ReferencedSeriesSequence = [series]


def multi_frame(uids: Uids, images: int) -> Iterator[Dataset]:
    """Enhanced MR of 40 MB: 320 frames of 256×256, each with functional groups of its own."""
    image = examination(uids, EnhancedMRImageStorage, modality="MR")
    describe_pixels(image, (256, 256), stored=12)
    image.NumberOfFrames = FRAMES
    image.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    image.AcquisitionDateTime, image.AcquisitionDuration = "20240312101732.437", 312.5
    image.AcquisitionNumber, image.AcquisitionContrast = 1, "T1"
    image.MagneticFieldStrength, image.ResonantNucleus, image.ContentQualification = (
        3.0, "1H", "RESEARCH",
    )  # fmt: skip
    image.PixelData = np.stack(
        [picture(number % PICTURES, 256, 256) for number in range(FRAMES)]
    ).tobytes()
    image.SharedFunctionalGroupsSequence = [_shared_groups()]
    for number in range(1, images + 1):
        _begin_series(image, uids, number, "Dynamisk Nordlifjell")
        name_instance(image, uids, number)
        image.PerFrameFunctionalGroupsSequence = [
            _frame_groups(uids, number, frame) for frame in range(1, FRAMES + 1)
        ]
        yield image


def _shared_groups() -> Dataset:
    groups, measures, timing = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.9375, 0.9375], "1.25"
    measures.SpacingBetweenSlices = "1.25"
    timing.RepetitionTime, timing.FlipAngle, timing.EchoTrainLength = "2300", "9", 1
    groups.PixelMeasuresSequence, groups.MRTimingAndRelatedParametersSequence = [measures], [timing]
    return groups


def _frame_groups(uids: Uids, number: int, frame: int) -> Dataset:
    groups, content, place = Dataset(), Dataset(), Dataset()
    turn, window, values, echo, kind = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    stamp = f"2024031210{number % 60:02}{frame % 60:02}.{frame * 310 + number:06}"
    content.FrameAcquisitionDateTime = content.FrameReferenceDateTime = stamp
    content.FrameAcquisitionDuration = 976.5 + frame
    content.DimensionIndexValues, content.StackID = [1, frame, number], "1"
    content.InStackPositionNumber, content.TemporalPositionIndex = frame, number
    place.ImagePositionPatient = [-120, -120, f"{-1.25 * frame:.4f}"]
    turn.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    window.WindowCenter, window.WindowWidth = 600 + frame % 31, 1300 + frame % 43
    values.RescaleIntercept, values.RescaleSlope, values.RescaleType = "0", "1.8017", "US"
    echo.EffectiveEchoTime = 2.98
    kind.FrameType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    kind.PixelPresentation, kind.VolumetricProperties = "MONOCHROME", "VOLUME"
    groups.FrameContentSequence, groups.PlanePositionSequence = [content], [place]
    groups.PlaneOrientationSequence, groups.FrameVOILUTSequence = [turn], [window]
    groups.PixelValueTransformationSequence, groups.MREchoSequence = [values], [echo]
    groups.MRImageFrameTypeSequence = [kind]
    groups.ReferencedImageSequence = references(uids, MRImageStorage, 1)
    return groups


def ultrasound(uids: Uids, images: int) -> Iterator[Dataset]:
    """Ultrasound, 768×1024, RGB."""
    image = examination(uids, UltrasoundImageStorage, modality="US")
    describe_pixels(image, (768, 1024), stored=8, samples=3)
    grey = [(picture(seed, 768, 1024) >> 4).astype(np.uint8) for seed in range(PICTURES)]
    pixels = [np.stack([one, one, one // 2], axis=-1).tobytes() for one in grey]
    image.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]
    image.BodyPartExamined, image.TransducerData = "ABDOMEN", ["C5-1", "", ""]
    image.ImageComments = "Lever, Torunn Nordlifjell, faste"
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 2
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 120, 60
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 900, 720
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = 3, 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.0213, 0.0213
    image.SequenceOfUltrasoundRegions = [region]
    for number in range(1, images + 1):
        _begin_series(image, uids, number, "Abdomen Nordlifjell")
        name_instance(image, uids, number)
        image.PixelData = pixels[number % len(pixels)]
        image.HeartRate, image.MechanicalIndex = str(60 + number % 40), f"1.{number % 10}"
        yield image


def _begin_series(image: Dataset, uids: Uids, number: int, description: str) -> None:
    """Give every two hundredth image a series of its own."""
    if number % SERIES == 1:
        image.SeriesInstanceUID = uids.new()
        image.SeriesNumber = number // SERIES + 2
        image.SeriesDescription = description


KINDS = {
    "ct": ct,
    "mr": mr,
    "compressed": compressed_ct,
    "multiframe": multi_frame,
    "ultrasound": ultrasound,
}
