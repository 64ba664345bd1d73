"""Sequences of nothing but references, read at once: there can be hundreds in every header.

An item is a class and an instance, (0008,1150) and (0008,1155), in explicit VR little endian.
Whatever is otherwise is none of these, and is read element by element.

Source: DICOM PS3.3 table 10-11, PS3.5 section 7.5.
"""

from __future__ import annotations

import re

from deidentify.leaks.elements import Bytes

_ITEM = (
    rb"\xfe\xff\x00\xe0.{4}\x08\x00\x50\x11UI.\x00[0-9.\x00 ]{0,66}"
    rb"\x08\x00\x55\x11UI.\x00[0-9.\x00 ]{1,66}(?:\xfe\xff\x0d\xe0\x00{4})?"
)
_items = re.compile(rb"(?:" + _ITEM + rb")+", re.DOTALL)
_values = re.compile(
    rb"\x08\x00\x50\x11UI(.)\x00([0-9.\x00 ]*)\x08\x00\x55\x11UI(.)\x00([0-9.\x00 ]+)", re.DOTALL
)
END_OF_SEQUENCE = b"\xfe\xff\xdd\xe0\0\0\0\0"


def end_of_references(data: Bytes, start: int, stop: int, *, is_undefined: bool) -> int:
    """Return the position behind a sequence of references, 0 if it is no such sequence.

    Args:
        start: of its first item.
        stop: its end, or of what it is in if its own length is undefined.
    """
    found = _items.match(data, start, stop)
    if found is None:
        return 0
    end = found.end()
    if is_undefined:
        if data[end : end + 8] != END_OF_SEQUENCE:
            return 0
        end += 8
    elif end != stop:
        return 0
    for first, class_uid, second, instance_uid in _values.findall(data, start, found.end()):
        if ord(first) != len(class_uid) or ord(second) != len(instance_uid):
            return 0
    return end


def referenced(data: Bytes, start: int, stop: int) -> list[tuple[bytes, bytes]]:
    """Return class and instance of every item of such a sequence, as stored."""
    return [(one[1], one[3]) for one in _values.findall(data, start, stop)]
