"""Texts inside pictures: PNG's text chunks, JPEG's comments and EXIF. What they show is not read.

Sources: PNG (W3C, third edition) sections 11.3.3 (tEXt, zTXt, iTXt) and 11.3.4 (eXIf); ITU-T T.81
B.2.4.5 (COM); CIPA DC-008 (EXIF).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from deidentify.beyond.content import Content
from deidentify.beyond.items import Item, Unread, is_text, text_of

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
MOST_TEXT = 1 << 20
_COMMENT, _EXIF_SEGMENT, _SCAN, _END = 0xFE, 0xE1, 0xDA, 0xD9
_BARE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a length."""


def read_png(content: Content) -> Iterator[Item]:
    """Yield the texts of a PNG file."""
    content.read(len(PNG))
    while len(head := content.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf") and length <= MOST_TEXT:
            data = content.read(length)
            if kind == b"eXIf":
                yield from _exif(data, "png", content.place)
            else:
                key, _, rest = data.partition(b"\0")
                name = f"png:{text_of(key) or 'text'}"
                yield Item(name, text_of(_png_text(kind, rest)), content.place)
        else:
            _pass_over(content, length)
        content.read(4)
        if kind == b"IEND":
            break
    if behind := content.read(MOST_TEXT):
        yield from _behind(behind, "png", content.place)


def _png_text(kind: bytes, rest: bytes) -> bytes:
    """Return the text behind a chunk's key."""
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[1:])
    is_packed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.split(b"\0", 2)[-1]
    return _inflated(text) if is_packed else text


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, MOST_TEXT)
    except zlib.error as error:
        raise Unread("A text in the picture is damaged and cannot be read.") from error


def read_jpeg(content: Content) -> Iterator[Item]:
    """Yield comments, EXIF, and other texts in the segments of a JPEG file."""
    content.read(2)
    while len(mark := content.read(2)) == 2 and mark[0] == 0xFF:
        kind = mark[1]
        if kind in _BARE:
            continue
        if kind in (_SCAN, _END):
            return
        length = int.from_bytes(content.read(2), "big") - 2
        if length < 0:
            raise Unread("The picture is damaged: its segments cannot be followed.")
        data = content.read(length)
        if kind == _COMMENT:
            yield Item("jpeg:comment", text_of(data), content.place)
        elif kind == _EXIF_SEGMENT and data.startswith(b"Exif\0\0"):
            yield from _exif(data[6:], "jpeg", content.place)
        elif 0xE1 <= kind <= 0xEF and kind != 0xE2 and is_text(data):
            yield Item(f"jpeg:APP{kind - 0xE0}", text_of(data), content.place)


def _exif(data: bytes, kind: str, place: str) -> Iterator[Item]:
    # late: few folders hold photographs, and Pillow costs start-up time
    from PIL import ExifTags, Image

    exif = Image.Exif()
    try:
        exif.load(data)
        found = dict(exif)
        for part in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            with suppress(KeyError):
                found.update(exif.get_ifd(part))
    except Exception as error:
        raise Unread("The EXIF part of the picture is damaged and cannot be read.") from error
    for tag, value in found.items():
        text = text_of(value) if isinstance(value, bytes) and is_text(value) else value
        if isinstance(text, str) and text.strip(" \0"):
            name = ExifTags.TAGS.get(tag, f"tag {tag}")
            yield Item(f"{kind}:EXIF {name}", text.strip(" \0"), place)


def _behind(data: bytes, kind: str, place: str) -> Iterator[Item]:
    if is_text(data):
        yield Item(f"{kind}:behind the picture", text_of(data), place)


def _pass_over(content: Content, length: int) -> None:
    while length > 0 and (piece := content.read(min(length, 1 << 20))):
        length -= len(piece)
