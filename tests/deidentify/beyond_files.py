"""Files beside DICOM images, made of invented people, for the readers to take apart."""

import gzip
import io
import json
import struct
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import nibabel
import numpy as np
from pydicom.dataset import Dataset

from deidentify.beyond import Allowance, Item, read


def items(path: Path, *, allowance: Allowance | None = None, place: str = "") -> list[Item]:
    """Everything that is read of a file."""
    return list(read(path, place=place, allowance=allowance))


def values(path: Path, allowance: Allowance | None = None) -> dict[str, set[str]]:
    """The values of a file by their path."""
    found: dict[str, set[str]] = {}
    for item in items(path, allowance=allowance):
        found.setdefault(item.path, set()).add(item.value)
    return found


def make_nifti(
    path: Path,
    *,
    kind: type = nibabel.Nifti1Image,
    descrip: str = "",
    comment: str = "",
    **dicom: str,
) -> Path:
    """A small volume with a description, a comment in an extension, and a DICOM header in one."""
    image = kind(np.zeros((4, 4, 4), dtype="int16"), np.eye(4))
    if descrip:
        image.header["descrip"] = descrip.encode()
    if comment:
        image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", comment.encode()))
    if dicom:
        header = Dataset()
        for keyword, value in dicom.items():
            setattr(header, keyword, value)
        image.header.extensions.append(nibabel.nifti1.Nifti1DicomExtension(2, header))
    nibabel.save(image, path)
    return path


def make_zip(
    path: Path,
    members: dict[str, bytes],
    *,
    comment: bytes = b"",
    comments: dict[str, bytes] | None = None,
) -> Path:
    """An archive with a comment of its own and comments of its entries."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, content in members.items():
            info = ZipInfo(name)
            info.compress_type = ZIP_DEFLATED
            info.comment = (comments or {}).get(name, b"")
            archive.writestr(info, content)
    return path


def gzip_of(content: bytes, *, name: str = "", comment: str = "") -> bytes:
    """A gzip file whose header has a name and a comment (RFC 1952)."""
    flags = 8 * bool(name) + 16 * bool(comment)
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6)
    head += name.encode("latin-1") + b"\0" if name else b""
    head += comment.encode("latin-1") + b"\0" if comment else b""
    return head + gzip.compress(content, mtime=0)[10:]


def sidecar(**fields: object) -> bytes:
    """A JSON sidecar."""
    return json.dumps(fields).encode()


def png_with(key: str, text: str) -> bytes:
    """A PNG file of one grey dot with a text chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"tEXt", key.encode() + b"\0" + text.encode("latin-1"))
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def jpeg_with(comment: str, artist: str) -> bytes:
    """A JPEG file of one dot with a comment and an EXIF artist."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x013B] = artist
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "JPEG", comment=comment, exif=exif)
    return file.getvalue()
