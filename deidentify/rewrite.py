"""One file in, one de-identified file out; or a refusal, and nothing."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from deidentify.content import ENCAPSULATED_DOCUMENT, options_carried_out
from deidentify.encoding import encode, padded
from deidentify.errors import Refused
from deidentify.file_meta import (
    IMPLICIT,
    MEDIA_STORAGE_DIRECTORY,
    Meta,
    write_meta,
)
from deidentify.header import Header, header_of
from deidentify.known import Known
from deidentify.learning import (
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    Rewriter,
    rewriter_of,
)
from deidentify.opening import opened_meta
from deidentify.output import length_of, write_chunks
from deidentify.plan import Plan
from deidentify.states import State
from deidentify.uids import agree, is_usable
from deidentify.walk import Walk
from deidentify.window import Window

ROOM = 2048
MOST_WINDOW = 512 * 1024
NAMES = {
    SOP_CLASS_UID: "SOPClassUID",
    SOP_INSTANCE_UID: "SOPInstanceUID",
    STUDY_INSTANCE_UID: "StudyInstanceUID",
    SERIES_INSTANCE_UID: "SeriesInstanceUID",
}


Place = Callable[[Header, Mapping[int, bytes]], Path | str | None]


class Written(NamedTuple):
    """What became of one file. UIDs are the new ones; `digest` is "" if none was asked for."""

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    transfer_syntax_uid: str
    digest: str
    size: int
    changed: Mapping[str, int]


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

    return rewrite_into(
        source, lambda header, new: target, plan, known=known, apart=apart, digest=digest
    )


def rewrite_into(
    source: Path,
    place: Place,
    plan: Plan,
    *,
    known: Known | None = None,
    apart: str = "",
    digest: bool = True,
) -> Written:
    """Write the de-identified form of `source` to where its header says.

    Args:
        place: is given what the file says of itself and tag -> new UID, and returns where the
            output goes, or None; what it raises ends the rewriting, and nothing is written.
        source, plan, known, apart, digest: as in rewrite().

    Raises:
        Refused: the file cannot be processed; nothing was written.
    """

    def again(normalised: Path) -> Written:
        return rewrite_into(normalised, place, plan, known=known, apart=apart, digest=digest)

    rewriter = rewriter_of(plan)
    descriptor, meta, window = opened_meta(source, rewriter.window)
    try:
        status = os.fstat(descriptor)
        if meta is None:
            return _by_way_of_normalising(source, None, again)
        try:
            walk = _walked(
                rewriter, descriptor, meta, size=status.st_size, window=window, known=known
            )
        except Refused as refused:
            if refused.code != "bad-structure":
                raise
            return _by_way_of_normalising(source, refused, again)
        if ENCAPSULATED_DOCUMENT in walk.found:
            raise Refused("document")
        new = _uids(rewriter, walk, meta, apart)
        _fill_late(rewriter, walk, meta, new)
        start = write_meta(
            walk.found[SOP_CLASS_UID], new[SOP_INSTANCE_UID], meta.transfer_syntax_uid
        )
        chunks = [start, *walk.chunks]
        target = place(header_of(walk), new)
        if target is not None and _is_same(status, target):
            raise Refused("same-file")
        if target is None:
            length, digits = length_of(chunks), ""
        else:
            length, digits = write_chunks(descriptor, target, chunks, digest=digest)
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


def _is_same(status: os.stat_result, target: Path | str) -> bool:
    try:
        there = os.stat(target)  # noqa: PTH116 - once for each file
    except FileNotFoundError:
        return False
    return (there.st_ino, there.st_dev) == (status.st_ino, status.st_dev)


def _walked(
    rewriter: Rewriter,
    descriptor: int,
    meta: Meta,
    *,
    size: int,
    window: bytes,
    known: Known | None,
) -> Walk:
    """Walk the data set; twice if the first walk learns something about the patient."""
    explicit = meta.transfer_syntax_uid != IMPLICIT
    sop_class_uid = meta.sop_class_uid.decode("latin-1")
    more = known.identifying if known is not None else frozenset()
    session = rewriter.last.get(more) or rewriter.session(more, more)
    for _ in range(2):
        root = session.root(explicit=explicit, sop_class_uid=sop_class_uid)
        walk = Walk(rewriter, session, Window(descriptor, meta.end, size, window))
        walk.data_set(root)
        identifying = more if walk.collected <= more else more | walk.collected
        if identifying == session.key:
            break
        session = rewriter.session(identifying, more)
        walk.chunks.clear()  # the header of a large file must not stand in memory twice
    else:
        # Only a file that changes while it is read tells other names on its second reading.
        raise Refused("unreadable")
    if rewriter.listener is None:
        _learn(rewriter, walk, root, meta.end, size)
    return walk


def _learn(rewriter: Rewriter, walk: Walk, root: State, base: int, size: int) -> None:
    """Keep what the next image of the series is likely to have as well."""
    header = walk.window.header
    # One reading is to hold the next header, with some room for what varies.
    rewriter.window = min(max(base + len(header) + ROOM, rewriter.window), MOST_WINDOW)
    series = walk.session.series(root, walk.found.get(SERIES_INSTANCE_UID, b""))
    if series.is_to_be_learned(header, walk.matched):
        window = Window(walk.window.descriptor, base, size, header)
        window.header = header
        series.learn(Walk(rewriter, walk.session, window), root)


def _uids(rewriter: Rewriter, walk: Walk, meta: Meta, apart: str) -> dict[int, bytes]:
    """Check the four UIDs of the instance and return their new values."""
    found = walk.found
    for stored, tag in (
        (meta.sop_class_uid, SOP_CLASS_UID),
        (meta.sop_instance_uid, SOP_INSTANCE_UID),
    ):
        uid = found.get(tag, b"")
        differs = stored and stored != uid and is_usable(uid)
        if differs and (tag == SOP_CLASS_UID or not agree(stored, uid)):
            raise Refused("disagreeing", NAMES[tag])
    new = {}
    for tag, name in NAMES.items():
        uid = found.get(tag, b"")
        if not uid:
            raise Refused("missing-uid", name)
        is_instance = tag == SOP_INSTANCE_UID
        replaced = None if is_instance else rewriter.elements.get((tag, uid))
        if replaced is None:
            replaced = _new_uid(rewriter.plan, uid, apart.encode() if is_instance else b"", tag)
            if not is_instance:
                rewriter.elements.keep((tag, uid), replaced)
        new[tag] = replaced
    if found[SOP_CLASS_UID] == MEDIA_STORAGE_DIRECTORY:
        raise Refused("dicomdir")
    return new


def _new_uid(plan: Plan, uid: bytes, apart: bytes, tag: int) -> bytes:
    if plan.keeps_instance_uids:
        return uid
    if not is_usable(uid):
        raise Refused("bad-uid", NAMES[tag])
    return plan.uid_bytes(uid, apart, tag=tag)


def _fill_late(rewriter: Rewriter, walk: Walk, meta: Meta, new: Mapping[int, bytes]) -> None:
    """Put in what depends on UIDs that stand later in the file."""
    explicit = meta.transfer_syntax_uid != IMPLICIT
    plan = rewriter.plan
    study = walk.found[STUDY_INSTANCE_UID]
    known: tuple[object, ...]
    for slot, tag in walk.late:
        write = plan.writes.get(tag)
        if write is not None and write.if_absent:
            if tag not in walk.found:
                known = (tag, explicit)
                element = rewriter.elements.get(known)
                if element is None:
                    element = write.element(tag, explicit=explicit)
                    rewriter.elements.keep(known, element)
                walk.chunks[slot] = element
        elif write is not None and write.of_instance:
            options = options_carried_out(walk.found)
            known = (tag, explicit, options)
            element = rewriter.elements.get(known)
            if element is None:
                element = write.element(tag, explicit=explicit, carried_out=options)
                rewriter.elements.keep(known, element)
            walk.chunks[slot] = element
        elif tag == SOP_INSTANCE_UID:
            value = padded(new[SOP_INSTANCE_UID], "UI")
            walk.chunks[slot] = encode(tag, "UI", value, explicit=explicit)
        else:
            original = walk.found.get(tag, b"")
            known = (tag, explicit, study, original)
            element = rewriter.elements.get(known)
            if element is None:
                digest = plan.study_digest(study, tag, original, explicit=explicit)
                element = encode(tag, "SH", padded(digest, "SH"), explicit=explicit)
                rewriter.elements.keep(known, element)
            walk.chunks[slot] = element


def _by_way_of_normalising(
    source: Path, refused: Refused | None, again: Callable[[Path], Written]
) -> Written:
    """Let pydicom write the data set in explicit VR little endian; then the same way again."""
    # Imported late: pydicom costs a fifth of a second, and most files never need it.
    from tempfile import TemporaryDirectory

    from deidentify.normalise import is_normalised, normalise

    if is_normalised(source):
        raise refused or Refused("unreadable")
    with TemporaryDirectory(prefix="normalise-") as folder:
        scratch = Path(folder) / "normalised.dcm"
        normalise(source, scratch)
        return again(scratch)
