"""A file with a changed header: walked, and written beside what is passed on unread.

Files that cannot be walked as they stand (big endian, deflated) are first written anew in explicit
VR little endian, as the engine does with what it receives.

Source: DICOM PS3.10 section 7.1 (file meta information).
"""

import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deidentify.errors import Refused
from deidentify.file_meta import IMPLICIT, Meta, write_meta
from deidentify.normalise import normalise
from deidentify.opening import opened_meta
from deidentify.output import write_chunks
from deidentify.pixel_data import Chunk
from exports.errors import CannotTransform
from exports.specification.elements import ElementPath
from exports.walking.amending import constant
from exports.walking.edits import File, Level
from exports.walking.walk import Part, Walk

SOP_INSTANCE_UID = 0x00080018
_unreadable = "An image cannot be read, so its header cannot be changed."
MOST_JOINED = 1 << 20
"""Bytes of the source that are copied in memory rather than passed on by the kernel."""


def rewrite(source: Path, target: Path, level: Level) -> bool:
    """Write `source` with a changed header to `target`; write nothing and say so if none changes.

    Args:
        source: any DICOM file; it is not changed.
        target: its place; the folder must exist.
        level: what is to be done.

    Raises:
        CannotTransform: the file cannot be read, or an edit refused.
    """
    with _opened(source) as (descriptor, meta, data):
        file = File(sop_class_uid=meta.sop_class_uid.decode("latin-1"))
        walk = Walk(data, file)
        explicit = meta.transfer_syntax_uid != IMPLICIT
        parts = walk.walk(meta.end, level, explicit=explicit)
        if not walk.changes:
            return False
        beginning: Part = (0, meta.end)
        if level.new_uid is not None:
            uid = file.seen.get(SOP_INSTANCE_UID) or meta.sop_instance_uid
            beginning = write_meta(meta.sop_class_uid, level.new_uid(uid), meta.transfer_syntax_uid)
        chunks = _joined([beginning, *parts], data)
        write_chunks(descriptor, target, chunks, digest=False)
    return True


@contextmanager
def _opened(source: Path) -> Iterator[tuple[int, Meta, mmap.mmap]]:
    """Open a file for the walk; what cannot be walked is normalised first."""
    with ExitStack() as stack:
        try:
            descriptor, meta, _ = opened_meta(source)
            stack.callback(os.close, descriptor)
            if meta is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="normalise-"))
                normal = Path(folder) / "normalised.dcm"
                normalise(source, normal)
                descriptor, meta, _ = opened_meta(normal)
                stack.callback(os.close, descriptor)
        except Refused as error:
            raise CannotTransform(_unreadable) from error
        if meta is None:
            raise CannotTransform(_unreadable)
        data = stack.enter_context(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
        yield descriptor, meta, data


def _joined(parts: list[Part], data: mmap.mmap) -> list[Chunk]:
    """Return the parts with neighbours joined, and small ranges read into memory."""
    joined: list[Chunk] = []
    pieces: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pieces.append(part)
        elif part[1] - part[0] <= MOST_JOINED:
            pieces.append(data[part[0] : part[1]])
        else:
            if pieces:
                joined.append(b"".join(pieces))
                pieces = []
            joined.append(part)
    if pieces:
        joined.append(b"".join(pieces))
    return joined


def set_elements(source: Path, target: Path, values: Mapping[str, str]) -> None:
    """Write `source` to `target` with some elements set, whether they were there or not.

    Args:
        source: any DICOM file; it is not changed.
        target: its place; the folder must exist.
        values: by keyword, tag or path; several values are parted by a backslash.

    Raises:
        CannotTransform: the file cannot be read, or an element cannot hold its value.
    """
    level = Level()
    for name, value in values.items():
        path = ElementPath.parse(name)
        level.add(path.steps, constant(value), creates=path.last.vr)
    if not rewrite(source, target, level):
        shutil.copyfile(source, target)  # everything stood there already
