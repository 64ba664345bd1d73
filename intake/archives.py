"""Unpacks uploaded zip archives, member by member, into the batch that they came in.

Nothing of an archive is believed: a member's name never becomes a path (files get names of their
own), sizes are capped before and while unpacking, links, passwords and archives inside archives are
refused by name. Names of unpacked files follow from (archive, position), so that a slice repeated
after a kill makes the same files.
"""

import re
import shutil
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid5
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.conf import settings

from intake.arrivals import Batch
from intake.catalogue import SLICE, Refused, arrival_of, settle
from intake.errors import KeptAside
from intake.models import RejectionCode

MOST_MEMBERS = 200_000
MOST_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 64 * 1024**2
"""Empty slices of a mask shrink a thousand times: only what gets large is suspicious."""
PIECE = 1 << 20
SPARE_BYTES = 1 << 30
DRIVE = re.compile(r"[A-Za-z]:")
ARCHIVE_SUFFIXES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")


def unpack_archives(batch: Batch) -> None:
    """Unpack and settle every archive of a batch that the caller holds."""
    for archive in batch.archives():
        names = batch.names()
        try:
            _unpack(batch, archive, label=names.get(archive.stem, ""))
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError):
            _refuse_whole(batch, archive, RejectionCode.BAD_ARCHIVE, names.get(archive.stem, ""))
        archive.unlink(missing_ok=True)


def _unpack(batch: Batch, archive: Path, *, label: str) -> None:
    with ZipFile(archive) as zipped:
        members = [member for member in zipped.infolist() if not member.is_dir()]
        if code := _whole_is_refused(members, archive):
            _refuse_whole(batch, archive, code, label)
            return
        done = arrival_of(batch).unpacked.get(archive.stem, 0)
        for start in range(done, len(members), SLICE):
            chunk = members[start : start + SLICE]
            paths: list[Path] = []
            refused: list[Refused] = []
            for position, member in enumerate(chunk, start):
                stem = uuid5(UUID(archive.stem), str(position)).hex
                try:
                    check_member(member)
                    paths.append(
                        batch.write(
                            _content(zipped, member),
                            name=member.filename,
                            stem=stem,
                            is_synced=False,
                        )
                    )
                except KeptAside as reason:
                    refused.append(Refused(member.filename, reason.code, member.file_size))
            batch.sync()
            end = start + len(chunk)
            settle(
                batch,
                paths,
                refused=refused,
                unpacked=(archive.stem, end),
                still_to_come=len(members) - end,
            )


def check_member(member: ZipInfo) -> None:
    """Refuse a member by what the archive's directory says of it. Raises KeptAside."""
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or DRIVE.match(name) or ".." in name.split("/") or "\0" in name:
        raise KeptAside(RejectionCode.PATH_TRAVERSAL)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise KeptAside(RejectionCode.SYMLINK)
    if member.flag_bits & 0x1:
        raise KeptAside(RejectionCode.ENCRYPTED)
    if name.lower().endswith(ARCHIVE_SUFFIXES):
        raise KeptAside(RejectionCode.NESTED_ARCHIVE)
    if member.file_size > settings.UPLOAD_LIMIT_BYTES:
        raise KeptAside(RejectionCode.TOO_LARGE)
    is_large = member.file_size > RATIO_COUNTS_FROM_BYTES
    if is_large and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        raise KeptAside(RejectionCode.ZIP_BOMB)


def _content(zipped: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """Yield what a member holds, never more than its directory entry says."""
    left = member.file_size
    is_first = True
    try:
        with zipped.open(member) as file:
            while piece := file.read(PIECE):
                if is_first and piece.startswith(ARCHIVE_STARTS):
                    raise KeptAside(RejectionCode.NESTED_ARCHIVE)
                is_first = False
                left -= len(piece)
                if left < 0:
                    raise KeptAside(RejectionCode.ZIP_BOMB)
                yield piece
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise KeptAside(RejectionCode.BAD_ARCHIVE) from error


def _whole_is_refused(members: list[ZipInfo], archive: Path) -> str:
    """Return why the archive as a whole is not unpacked; "" if it is."""
    total = sum(member.file_size for member in members)
    size = archive.stat().st_size
    if len(members) > MOST_MEMBERS:
        return RejectionCode.TOO_LARGE
    if total > RATIO_COUNTS_FROM_BYTES and total > MOST_RATIO * size:
        return RejectionCode.ZIP_BOMB
    free = shutil.disk_usage(archive.parent).free
    if total > min(settings.UPLOAD_LIMIT_BYTES, max(free - SPARE_BYTES, 0)):
        return RejectionCode.TOO_LARGE
    return ""


def _refuse_whole(batch: Batch, archive: Path, code: str, label: str) -> None:
    refused = Refused(label, code, archive.stat().st_size)
    settle(batch, [], refused=[refused], unpacked=(archive.stem, 1))
