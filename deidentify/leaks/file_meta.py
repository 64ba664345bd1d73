"""Group 0002 of a file: always explicit VR little endian (PS3.10 section 7.1)."""

from __future__ import annotations

from deidentify.leaks.attributes import MARKED, TEXT, use_of
from deidentify.leaks.elements import KNOWN_VRS, LONG_VRS, Element, Layout, Place


def read_file_meta(layout: Layout, position: int) -> int:
    """Read group 0002 from `position` on and return where the data set begins."""
    data, place = layout.data, Place("file meta ")
    while data[position : position + 2] == b"\x02\x00" and position + 8 <= len(data):
        vr = KNOWN_VRS.get(bytes(data[position + 4 : position + 6]), "")
        start = position + 8
        if vr in LONG_VRS and start + 4 <= len(data):
            length, start = int.from_bytes(data[start : start + 4], "little"), start + 4
        elif vr:
            length = int.from_bytes(data[position + 6 : start], "little")
        else:
            length = int.from_bytes(data[position + 4 : start], "little")
        stop = start + length
        if stop > len(data):
            layout.trouble.append("The file meta information is cut off.")
            return position
        tag = 0x00020000 | int.from_bytes(data[position + 2 : position + 4], "little")
        _note(layout, Element(start, stop, tag, vr, place))
        if tag == 0x00020010:
            uid = bytes(data[start:stop]).decode("latin-1").strip(" \0")
            layout.transfer_syntax_uid = uid
        position = stop
    return position


def _note(layout: Layout, element: Element) -> None:
    use = use_of(element.tag, element.vr)
    layout.elements.append(element)
    if use & MARKED:
        layout.marked.append(element)
    if use & TEXT:
        layout.texts.append(element)
