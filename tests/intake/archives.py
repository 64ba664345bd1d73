"""Builds zip archives, honest and hostile, from files and from what hostile people make up."""

import io
import stat
import struct
import zipfile
from pathlib import Path


def zip_of(files: dict[str, bytes | Path], *, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive with these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content.read_bytes() if isinstance(content, Path) else content)
    return out.getvalue()


def with_symlink(target: str) -> bytes:
    """Return an archive whose only member is a link."""
    out = io.BytesIO()
    member = zipfile.ZipInfo("link.dcm")
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr(member, target)
    return out.getvalue()


def said_encrypted(content: bytes) -> bytes:
    """Return an archive whose directory says that its member has a password."""
    plain = bytearray(zip_of({"secret.dcm": content}))
    local, central = plain.index(b"PK\x03\x04"), plain.index(b"PK\x01\x02")
    for at in (local + 6, central + 8):
        (flags,) = struct.unpack_from("<H", plain, at)
        struct.pack_into("<H", plain, at, flags | 1)
    return bytes(plain)


def said_smaller(content: bytes, size: int) -> bytes:
    """Return an archive whose directory says less of its member's size than is true."""
    plain = bytearray(zip_of({"grows.dcm": content}))
    struct.pack_into("<I", plain, plain.index(b"PK\x01\x02") + 24, size)
    return bytes(plain)


def damaged(content: bytes) -> bytes:
    """Return an archive whose member does not fit its checksum."""
    plain = bytearray(zip_of({"broken.dcm": content}, kind=zipfile.ZIP_STORED))
    plain[100] ^= 0xFF
    return bytes(plain)
