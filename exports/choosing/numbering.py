"""The instance number of an image, read from the first bytes of its file.

Once the quarantine has let go of a study, the number stands in the file alone, and a package may
have a hundred thousand of them. So the top level is walked element by element up to (0020,0013),
which is ten times as fast as reading the header; what cannot be walked so is read by pydicom.

Source: DICOM PS3.5 sections 7.1 and 7.5 (elements, sequences), PS3.10 section 7.1.
"""

import struct
from pathlib import Path

from deidentify.elements import LONG_VRS
from deidentify.errors import Refused
from deidentify.file_meta import BIG_ENDIAN, DEFLATED, IMPLICIT, read_meta
from exports.choosing.facts import as_number, read_file_values
from exports.errors import SourceChanged
from projects.storage import storage
from transfers.models import Outcome

WINDOW = 16 * 1024
"""Bytes of a file in which the number almost always stands."""
INSTANCE_NUMBER = (0x0020, 0x0013)
ITEM_GROUP = 0xFFFE
ITEM_END, SEQUENCE_END = 0xE00D, 0xE0DD
UNDEFINED = 0xFFFFFFFF
LONG = frozenset(vr.encode() for vr in LONG_VRS)


class _BeyondWindow(Exception):
    """What is looked for does not stand where it can be found by walking."""


def instance_number(image: Outcome) -> int | None:
    """Return an image's instance number, None for none. Raises SourceChanged if it is gone."""
    if image.instance is not None:
        return image.instance.instance_number
    try:
        with storage().fetch(image.key) as path:
            return number_in(path)
    except FileNotFoundError as error:
        raise SourceChanged("An image that was chosen is not in the storage any more.") from error


def number_in(path: Path) -> int | None:
    """Return the instance number that a file's header says, None for none."""
    with path.open("rb") as file:
        head = file.read(WINDOW)
    try:
        meta = read_meta(head)
        if meta.transfer_syntax_uid in DEFLATED or meta.transfer_syntax_uid == BIG_ENDIAN:
            raise _BeyondWindow
        text = _walk(head, meta.end, explicit=meta.transfer_syntax_uid != IMPLICIT)
    except (_BeyondWindow, Refused, struct.error):
        text = "\\".join(read_file_values(path, ("InstanceNumber",)).get("InstanceNumber", ()))
    return as_number(text)


def _walk(head: bytes, position: int, *, explicit: bool) -> str:
    """Return the text of the instance number, "" if the header goes on without one."""
    while True:
        group, number, start, length, vr = _element(head, position, explicit=explicit)
        if (group, number) >= INSTANCE_NUMBER:
            break
        if length == UNDEFINED and vr == b"UN":
            raise _BeyondWindow  # inside of it, elements are implicit
        position = (
            _after_sequence(head, start, explicit=explicit)
            if length == UNDEFINED
            else start + length
        )
    if (group, number) != INSTANCE_NUMBER:
        return ""
    if start + length > len(head):
        raise _BeyondWindow
    return head[start : start + length].decode("latin-1").strip(" \0")


def _element(head: bytes, position: int, *, explicit: bool) -> tuple[int, int, int, int, bytes]:
    """Return group, number, where the value begins, its length, and the VR if it is said."""
    group, number = struct.unpack_from("<HH", head, position)
    if not explicit or group == ITEM_GROUP:
        (length,) = struct.unpack_from("<I", head, position + 4)
        return group, number, position + 8, length, b""
    vr = head[position + 4 : position + 6]
    if vr in LONG:
        (length,) = struct.unpack_from("<I", head, position + 8)
        return group, number, position + 12, length, vr
    if not vr.isalpha():
        raise _BeyondWindow
    (length,) = struct.unpack_from("<H", head, position + 6)
    return group, number, position + 8, length, vr


def _after_sequence(head: bytes, position: int, *, explicit: bool) -> int:
    """Return where a sequence of undefined length ends, given where its first item begins."""
    while True:
        group, number, start, length, _ = _element(head, position, explicit=explicit)
        if group != ITEM_GROUP:
            raise _BeyondWindow
        if number == SEQUENCE_END:
            return start
        position = (
            _after_item(head, start, explicit=explicit) if length == UNDEFINED else start + length
        )


def _after_item(head: bytes, position: int, *, explicit: bool) -> int:
    """Return where an item of undefined length ends, given where its first element begins."""
    while True:
        group, number, start, length, vr = _element(head, position, explicit=explicit)
        if (group, number) == (ITEM_GROUP, ITEM_END):
            return start
        if length == UNDEFINED and vr == b"UN":
            raise _BeyondWindow  # inside of it, elements are implicit
        position = (
            _after_sequence(head, start, explicit=explicit)
            if length == UNDEFINED
            else start + length
        )
