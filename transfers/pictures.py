"""Pictures as a person can look at them: one frame of a DICOM file as a PNG.

Only the frame that is asked for is read and decoded, whatever the file's size. Nothing is kept:
a picture lives in the answer to one request.

CannotBeShown    there is no picture in it, or none that can be decoded here: says why
"""

import io
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deidentify.leaks.elements import NATIVE
from transfers.decoding import DECODES, decode_apart
from transfers.greys import Contrast, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024 * 1024  # of one decoded frame
MOST_PIXELS = MOST_BYTES // 6  # Pillow warns above this, and refuses above twice as many
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
    "VOILUTFunction",
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


@dataclass(frozen=True)
class Facts:
    """What is known of a picture before any of its frames is decoded."""

    frame_count: int
    rows: int
    columns: int


def facts_of(path: Path) -> Facts:
    """Read how many frames a file has, and of what size. Raises CannotBeShown."""
    with quietly("Its header cannot be read."):
        return told_by(read_header(path))


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

    with quietly("Its header cannot be read."):
        header = read_header(path)
        facts = told_by(header)
    if not 1 <= frame <= facts.frame_count:
        raise CannotBeShown(f"There is no frame {frame}.")
    with quietly("Its pixels cannot be decoded here."):
        picture = Image.fromarray(shown(frame_values(path, frame, header), header, contrast))
        if box is not None:
            picture.thumbnail((box, box))
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=1)
        return out.getvalue()


@contextmanager
def quietly(sentence: str) -> Iterator[None]:
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


def read_header(path: Path, more: Iterable[str] = ()) -> "Dataset":
    """Read what drawing needs to know of a file, and elements that the caller needs besides."""
    from pydicom import dcmread

    return dcmread(path, stop_before_pixels=True, specific_tags=[*HEADER, *more])


def told_by(header: "Dataset") -> Facts:
    """Return what a header says of the picture. Raises CannotBeShown."""
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


def frame_values(path: Path, frame: int, header: "Dataset") -> "NDArray[Any]":
    """Return one frame, counted from 1.

    Stored values are shaped (rows, columns), colours (rows, columns, 3). Raises CannotBeShown, or
    whatever a decoder raises: use it within `quietly`.
    """
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
    from PIL import Image
    from pydicom.pixels.utils import pixel_array

    if syntax in NATIVE:
        return pixel_array(path, index=index)
    if plugin := PLUGINS.get(syntax):
        # what a frame says of its own size need not be what the header says
        Image.MAX_IMAGE_PIXELS = MOST_PIXELS
        try:
            return pixel_array(path, index=index, decoding_plugin=plugin)
        except Exception:
            if syntax not in DECODES:
                raise
    return decode_apart(path, index)
