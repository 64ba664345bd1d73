"""Sequences of nothing but references, read at once: there can be hundreds in every header.

An item is a class and an instance, (0008,1150) and (0008,1155), in explicit VR little endian, and
perhaps a rest that was looked at before, such as the purpose of the reference. Whatever is
otherwise is none of these, and is read element by element.

Source: DICOM PS3.3 table 10-11, PS3.5 section 7.5.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from deidentify.leaks.elements import Bytes

REFERENCES = frozenset({0x00081140, 0x00081199, 0x00082112, 0x0008114A})
"""Referenced Image, Referenced SOP, Source Image and Referenced Instance Sequence."""
_ITEM = (
    rb"\xfe\xff\x00\xe0.{4}\x08\x00\x50\x11UI.\x00[0-9.\x00 ]{0,66}"
    rb"\x08\x00\x55\x11UI.\x00[0-9.\x00 ]{1,66}(?:\xfe\xff\x0d\xe0\x00{4})?"
)
_items = re.compile(rb"(?:" + _ITEM + rb")+", re.DOTALL)
_values = re.compile(
    rb"\x08\x00\x50\x11UI(.)\x00([0-9.\x00 ]*)\x08\x00\x55\x11UI(.)\x00([0-9.\x00 ]+)", re.DOTALL
)
_ITEM_START = b"\xfe\xff\x00\xe0"
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


def end_with_rests(data: Bytes, start: int, stop: int, known: Collection[bytes]) -> int:
    """Return `stop` if all items are references with no rest but those that are known, else 0."""
    for _, rest in _items_with_rests(data, start, stop):
        if rest is None or (rest and rest not in known):
            return 0
    return stop


def rests(data: Bytes, start: int, stop: int) -> set[bytes]:
    """Return what follows the references in the items of a sequence of known length."""
    return {rest for _, rest in _items_with_rests(data, start, stop) if rest}


def _items_with_rests(data: Bytes, start: int, stop: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield where each item's value begins and what follows its reference; None: no reference."""
    while start < stop:
        first = start + 8
        end = first + int.from_bytes(data[start + 4 : first], "little")
        match = _values.match(data, first, end) if end <= stop else None
        if match is None or data[start : start + 4] != _ITEM_START:
            yield first, None
            return
        if ord(match[1]) != len(match[2]) or ord(match[3]) != len(match[4]):
            yield first, None
            return
        yield first, bytes(data[match.end() : end])
        start = end


def referenced(data: Bytes, start: int, stop: int) -> list[tuple[bytes, bytes]]:
    """Return class and instance of every item of such a sequence, as stored."""
    return [(one[1], one[3]) for one in _values.findall(data, start, stop)]
