"""Encapsulated pixel data: where its fragments end, and what in them is no image.

Only the beginning of each fragment is read, together with the header of its item.

Source: DICOM PS3.5 Annex A.4.
"""

import os

from deidentify.encoding import ITEM, SEQUENCE_END, UNDEFINED, unpack_length
from deidentify.errors import Refused
from deidentify.frame_comments import BEGINNINGS, READ, Frame, Patch, comment_patches


def passed_fragments(descriptor: int, place: int, end: int) -> tuple[int, list[Patch]]:
    """Step over all fragments.

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
