"""Synthetic Siemens CSA headers: the private blocks that every MR image of that vendor carries.

A block is `SV10`, four fixed bytes, the number of tags and the figure 77; then for each tag a name
of 64 bytes, multiplicity, VR, a type number and the number of items; then for each item four
integers (its length in the first two and the last) and the value, filled up to four bytes.
All integers have 32 bits, little endian.

Source: the layout as NiBabel's documentation tells it; the values are invented.
"""

import struct
from collections.abc import Sequence

Tag = tuple[str, str, Sequence[str]]
ITEMS = 6
SPARE_TAGS = 38


def block(tags: Sequence[Tag]) -> bytes:
    """Return a CSA header of `tags`: name, VR, values as text."""
    pieces = [b"SV10\x04\x03\x02\x01", struct.pack("<2I", len(tags), 77)]
    for name, vr, values in tags:
        items = max(len(values), ITEMS) if values else 0
        pieces.append(
            struct.pack("<64si4s3i", name.encode(), len(values), vr.encode(), 0, items, 77)
        )
        for position in range(items):
            text = values[position].encode() + b"\0" if position < len(values) else b""
            pieces.append(struct.pack("<4i", len(text), len(text), 77, len(text)))
            pieces.append(text + b"\0" * (-len(text) % 4))
    return b"".join(pieces)


def image_header(number: int, slice_location: float) -> bytes:
    """Return what is said of one image, about 11 kB; it differs from image to image."""
    place = f"{slice_location:.8f}"
    own: list[Tag] = [
        ("EchoLinePosition", "IS", ["128"]),
        ("UsedChannelMask", "UL", ["4095"]),
        ("Actual3DImaPartNumber", "IS", [str(number)]),
        ("ICE_Dims", "LO", [f"X_1_1_1_1_1_1_{number}_1_1_1_1_{number}"]),
        ("B_value", "IS", ["0"]),
        ("NumberOfImagesInMosaic", "US", []),
        ("DiffusionDirectionality", "CS", ["NONE"]),
        ("MosaicRefAcqTimes", "FD", [f"{time}.50000000" for time in range(0, 1800, 50)]),
        ("TimeAfterStart", "DS", [f"{number * 0.37:.6f}"]),
        ("SliceLocation", "DS", [place]),
        ("ImagePositionPatient", "DS", ["-120.0", "-120.0", place]),
        ("ImageOrientationPatient", "FD", ["1.0", "0.0", "0.0", "0.0", "1.0", "0.0"]),
        ("SliceNormalVector", "FD", ["0.0", "0.0", "1.0"]),
        ("BandwidthPerPixelPhaseEncode", "FD", ["20.83300000"]),
        ("PhaseEncodingDirectionPositive", "IS", ["1"]),
        ("ImaAbsTablePosition", "SL", ["0", "0", "-1207"]),
        ("RealDwellTime", "IS", ["6500"]),
        ("ImaCoilString", "LO", ["HEA;HEP"]),
        ("PositivePCSDirections", "SH", ["+LPH"]),
    ]
    return block([*own, *((f"Reserved{more:02}", "LO", ["0"]) for more in range(SPARE_TAGS))])


def series_header(frame_of_reference_uid: str, protocol: str) -> bytes:
    """Return what is said of the series, about 45 kB, with the measurement's protocol in it."""
    own: list[Tag] = [
        ("UsedPatientWeight", "IS", ["71"]),
        ("NumberOfPrescans", "IS", ["1"]),
        ("TransmitterCalibration", "DS", ["273.441000"]),
        ("PhaseGradientAmplitude", "DS", ["0.000000"]),
        ("ReadoutGradientAmplitude", "DS", ["0.000000"]),
        ("SelectionGradientAmplitude", "DS", ["0.000000"]),
        ("GradientDelayTime", "DS", ["36.0", "35.0", "31.0"]),
        ("RfWatchdogMask", "IS", ["0"]),
        ("SequenceFileOwner", "SH", ["SIEMENS"]),
        ("Isocentered", "IS", ["0"]),
        ("CoilForGradient", "SH", ["AS"]),
        ("TablePositionOrigin", "SL", ["0", "0", "-1207"]),
        ("RelTablePosition", "IS", ["0", "0", "0"]),
        ("MrProtocolVersion", "IS", ["41340006"]),
        ("DataFileName", "LO", ["%MEAS_DATA%/LOCAL"]),
        ("FrameOfReference", "UI", [frame_of_reference_uid]),
        ("MrPhoenixProtocol", "UN", [_measurement(frame_of_reference_uid, protocol)]),
    ]
    return block([*own, *((f"Reserved{more:02}", "LO", ["0"]) for more in range(SPARE_TAGS))])


def _measurement(frame_of_reference_uid: str, protocol: str) -> str:
    """The protocol as text, the way the vendor's own tools print it."""
    lines = [
        "### ASCCONV BEGIN ###",
        "ulVersion                                = 0x14b44b6",
        f'tProtocolName                            = "{protocol}"',
        f'tReferenceImage0                         = "{frame_of_reference_uid}"',
        'sProtConsistencyInfo.tBaselineString     = "N4_VD13D_LATEST"',
    ]
    for position in range(124):
        at = f"sSliceArray.asSlice[{position}]"
        lines.append(f"{at}.sPosition.dTra           = {position * 1.25 - 100:.6f}")
        lines.append(f"{at}.sNormal.dTra             = 1")
        lines.append(f"{at}.dThickness               = 1.25")
        lines.append(f"{at}.dPhaseFOV                = 240")
        lines.append(f"{at}.dReadoutFOV              = 240")
    lines.append("### ASCCONV END ###")
    return "\n".join(lines) + "\n"
