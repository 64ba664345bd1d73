"""Siemens' header of an image, reduced to what makes the image readable.

It is copied field by field into an empty block: between its fields lies memory of the scanner that
nobody cleared, in which serial numbers and paths have been seen.

Source: no standard; the layout as deidentify/csa.py gives it.
"""

import struct
from collections.abc import Callable

from deidentify import csa
from exports.untying.staying import CSA_NAMES

_NAME, _TAG, _ITEM = 64, 84, 16
_number = struct.Struct("<i").unpack_from


def reduced(block: bytes, *, leaves_out: Callable[[bytes], bool]) -> bytes:
    """Return a header of the same layout with the listed texts alone; b"" if it is none.

    Of the listed texts too, those go that `leaves_out` is true of.
    """
    if not csa.is_header(block):
        return b""
    new = bytearray(len(block))
    position = 16 if block[:4] == csa.MARK else 8
    new[:position] = block[:position]
    items = {item.header: item for item in csa.items(block)}
    for _ in range(csa.MOST_TAGS):
        begin, position = position, position + _TAG
        if position > len(block):
            break
        name = block[begin : begin + _NAME].split(b"\0", 1)[0]
        new[begin : begin + len(name)] = name
        new[begin + _NAME : begin + _NAME + 4] = block[begin + _NAME : begin + _NAME + 4]
        kind = block[begin + _NAME + 4 : begin + _NAME + 8].split(b"\0", 1)[0]
        new[begin + _NAME + 4 : begin + _NAME + 4 + len(kind)] = kind
        new[begin + _NAME + 8 : position] = block[begin + _NAME + 8 : position]
        (count,) = _number(block, begin + _NAME + 12)
        if not 0 <= count <= (len(block) - position) // _ITEM:
            break
        for _ in range(count):
            new[position : position + _ITEM] = block[position : position + _ITEM]
            item = items.get(position)
            position += _ITEM
            if item is None:
                continue
            if name in CSA_NAMES:
                text = block[item.start : item.end].split(b"\0", 1)[0]
                if not leaves_out(text):
                    new[item.start : item.start + len(text)] = text
            position = item.end + (-(item.end - item.start) & 3)
    return bytes(new)
