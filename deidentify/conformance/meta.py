"""The file meta information of a file, and whether its lengths add up.

Source: DICOM PS3.10 section 7.1: group 0002 is always explicit VR little endian.
"""

from typing import NamedTuple

from deidentify.elements import LONG_VRS

PREAMBLE = 128


class Meta(NamedTuple):
    """The file meta information.

    Args:
        values: element number -> value without padding.
        is_whole: it has its group length, which is right, and even lengths.
        end: where the data set begins.
    """

    values: dict[int, bytes]
    is_whole: bool
    end: int


def read_meta(data: bytes) -> Meta:
    """Read group 0002 from the beginning of a file; what is cut off is left out."""
    position = PREAMBLE + 4 if data[PREAMBLE : PREAMBLE + 4] == b"DICM" else 0
    values: dict[int, bytes] = {}
    length, counted_from, is_even = -1, 0, True
    while data[position : position + 2] == b"\x02\0":
        element = int.from_bytes(data[position + 2 : position + 4], "little")
        start = position + 8
        count = int.from_bytes(data[position + 6 : start], "little")
        if data[position + 4 : position + 6].decode("latin-1") in LONG_VRS:
            count = int.from_bytes(data[start : start + 4], "little")
            start += 4
        if start + count > len(data):
            is_even = False
            break
        position = start + count
        value = data[start:position]
        if not element:
            length, counted_from = int.from_bytes(value, "little"), position
        values[element] = value.rstrip(b"\0 ")
        is_even = is_even and not count & 1
    return Meta(values, is_even and length == position - counted_from, position)
