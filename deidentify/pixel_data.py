"""Pixel data, passed on without being looked at; but for what in it is no image.

Comments in compressed frames are overwritten, of which only the beginnings are read. Overlays
that old scanners put into the unused bits of the pixel values are taken out: they are drawings
and letters that no reader of the header sees.

Source: DICOM PS3.5 sections 8.1 and A.4; PS3.3 C.9.2 (2004), Overlay Bit Position.
"""

import os
import warnings
from collections.abc import Mapping
from typing import NamedTuple

from deidentify.encoding import ITEM, SEQUENCE_END, UNDEFINED, unpack_length
from deidentify.errors import Refused
from deidentify.frame_comments import BEGINNINGS, READ, Frame, Patch, comment_patches

OVERLAY_BIT_POSITION = 0x60000102
ANY_OVERLAY = 0xFF00FFFF  # which of the repeating groups it is does not matter
_MASKED_AT_ONCE = 64 * 1024


class Masked(NamedTuple):
    """A range of the source in which some bits of every value become zero.

    Args:
        start, end: in bytes from the start of the file.
        mask: of one value, as stored; the bits that stay are set.
    """

    start: int
    end: int
    mask: bytes

    def apply(self, block: bytes | memoryview) -> bytes:
        """Return `block`, which begins where a value begins, with the bits cleared."""
        pieces = []
        for at in range(0, len(block), _MASKED_AT_ONCE):
            piece = block[at : at + _MASKED_AT_ONCE]
            stays = (self.mask * (len(piece) // len(self.mask) + 1))[: len(piece)]
            masked = int.from_bytes(piece, "little") & int.from_bytes(stays, "little")
            pieces.append(masked.to_bytes(len(piece), "little"))
        return b"".join(pieces)


Chunk = bytes | tuple[int, int] | Masked


def own_bits(found: Mapping[int, bytes], descriptor: int) -> bytes:
    """Return the mask that clears overlays out of pixel values; b"" if none lie among them.

    Args:
        found: values noted on the way, the bit positions of overlays among them.
        descriptor: the open file.

    Raises:
        Refused: the header does not tell which bits are which.
    """
    drawn = any(
        tag & ANY_OVERLAY == OVERLAY_BIT_POSITION and any(value) for tag, value in found.items()
    )
    return _stored_bits(descriptor) if drawn else b""


def passed_fragments(descriptor: int, place: int, end: int) -> tuple[int, list[Patch]]:
    """Step over all fragments of encapsulated pixel data.

    Args:
        descriptor: the open file.
        place: of the first item, in bytes from the start of the file.
        end: where the data set ends.

    Returns:
        the position behind the sequence delimiter, and what is to be overwritten on the way.

    Raises:
        Refused: something else than fragments stands there, or the file ends before.
    """
    patches: list[Patch] = []
    frame: Frame | None = None
    while place + 8 <= end:
        head = os.pread(descriptor, READ, place)
        mark = head[:4]
        if mark != ITEM:
            if head[:8] != SEQUENCE_END:
                raise Refused("bad-structure", "PixelData")
            if frame is not None:
                patches += comment_patches(frame)
            return place + 8, patches
        (size,) = unpack_length(head, 4)
        if size == UNDEFINED:
            raise Refused("bad-structure", "PixelData")
        start, place = place + 8, place + 8 + size
        if place > end:
            break
        if head.startswith(BEGINNINGS, 8):
            if frame is not None:
                patches += comment_patches(frame)
            frame = Frame(descriptor, start, place, head[8 : 8 + size])
        elif frame is not None:
            frame.goes_on(start, place)
    raise Refused("truncated", "PixelData")


def _stored_bits(descriptor: int) -> bytes:
    """The mask; bits of the pixel values themselves stay, whatever an overlay claims."""
    # Imported late: pydicom costs a fifth of a second, and hardly a file has such overlays.
    from pydicom import dcmread

    with os.fdopen(os.dup(descriptor), "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.seek(0)
        try:
            header = dcmread(file, stop_before_pixels=True, force=True)
            allocated, stored, high = (
                int(header[keyword].value) for keyword in ("BitsAllocated", "BitsStored", "HighBit")
            )
            positions = [
                int(header[group, 0x0102].value or 0)
                for group in range(0x6000, 0x6020, 2)
                if (group, 0x0102) in header
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("embedded-graphics", "OverlayBitPosition") from error.with_traceback(None)
    own = range(high - stored + 1, high + 1)
    drawn = [bit for bit in positions if bit not in own and 0 < bit < allocated]
    if not drawn:
        return b""
    if allocated not in (8, 16, 32):
        raise Refused("embedded-graphics", "BitsAllocated")
    cleared = sum(1 << bit for bit in set(drawn))
    return ((1 << allocated) - 1 & ~cleared).to_bytes(allocated // 8, "little")
