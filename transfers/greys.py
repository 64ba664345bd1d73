"""How stored values become the greys of a screen or a picture file.

Source: DICOM PS3.3 C.11.1 (Modality LUT), C.11.2 (VOI LUT, window, function), C.7.6.3.1.2
(photometric interpretation), C.7.6.16.2.9 and C.7.6.16.2.10 (both, frame by frame); PS3.4 N.2 (in
which order they apply).
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

EIGHT_BITS, SIXTEEN_BITS = 0xFF, 0xFFFF
_GROUPS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
_RESCALE = ("RescaleSlope", "RescaleIntercept")
_WINDOW = ("WindowCenter", "WindowWidth")


class Contrast(StrEnum):
    """How stored values become grey: text that is faint in one way is plain in another."""

    HEADER = "header"
    FULL = "full"
    EVEN = "even"


class Greys(NamedTuple):
    """Rescaling and window of one frame; a width below the least counts as no window."""

    slope: float = 1.0
    intercept: float = 0.0
    center: float = 0.0
    width: float = 0.0
    function: str = "LINEAR"


def greys_of(header: "Dataset", frame: int = 1) -> Greys:
    """Return what the header says of a frame, counted from 1: of itself before of all.

    A header read without Per-Frame Functional Groups says what all frames share.
    """
    places = [header]
    for shared in header.get("SharedFunctionalGroupsSequence") or []:
        places += _groups_of(shared)
    frames = header.get("PerFrameFunctionalGroupsSequence") or []
    if frame <= len(frames):
        places += _groups_of(frames[frame - 1])
    found: dict[str, float] = {}
    function = "LINEAR"
    for place in places:
        for keyword in (*_RESCALE, *_WINDOW):
            value = place.get(keyword)
            first = value[0] if value and not isinstance(value, (str, int, float)) else value
            if first not in (None, ""):
                found[keyword] = float(first)
        function = str(place.get("VOILUTFunction") or function)
    has_window = all(keyword in found for keyword in _WINDOW)
    return Greys(
        *(found.get("RescaleSlope", 1.0), found.get("RescaleIntercept", 0.0)),
        *((found["WindowCenter"], found["WindowWidth"]) if has_window else (0.0, 0.0)),
        function,
    )


def _groups_of(item: "Dataset") -> "list[Dataset]":
    return [one for keyword in _GROUPS for one in item.get(keyword) or []]


def shown(
    values: "NDArray[Any]",
    header: "Dataset",
    contrast: Contrast = Contrast.HEADER,
    *,
    frame: int = 1,
    most: int = EIGHT_BITS,
) -> "NDArray[Any]":
    """Turn stored values into greys or colours.

    Args:
        values: one frame, shaped (rows, columns), or (rows, columns, 3) for RGB.
        header: as read for pictures.
        contrast: whether the header's window counts, or the frame's own values.
        frame: its number, from 1.
        most: what white is; EIGHT_BITS gives bytes, SIXTEEN_BITS words. Colours are bytes.
    """
    import numpy as np  # late: few requests need it

    if values.ndim == 3:
        most = EIGHT_BITS
    if contrast == Contrast.EVEN:
        grey = _evened(values)
        most = EIGHT_BITS
    elif contrast == Contrast.FULL:
        grey = _scaled(values, float(values.min()), float(values.max()), most)
    elif values.ndim == 3:
        stored = int(header.get("BitsStored") or 8)
        bound = (1 << stored) - 1 if values.dtype != np.uint8 else EIGHT_BITS
        grey = _scaled(values, 0.0, float(bound), most)
    else:
        grey = _windowed(values, header, frame, most)
    is_inverse = header.get("PresentationLUTShape") == "INVERSE"
    if header.PhotometricInterpretation == "MONOCHROME1" or is_inverse:
        grey = most - grey
    return grey


def _windowed(values: "NDArray[Any]", header: "Dataset", frame: int, most: int) -> "NDArray[Any]":
    """Apply the header's first window or table; without one, leave out the rarest values."""
    import numpy as np
    from pydicom.pixels.processing import apply_modality_lut, apply_voi

    greys = greys_of(header, frame)
    if "ModalityLUTSequence" in header:
        values = apply_modality_lut(values, header)
    else:
        values = values.astype(np.float32) * greys.slope + greys.intercept
    if header.get("VOILUTSequence"):
        table = apply_voi(values.astype(np.int64), header)
        depth = int(header.VOILUTSequence[0].LUTDescriptor[2])
        return _scaled(table, 0.0, float(max(1, (1 << depth) - 1)), most)
    if greys.function == "SIGMOID" and greys.width > 0:
        steps = 1 / (1 + np.exp(-4 * (values - greys.center) / greys.width))
        return _scaled(steps, 0.0, 1.0, most)
    if greys.function == "LINEAR_EXACT" and greys.width > 0:
        half = greys.width / 2
        return _scaled(values, greys.center - half, greys.center + half, most)
    if greys.width < 1:
        low, high = np.percentile(values, (0.5, 99.5))
        return _scaled(values, float(low), float(high), most)
    middle, half = greys.center - 0.5, (greys.width - 1) / 2
    return _scaled(values, middle - half, middle + half, most)


def _scaled(values: "NDArray[Any]", low: float, high: float, most: int) -> "NDArray[Any]":
    import numpy as np

    span = high - low if high > low else 1.0
    grey = (values.astype(np.float32) - low) * (most / span)
    kind = np.uint8 if most == EIGHT_BITS else np.uint16
    return np.clip(np.nan_to_num(grey), 0, most).astype(kind)


def _evened(values: "NDArray[Any]") -> "NDArray[Any]":
    """Spread the values so that each grey is as frequent: what is faint stands out."""
    import numpy as np

    low, high = float(values.min()), float(values.max())
    steps = (values.astype(np.float32) - low) * (65535 / (high - low or 1.0))
    levels = np.clip(np.nan_to_num(steps), 0, 65535).astype(np.uint16)
    counts = np.bincount(levels.ravel(), minlength=65536)
    ranks = np.flatnonzero(counts)
    greys = np.zeros(65536, np.uint8)
    # by rank of distinct values, not by their number: a few faint letters weigh as the background
    greys[ranks] = np.linspace(0, 255, len(ranks)).astype(np.uint8) if len(ranks) > 1 else 0
    return greys[levels]
