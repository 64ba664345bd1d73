"""Opening a file: what it is, and whether it can be read as it stands."""

import os
from typing import NamedTuple

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

MOST_SEEN = 4
META_GROUP = b"\2\0"
PADDING = 0x20


def opened_meta(
    source: "str | os.PathLike[str]", window: int = 1024
) -> tuple[int, Meta | None, bytes]:
    """Open a file and read its meta information, None if it has to be normalised first.

    The caller closes the descriptor.

    Args:
        source: any file.
        window: how many bytes to read at once.

    Returns:
        the descriptor, the meta information, and the first bytes of the data set.

    Raises:
        Refused: the file is no DICOM file, a DICOMDIR, or cannot be opened.
    """
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Refused("unreadable") from error
    try:
        head = os.pread(descriptor, window, 0)
        meta = _seen_before(head) or _meta(descriptor, head)
        return descriptor, meta, head[meta.end :] if meta else b""
    except OSError as error:
        os.close(descriptor)
        raise Refused("unreadable") from error
    except Refused:
        os.close(descriptor)
        raise


def _meta(descriptor: int, head: bytes) -> Meta | None:
    """The file meta information; None if the data set has to be normalised first."""
    try:
        meta = read_meta(head)
    except Refused as refused:
        if refused.code == "truncated":
            head = os.pread(descriptor, MOST_META, 0)
            meta = read_meta(head)
        elif refused.code == "no-meta" or looks_like_a_data_set(head):
            return None
        else:
            raise
    if meta.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        raise Refused("dicomdir")
    if meta.transfer_syntax_uid in DEFLATED or meta.transfer_syntax_uid == BIG_ENDIAN:
        return None
    _remember(head, meta)
    return meta


class _Seen(NamedTuple):
    """Meta information as one file had it: all of it but the SOP Instance UID."""

    before: bytes
    behind: bytes
    place: int
    meta: Meta


_seen: list[_Seen] = []


def _remember(head: bytes, meta: Meta) -> None:
    """Keep what the next file of a series is likely to have as well."""
    uid = meta.sop_instance_uid
    start = head.find(uid, 0, meta.end) if uid else -1
    if start >= 0 and head.find(uid, start + 1, meta.end) < 0:
        end = start + len(uid)
        _seen.insert(0, _Seen(head[:start], head[end : meta.end], end, meta))
        del _seen[MOST_SEEN:]


def _seen_before(head: bytes) -> Meta | None:
    for before, behind, end, meta in _seen:
        if head.startswith(before) and head.startswith(behind, end):
            uid = head[len(before) : end]
            # The same bytes around it, so the same place, unless the value hides padding.
            if uid[-1] > PADDING and head[meta.end : meta.end + 2] != META_GROUP:
                return Meta(meta.sop_class_uid, uid, meta.transfer_syntax_uid, meta.end)
    return None


def looks_like_a_data_set(head: bytes) -> bool:
    """Whether a file without preamble begins as data sets do: an element of group 2 or 8."""
    if len(head) < 16:
        return False
    group, element, vr, _ = unpack_short(head, 0)
    if group in (0x0002, 0x0008) and element < 0x20:
        return vr.isalpha() or vr[1:] == b"\0"
    return group in (0x0200, 0x0800) and vr.isalpha()
