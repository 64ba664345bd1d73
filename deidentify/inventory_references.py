"""Sequences of nothing but references, taken apart at once: MR images carry dozens in each header.

An item is a class and an instance, (0008,1150) and (0008,1155), in explicit VR little endian, and
perhaps a rest that other items have as well, such as the purpose of the reference. What is
otherwise is not read here.

Source: DICOM PS3.3 table 10-11, PS3.5 section 7.5.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ITEM = b"\xfe\xff\x00\xe0"
_HEAD = b"\x08\x00\x50\x11UI"
_pair = re.compile(
    rb"\x08\x00\x50\x11UI(.)\x00([0-9.\x00 ]*)\x08\x00\x55\x11UI(.)\x00([0-9.\x00 ]*)", re.DOTALL
)


class References(NamedTuple):
    """What stands in the items, each thing once, as stored; and how many items there are."""

    classes: set[bytes]
    instances: set[bytes]
    rests: set[bytes]
    items: int


def references(raw: bytes, start: int, stop: int) -> References | None:
    """Return what the items between two positions refer to; None if they are anything else.

    Args:
        raw: in explicit VR little endian.
        start: of the first item.
        stop: of the sequence, whose length is defined, as those of its items are.
    """
    if not raw.startswith(_HEAD, start + 8):
        return None
    found = References(set(), set(), set(), 0)
    count = 0
    while start < stop:
        first = start + 8
        end = first + int.from_bytes(raw[start + 4 : first], "little")
        match = _pair.match(raw, first, end) if end <= stop else None
        if match is None or raw[start : start + 4] != _ITEM:
            return None
        class_length, class_uid, instance_length, instance_uid = match.groups()
        if class_length[0] != len(class_uid) or instance_length[0] != len(instance_uid):
            return None
        found.classes.add(class_uid)
        found.instances.add(instance_uid)
        if match.end() < end:
            found.rests.add(raw[match.end() : end])
        start, count = end, count + 1
    return found._replace(items=count)
