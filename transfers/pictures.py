"""Pictures as a person can look at them: one frame of a DICOM file as a PNG.

Only the frame that is asked for is read and decoded, whatever the file's size. Nothing is kept:
a picture lives in the answer to one request.

CannotBeShown    there is no picture in it, or none that can be decoded here: says why
"""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deidentify.leaks.elements import NATIVE
from transfers.decoding import DECODES, decode_apart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydicom import Dataset

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024 * 1024  # of one decoded frame
THUMBNAIL = 144  # pixels, the longer side
PLUGINS = {
    "1.2.840.10008.1.2.5": "pydicom",
    "1.2.840.10008.1.2.4.50": "pillow",
    "1.2.840.10008.1.2.4.51": "pillow",
    "1.2.840.10008.1.2.4.90": "pillow",
    "1.2.840.10008.1.2.4.91": "pillow",
}
VIDEOS = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109))
HEADER = (
    "SOPClassUID",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "WindowCenter",
    "WindowWidth",
    "VOILUTSequence",
    "ModalityLUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "PresentationLUTShape",
    "SharedFunctionalGroupsSequence",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
)


class CannotBeShown(Exception):
    """There is nothing to look at, or nothing that can be decoded. The message is a sentence."""


class Contrast(StrEnum):
    """How stored values become grey: text that is faint in one way is plain in another."""

    HEADER = "header"
    FULL = "full"
    EVEN = "even"


@dataclass(frozen=True)
class Facts:
    """What is known of a picture before any of its frames is decoded."""

    frame_count: int
    rows: int
    columns: int


def facts_of(path: Path) -> Facts:
    """Read how many frames a file has, and of what size. Raises CannotBeShown."""
    with _quietly("Its header cannot be read."):
        return _facts(_header(path))


def render(
    path: Path, frame: int = 1, *, contrast: Contrast = Contrast.HEADER, box: int | None = None
) -> bytes:
    """Return one frame as a PNG; frames are counted from 1.

    Args:
        path: a DICOM file with file meta information.
        frame: its number.
        contrast: how stored values become grey or colour.
        box: the most pixels that either side may have; None leaves the size.

    Raises CannotBeShown.
    """
    from PIL import Image  # late, like numpy and pydicom below: few requests need them

    with _quietly("Its header cannot be read."):
        header = _header(path)
        facts = _facts(header)
    if not 1 <= frame <= facts.frame_count:
        raise CannotBeShown(f"There is no frame {frame}.")
    with _quietly("Its pixels cannot be decoded here."):
        picture = Image.fromarray(_eight_bits(_decoded(path, frame, header), header, contrast))
        if box is not None:
            picture.thumbnail((box, box))
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=1)
        return out.getvalue()


