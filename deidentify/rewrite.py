"""One file in, one de-identified file out; or a refusal, and nothing.

The output is written beside its place and renamed, so that nobody ever meets half a file.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.encoding import encode, padded
from deidentify.errors import Refused
from deidentify.file_meta import (
    IMPLICIT,
    MEDIA_STORAGE_DIRECTORY,
    Meta,
    write_meta,
)
from deidentify.known import Known
from deidentify.learning import (
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    rewriter_of,
)
from deidentify.opening import opened_meta
from deidentify.plan import Plan
from deidentify.uids import agree, is_usable
from deidentify.walk import Chunk, Walk

COPY = 1024 * 1024
NAMES = {
    SOP_CLASS_UID: "SOPClassUID",
    SOP_INSTANCE_UID: "SOPInstanceUID",
    STUDY_INSTANCE_UID: "StudyInstanceUID",
    SERIES_INSTANCE_UID: "SeriesInstanceUID",
}


@dataclass(frozen=True)
class Written:
    """What became of one file. UIDs are the new ones; `digest` is "" if none was asked for."""

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    transfer_syntax_uid: str
    digest: str
    size: int
    changed: Mapping[str, int] = field(default_factory=dict)


def rewrite(
    source: Path,
    target: Path | None,
    plan: Plan,
    *,
    known: Known | None = None,
    apart: str = "",
    digest: bool = True,
) -> Written:
    """Write the de-identified form of `source` to `target`.

    Args:
        source: any file; it is not changed.
        target: its place; the folder must exist. None to decide everything and write nothing.
        plan: of the participant the file belongs to.
        known: identifying values from the patient's other files, searched for as well.
        apart: non-empty if another instance with other content has the same SOP Instance UID;
            the new UID is then drawn from both.
        digest: also return the SHA-256 of the output, which means reading all of it.

    Raises:
        Refused: the file cannot be processed; nothing was written.
    """
    if target is not None and target.exists() and source.samefile(target):
        raise Refused("same-file")

    def again(normalised: Path) -> Written:
        return rewrite(normalised, target, plan, known=known, apart=apart, digest=digest)

    descriptor, meta = opened_meta(source)
    try:
        size = os.fstat(descriptor).st_size
        if meta is None:
            return _by_way_of_normalising(source, None, again)
        try:
            walk = _walked(descriptor, meta, size, plan, known)
        except Refused as refused:
            if refused.code != "bad-structure":
                raise
            return _by_way_of_normalising(source, refused, again)
        new = _uids(walk, meta, plan, apart)
        _fill_late(walk, meta, plan, new)
        start = write_meta(
            walk.found[SOP_CLASS_UID], new[SOP_INSTANCE_UID], meta.transfer_syntax_uid
        )
        chunks = [start, *walk.chunks]
        if target is None:
            length, digits = _length(chunks), ""
        else:
            length, digits = _write(descriptor, target, chunks, digest)
    finally:
        os.close(descriptor)
    return Written(
        sop_class_uid=walk.found[SOP_CLASS_UID].decode(),
        sop_instance_uid=new[SOP_INSTANCE_UID].decode(),
        series_instance_uid=new[SERIES_INSTANCE_UID].decode(),
        study_instance_uid=new[STUDY_INSTANCE_UID].decode(),
        transfer_syntax_uid=meta.transfer_syntax_uid.decode(),
        digest=digits,
        size=length,
        changed={letter: count for letter, count in walk.changed.items() if count},
    )


def _walked(descriptor: int, meta: Meta, size: int, plan: Plan, known: Known | None) -> Walk:
    """Walk the data set; twice if the first walk learns something about the patient."""
    rewriter = rewriter_of(plan)
    state = rewriter.root(
        explicit=meta.transfer_syntax_uid != IMPLICIT,
        sop_class_uid=meta.sop_class_uid.decode("latin-1"),
    )
    more = known.identifying if known is not None else frozenset()
    session = rewriter.last.get(more) or rewriter.session(frozenset(), more)
    for _ in range(2):
        walk = Walk(rewriter, session, descriptor, meta.end, size)
        walk.walk(0, size - meta.end, state, undefined=False)
        identifying = frozenset(walk.collected)
        if identifying == session.key:
            break
        session = rewriter.session(identifying, more)
        if session is walk.session:
            break
    else:
        # Only a file that changes while it is read tells other names on its second reading.
        raise Refused("unreadable")
    return walk


def _uids(walk: Walk, meta: Meta, plan: Plan, apart: str) -> dict[int, bytes]:
    """Check the four UIDs of the instance and return their new values."""
    for tag, name in NAMES.items():
        uid = walk.found.get(tag, b"")
        if not uid:
            raise Refused("missing-uid", name)
        if not is_usable(uid):
            raise Refused("bad-uid", name)
    for stored, tag in (
        (meta.sop_class_uid, SOP_CLASS_UID),
        (meta.sop_instance_uid, SOP_INSTANCE_UID),
    ):
        is_instance = tag == SOP_INSTANCE_UID
        if stored and not (
            agree(stored, walk.found[tag]) if is_instance else stored == walk.found[tag]
        ):
            raise Refused("disagreeing", NAMES[tag])
    if walk.found[SOP_CLASS_UID] == MEDIA_STORAGE_DIRECTORY:
        raise Refused("dicomdir")
    return {
        tag: plan.uid_bytes(
            walk.found[tag], apart.encode() if tag == SOP_INSTANCE_UID else b"", tag=tag
        )
        for tag in NAMES
    }


def _fill_late(walk: Walk, meta: Meta, plan: Plan, new: Mapping[int, bytes]) -> None:
    """Put in what depends on UIDs that stand later in the file."""
    explicit = meta.transfer_syntax_uid != IMPLICIT
    study = walk.found[STUDY_INSTANCE_UID]
    for slot, tag in walk.late:
        if plan.writes.get(tag) is not None and plan.writes[tag].if_absent:
            if tag not in walk.found:
                walk.chunks[slot] = plan.writes[tag].element(tag, explicit=explicit)
            continue
        if tag == SOP_INSTANCE_UID:
            vr, value = "UI", new[SOP_INSTANCE_UID]
        else:
            vr = "SH"
            value = plan.study_digest(study, tag, walk.found.get(tag, b""), explicit=explicit)
        walk.chunks[slot] = encode(tag, vr, padded(value, vr), explicit=explicit)


def _length(chunks: list[Chunk]) -> int:
    return sum(len(c) if isinstance(c, bytes) else c[1] - c[0] for c in chunks)


def _write(descriptor: int, target: Path, chunks: list[Chunk], digest: bool) -> tuple[int, str]:
    """Write the chunks beside `target` and rename; return length and SHA-256."""
    part = target.with_name(target.name + ".part")
    hasher = hashlib.sha256() if digest else None
    output = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        try:
            length = _put(descriptor, output, chunks, hasher)
        finally:
            os.close(output)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return length, hasher.hexdigest() if hasher else ""


def _put(descriptor: int, output: int, chunks: list[Chunk], hasher: "hashlib._Hash | None") -> int:
    length = 0
    waiting: list[bytes] = []
    for chunk in [*chunks, None]:
        if isinstance(chunk, bytes):
            waiting.append(chunk)
            continue
        if waiting:
            block = b"".join(waiting)
            waiting = []
            if hasher:
                hasher.update(block)
            length += len(block)
            view = memoryview(block)
            while view:
                view = view[os.write(output, view) :]
        if chunk is not None:
            _copy(descriptor, output, *chunk, hasher)
            length += chunk[1] - chunk[0]
    return length


def _copy(
    descriptor: int, output: int, start: int, end: int, hasher: "hashlib._Hash | None"
) -> None:
    """Copy a range of the source; in the kernel, unless it has to be hashed as well."""
    while start < end:
        if hasher:
            block = os.pread(descriptor, min(COPY, end - start), start)
            hasher.update(block)
            count = os.write(output, block)
            if count < len(block):
                raise OSError("The disk took only part of a block.")
        else:
            count = os.sendfile(output, descriptor, start, end - start)
        if count == 0:
            raise Refused("truncated")
        start += count


def _by_way_of_normalising(
    source: Path, refused: Refused | None, again: Callable[[Path], Written]
) -> Written:
    """Let pydicom write the data set in explicit VR little endian; then the same way again."""
    # Imported late: pydicom costs a fifth of a second, and most files never need it.
    from deidentify.normalise import is_normalised, normalise

    if refused is not None and is_normalised(source):
        raise refused
    with tempfile.TemporaryDirectory(prefix="normalise-") as folder:
        scratch = Path(folder) / "normalised.dcm"
        normalise(source, scratch)
        return again(scratch)
