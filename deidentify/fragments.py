"""Encapsulated pixel data: where its fragments end, found without reading them.

Source: DICOM PS3.5 Annex A.4.
"""

import os

from deidentify.encoding import ITEM, SEQUENCE_END, UNDEFINED, unpack_length
from deidentify.errors import Refused


def end_of_fragments(descriptor: int, place: int, end: int) -> int:
    """Return the position behind the sequence delimiter.

    Args:
        descriptor: the open file.
        place: of the first item, in bytes from the start of the file.
        end: where the data set ends.

    Raises:
        Refused: something else than fragments stands there, or the file ends before.
    """
    while place + 8 <= end:
        head = os.pread(descriptor, 8, place)
        if head == SEQUENCE_END:
            return place + 8
        if head[:4] != ITEM:
            raise Refused("bad-structure", "PixelData")
        (size,) = unpack_length(head, 4)
        if size == UNDEFINED:
            raise Refused("bad-structure", "PixelData")
        place += 8 + size
    raise Refused("truncated", "PixelData")