@contextmanager
def _quietly(sentence: str) -> Iterator[None]:
    """Turn whatever goes wrong into a sentence; neither warnings nor errors may quote a value."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CannotBeShown:
        raise
    except Exception as error:  # noqa: BLE001 - bytes from anywhere fail in any way
        log.warning("a picture could not be shown: %s", type(error).__name__)
        raise CannotBeShown(sentence) from None


def _header(path: Path) -> "Dataset":
    from pydicom import dcmread

    return dcmread(path, stop_before_pixels=True, specific_tags=list(HEADER))


def _facts(header: "Dataset") -> Facts:
    rows, columns = _number(header, "Rows"), _number(header, "Columns")
    if not rows or not columns:
        raise CannotBeShown("There is no picture in it: it is a document, a model or a text.")
    syntax = header.file_meta.TransferSyntaxUID
    if syntax in VIDEOS:
        raise CannotBeShown("It is a video; single frames of videos cannot be shown here.")
    if syntax not in NATIVE and syntax not in PLUGINS and syntax not in DECODES:
        raise CannotBeShown(f"It is compressed in a way that cannot be shown here ({syntax.name}).")
    samples = _number(header, "SamplesPerPixel") or 1
    if rows * columns * samples * max(1, _number(header, "BitsAllocated") // 8) > MOST_BYTES:
        raise CannotBeShown(f"It is too large to be shown here: {columns} by {rows} pixels.")
    return Facts(max(1, _number(header, "NumberOfFrames")), rows, columns)


def _number(header: "Dataset", keyword: str) -> int:
    try:
        return int(header.get(keyword) or 0)
    except (TypeError, ValueError):
        return 0


def _decoded(path: Path, frame: int, header: "Dataset") -> "NDArray[Any]":
    """Return stored values, shaped (rows, columns), or colours, shaped (rows, columns, 3)."""
    from pydicom.pixels.processing import apply_color_lut

    values = _stored(path, frame - 1, header.file_meta.TransferSyntaxUID)
    if header.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(values, header)
        return (colours >> 8).astype("uint8") if colours.dtype.itemsize == 2 else colours
    if values.ndim == 3 and values.shape[2] != 3:
        raise CannotBeShown("Its colours are stored in a way that cannot be shown here.")
    return values


def _stored(path: Path, index: int, syntax: str) -> "NDArray[Any]":
    """Decode here what is decoded safely here, and the rest in a process of its own."""
    from pydicom.pixels.utils import pixel_array

    if syntax in NATIVE:
        return pixel_array(path, index=index)
    if plugin := PLUGINS.get(syntax):
        try:
            return pixel_array(path, index=index, decoding_plugin=plugin)
        except Exception:
            if syntax not in DECODES:
                raise
    return decode_apart(path, index)


def _eight_bits(values: "NDArray[Any]", header: "Dataset", contrast: Contrast) -> "NDArray[Any]":
    """Turn stored values into what a screen shows, 0 to 255 (PS3.3 C.11.1, C.11.2, C.7.6.3)."""
    import numpy as np

    if contrast == Contrast.EVEN:
        grey = _evened(values)
    elif contrast == Contrast.FULL:
        grey = _scaled(values, float(values.min()), float(values.max()))
    elif values.ndim == 3:
        most = (1 << _number(header, "BitsStored")) - 1 if values.dtype != np.uint8 else 255
        grey = _scaled(values, 0.0, float(most))
    else:
        grey = _windowed(values, header)
    is_inverse = header.get("PresentationLUTShape") == "INVERSE"
    if header.PhotometricInterpretation == "MONOCHROME1" or is_inverse:
        grey = 255 - grey
    return grey


def _windowed(values: "NDArray[Any]", header: "Dataset") -> "NDArray[Any]":
    """Apply the header's first window or table; without one, leave out the rarest values."""
    import numpy as np
    from pydicom.pixels.processing import apply_modality_lut, apply_voi

    groups = _shared_groups(header)
    if "ModalityLUTSequence" in header:
        values = apply_modality_lut(values, header)
    else:
        values = values.astype(np.float32)
        values = values * groups.get("RescaleSlope", 1.0) + groups.get("RescaleIntercept", 0.0)
    if header.get("VOILUTSequence"):
        table = apply_voi(values.astype(np.int64), header)
        return _scaled(table, 0.0, float(max(1, table.max())))
    width = groups.get("WindowWidth", 0.0)
    if width < 1:
        low, high = np.percentile(values, (0.5, 99.5))
        return _scaled(values, float(low), float(high))
    middle = groups["WindowCenter"] - 0.5
    return _scaled(values, middle - (width - 1) / 2, middle + (width - 1) / 2)


def _shared_groups(header: "Dataset") -> dict[str, float]:
    """Return rescaling and the first window, from the header or what all frames share."""
    places = [header]
    for shared in header.get("SharedFunctionalGroupsSequence") or []:
        for keyword in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            places += shared.get(keyword) or []
    found: dict[str, float] = {}
    for place in places:
        for keyword in ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"):
            value = place.get(keyword)
            first = value[0] if value and not isinstance(value, (str, int, float)) else value
            if first not in (None, ""):
                found[keyword] = float(first)
    return found if "WindowCenter" in found else {**found, "WindowWidth": 0.0}


def _scaled(values: "NDArray[Any]", low: float, high: float) -> "NDArray[np.uint8]":
    import numpy as np

    span = high - low if high > low else 1.0
    grey = (values.astype(np.float32) - low) * (255 / span)
    return np.clip(np.nan_to_num(grey), 0, 255).astype(np.uint8)


def _evened(values: "NDArray[Any]") -> "NDArray[np.uint8]":
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
