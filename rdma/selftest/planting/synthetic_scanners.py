"""MR images as the scanners of three vendors write them, with their private headers, built in code.

What the vendors keep there: Siemens the CSA headers (SV10) with the protocol as text (ASCCONV),
and on XA that text in a private sequence of the functional groups; GE a protocol packed by gzip.
"""

import zlib
from collections.abc import Callable

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from rdma.selftest.planting.csa import CsaTag, closed
from rdma.selftest.planting.synthetic import base, dataset_of, with_pixels

MARK = b"SV10\x04\x03\x02\x01"
PROTOCOL = (
    b"### ASCCONV BEGIN ###\n"
    b"ulVersion\t = \t0x14b44b6\n"
    b'tSequenceFileName\t = \t""%SiemensSeq%\\ep2d_bold""\n'
    b'tProtocolName\t = \t""ep2d_bold_4_6mm""\n'
    b'sProtConsistencyInfo.tBaselineString\t = \t""N4_VE11E_LATEST_20181129_AND_ITS_PATCHES""\n'
    b"lScanTimeSec\t = \t312\n"
    b"sSliceArray.asSlice[0].dThickness\t = \t4.6\n"
    b"### ASCCONV END ###\n"
)
SLICE_TIMES = [b"0.00000000\0", b"1022.50000000\0", b"512.50000000\0", b"1535.00000000\0"]


def _tag(name: str, vr: str, *items: bytes) -> CsaTag:
    filled = [*items, *[b""] * (6 - len(items))]
    return CsaTag(name, len(items), vr.encode().ljust(4, b"\0"), 0, 77, filled)


def _image() -> Dataset:
    made = with_pixels(base("4", "MR"), 32)
    made.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    made.ScanningSequence, made.SequenceVariant, made.ScanOptions = "EP", "SK", "FS"
    made.MRAcquisitionType, made.EchoTrainLength = "2D", 1
    made.RepetitionTime, made.EchoTime, made.FlipAngle = "2050", "30", "78"
    made.MagneticFieldStrength = "3"
    made.SliceThickness, made.PixelSpacing = "4.6", ["3.4375", "3.4375"]
    made.FrameOfReferenceUID = "1.2.3.9"
    made.ImagePositionPatient = ["-110", "-110", "-54"]
    made.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    return made


def siemens(_number: int) -> Dataset:
    """A mosaic with both CSA headers."""
    made = _image()
    made.Manufacturer, made.ManufacturerModelName = "SIEMENS", "Prisma_fit"
    image = [
        _tag("NumberOfImagesInMosaic", "US", b"4\0"),
        _tag("B_value", "IS", b"1000\0"),
        _tag("PhaseEncodingDirectionPositive", "IS", b"1\0"),
        _tag("SliceNormalVector", "FD", b"0.00000000\0", b"0.00000000\0", b"1.00000000\0"),
        _tag("MosaicRefAcqTimes", "FD", *SLICE_TIMES),
        _tag("ImaCoilString", "LO", b"HEA;HEP\0"),
    ]
    series = [
        _tag("UsedPatientWeight", "IS", b"70\0"),
        _tag("PatientName", "LO", b"X\0"),
        _tag("SequenceFileOwner", "SH", b"SIEMENS\0"),
        _tag("CoilForGradient2", "SH", b"AS82\0"),
        _tag(
            "MrPhoenixProtocol",
            "UN",
            b'<XProtocol> \n{\n  <Name> "Phoenix"\n}\n' + PROTOCOL + b"\0",
        ),
        _tag("FlowCompensation", "SH", b"No\0"),
    ]
    made[0x00290010] = DataElement(0x00290010, "LO", "SIEMENS CSA HEADER")
    made[0x00291008] = DataElement(0x00291008, "CS", "IMAGE NUM 4")
    made[0x00291010] = DataElement(0x00291010, "OB", closed(image, MARK))
    made[0x00291018] = DataElement(0x00291018, "CS", "MR")
    made[0x00291020] = DataElement(0x00291020, "OB", closed(series, MARK))
    return made


def siemens_xa(_number: int) -> Dataset:
    """An enhanced MR whose protocol stands in a private sequence."""
    made = with_pixels(base("4.1", "MR"), frames=2)
    made.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    made.Manufacturer, made.ManufacturerModelName = "SIEMENS", "Vida"
    made.AcquisitionDateTime = "20200101101500"
    kept = Dataset()
    kept[0x00210010] = DataElement(0x00210010, "LO", "SIEMENS MR SDS 01")
    kept[0x00211005] = DataElement(0x00211005, "IS", ["1", "2", "3"])
    kept[0x00211019] = DataElement(0x00211019, "OB", PROTOCOL + b"\0" * (len(PROTOCOL) % 2))
    shared = dataset_of(
        PixelMeasuresSequence=Sequence(
            [dataset_of(PixelSpacing=["2.0", "2.0"], SliceThickness="3")]
        )
    )
    shared[0x00210010] = DataElement(0x00210010, "LO", "SIEMENS MR SDS 01")
    shared[0x002110FE] = DataElement(0x002110FE, "SQ", Sequence([kept]))
    made.SharedFunctionalGroupsSequence = Sequence([shared])
    made.PerFrameFunctionalGroupsSequence = Sequence(
        dataset_of(
            PlanePositionSequence=Sequence(
                [dataset_of(ImagePositionPatient=["0", "0", str(3 * frame)])]
            )
        )
        for frame in range(2)
    )
    return made


def ge(_number: int) -> Dataset:
    """An image with GE's packed protocol."""
    made = _image()
    made.Manufacturer, made.ManufacturerModelName = "GE MEDICAL SYSTEMS", "DISCOVERY MR750"
    made.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    lines = b'POSITION "Supine"\nENTRY "Head First"\nCOIL "32Ch Head"\nPLANE "AXIAL"\nTE "30.0"\n'
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(lines) + packer.flush()
    block = len(packed).to_bytes(4, "little") + packed + b"\0" * (len(packed) % 2)
    made[0x00250010] = DataElement(0x00250010, "LO", "GEMS_SERS_01")
    made[0x00251006] = DataElement(0x00251006, "SS", 4)
    made[0x00251007] = DataElement(0x00251007, "SL", 15)
    made[0x0025101B] = DataElement(0x0025101B, "OB", block)
    return made


SCANNERS: dict[str, Callable[[int], Dataset]] = {
    "mr-siemens-built": siemens,
    "mr-siemens-xa-built": siemens_xa,
    "mr-ge-built": ge,
}
