"""NIfTI-1, NIfTI-2 and Analyze 7.5 headers: their texts, and what their extensions hold.

Voxels are not looked at. dcm2niix and its kin write descriptions, file names and comments into
these few fields, and other programs a whole DICOM header behind them.

Source: nifti1.h and nifti2.h (NIfTI DFWG); the field offsets of Analyze 7.5 (Mayo Clinic).
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deidentify.beyond.content import Content
from deidentify.beyond.items import Item, Unread, is_text, text_of
from deidentify.inventory import SeriesInventory

MOST_EXTENSIONS = 16 << 20
"""Bytes behind the header that are looked at before the voxels begin."""
_DICOM = 2
_LARGE_HEAD, _HEAD = 540, 348
# name -> (offset, length)
_NIFTI_1 = {
    "data_type": (4, 10),
    "db_name": (14, 18),
    "descrip": (148, 80),
    "aux_file": (228, 24),
    "intent_name": (328, 16),
}
_NIFTI_2 = {"descrip": (240, 80), "aux_file": (320, 24), "intent_name": (508, 16)}
_ANALYZE = {
    "data_type": (4, 10),
    "db_name": (14, 18),
    "descrip": (148, 80),
    "aux_file": (228, 24),
    "originator": (253, 10),
    "generated": (263, 10),
    "scannum": (273, 10),
    "patient_id": (283, 10),
    "exp_date": (293, 10),
    "exp_time": (303, 10),
}


def is_nifti(head: bytes) -> bool:
    """Say whether a file begins like one of the three."""
    return bool(_order(head))


def _order(head: bytes) -> str:
    for order in "<>":
        size = struct.unpack(f"{order}i", head[:4])[0] if len(head) >= _HEAD else 0
        is_dimensioned = size == _HEAD and 0 < struct.unpack_from(f"{order}h", head, 40)[0] <= 7
        if is_dimensioned or (size == _LARGE_HEAD and head[4:6] == b"n+"):
            return order
        if size == _LARGE_HEAD and head[4:6] == b"ni":
            return order
    return ""


def read_nifti(content: Content, scratch: Path) -> Iterator[Item]:
    """Yield the texts of the header, and what stands between it and the voxels.

    `scratch` is a folder for what has to lie on disk while it is read.
    """
    order = _order(content.head)
    is_large = struct.unpack(f"{order}i", content.head[:4])[0] == _LARGE_HEAD
    head = content.read(_LARGE_HEAD if is_large else _HEAD)
    if len(head) < (_LARGE_HEAD if is_large else _HEAD):
        raise Unread("It breaks off inside its header.")
    is_nifti_1 = head[344:347] in (b"n+1", b"ni1")
    kind = "nifti" if is_large or is_nifti_1 else "analyze"
    fields = _NIFTI_2 if is_large else _NIFTI_1 if is_nifti_1 else _ANALYZE
    for name, (start, length) in fields.items():
        if text := text_of(head[start : start + length]):
            yield Item(f"{kind}:{name}", text, content.place)
    if kind == "analyze":
        return
    voxels = (
        struct.unpack_from(f"{order}q", head, 168)[0]
        if is_large
        else int(struct.unpack_from(f"{order}f", head, 108)[0])
    )
    is_one_file = head[4:7] == b"n+2" if is_large else head[344:347] == b"n+1"
    # of a header apart from its voxels, everything behind it is extensions
    room = voxels - len(head) if is_one_file else MOST_EXTENSIONS
    if room > MOST_EXTENSIONS:
        raise Unread("More stands between its header and its voxels than is read here.")
    yield from _extensions(content.read(max(room, 0)), order, content.place, scratch)


def _extensions(raw: bytes, order: str, place: str, scratch: Path) -> Iterator[Item]:
    """Yield what the extensions hold; bytes that belong to none are looked at too."""
    if not any(raw[:1]):
        if text := _text(raw[4:]):
            yield Item("nifti:behind the header", text, place)
        return
    at = 4
    while at + 8 <= len(raw):
        size, code = struct.unpack_from(f"{order}2i", raw, at)
        if size < 8 or at + size > len(raw):
            break
        value = raw[at + 8 : at + size]
        if code == _DICOM:
            yield from _dicom(value, place, scratch)
        elif text := _text(value):
            yield Item(f"nifti:extension {code}", text, place)
        at += size
    if text := _text(raw[at:]):
        yield Item("nifti:behind the header", text, place)


def _text(value: bytes) -> str:
    """Return what reads as text, or the texts in a binary value; "" if there is none."""
    value = value.strip(b"\0")
    if is_text(value):
        return text_of(value)
    runs = "".join(chr(code) if 32 <= code < 127 else "\0" for code in value[:MOST_EXTENSIONS])
    return " ".join(run for run in runs.split("\0") if len(run) >= 4)


def _dicom(value: bytes, place: str, scratch: Path) -> Iterator[Item]:
    """Yield the elements of a DICOM header that lies in an extension."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        path = Path(folder) / "extension"
        path.write_bytes(value)
        found = SeriesInventory()
        found.add(path)
        rows = list(found.rows())
    for row in rows:
        for text in row.values:
            yield Item(f"nifti:extension 2 {row.path}", text, place)
    if not rows and (text := _text(value)):
        yield Item("nifti:extension 2", text, place)
