"""Opening a file: what it is, and whether it can be read as it stands."""

import os
from pathlib import Path

from deidentify.encoding import unpack_short
from deidentify.errors import Refused
from deidentify.file_meta import (
    BIG_ENDIAN,
    DEFLATED,
    MEDIA_STORAGE_DIRECTORY,
    MOST_META,
    Meta,
    read_meta,
)


def opened_meta(source: Path) -> tuple[int, Meta | None]:
    """Open a file and read its meta information, None if it has to be normalised first.

    The caller closes the descriptor.

    Raises:
        Refused: the file is no DICOM file, a DICOMDIR, or cannot be opened.
    """
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Refused("unreadable") from error
    try:
        return descriptor, _meta(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise Refused("unreadable") from error
    except Refused:
        os.close(descriptor)
        raise


def _meta(descriptor: int) -> Meta | None:
    """The file meta information; None if the data set has to be normalised first."""
    head = os.pread(descriptor, 1024, 0)
    try:
        meta = read_meta(head)
    except Refused as refused:
        if refused.code == "truncated":
            meta = read_meta(os.pread(descriptor, MOST_META, 0))
        elif refused.code == "no-meta" or looks_like_a_data_set(head):
            return None
        else:
            raise
    if meta.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        raise Refused("dicomdir")
    if meta.transfer_syntax_uid in DEFLATED or meta.transfer_syntax_uid == BIG_ENDIAN:
        return None
    return meta


def looks_like_a_data_set(head: bytes) -> bool:
    """Whether a file without preamble begins as data sets do: an element of group 2 or 8."""
    if len(head) < 16:
        return False
    group, element, vr, _ = unpack_short(head, 0)
    if group in (0x0002, 0x0008) and element < 0x20:
        return vr.isalpha() or vr[1:] == b"\0"
    return group in (0x0200, 0x0800) and vr.isalpha()
