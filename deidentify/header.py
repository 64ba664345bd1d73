"""Reading one file's header without writing anything: who it is about, which instance it is."""

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from deidentify.errors import Refused
from deidentify.file_meta import IMPLICIT
from deidentify.identity import Identity
from deidentify.learning import (
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    rewriter_of,
)
from deidentify.opening import opened_meta
from deidentify.plan import Plan, compile_plan
from deidentify.text import decoded
from deidentify.vocabulary import Term
from deidentify.walk import Walk
from deidentify.window import LEAST, Window

PATIENT_ID = 0x00100020


class Header(NamedTuple):
    """What a file says of itself; identified data, never to be logged."""

    patient_id: str
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    identifying: frozenset[Term]

    def __repr__(self) -> str:
        return "<Header>"


@lru_cache(maxsize=1)
def _reading_plan() -> Plan:
    """Any plan will do: reading asks what stands there, not what becomes of it."""
    return compile_plan("basic", identity=Identity(project="X", pseudonym="X", secret=bytes(32)))


def read_header(source: Path) -> Header:
    """Read the header of a DICOM file.

    Raises:
        Refused: it is none, or cannot be read.
    """
    descriptor, meta, window = opened_meta(source, LEAST)
    try:
        if meta is None:
            return _normalised_header(source)
        rewriter = rewriter_of(_reading_plan())
        session = rewriter.session(frozenset(), frozenset())
        root = session.root(
            explicit=meta.transfer_syntax_uid != IMPLICIT,
            sop_class_uid=meta.sop_class_uid.decode("latin-1"),
        )
        size = os.fstat(descriptor).st_size
        walk = Walk(rewriter, session, Window(descriptor, meta.end, size, window))
        try:
            walk.data_set(root)
        except Refused as refused:
            if refused.code != "bad-structure":
                raise
            return _normalised_header(source)
    finally:
        os.close(descriptor)
    return header_of(walk)


def header_of(walk: Walk) -> Header:
    """Return what a walk over a whole data set found."""
    found = walk.found
    patient_id = found.get(PATIENT_ID, b"")
    return Header(
        patient_id=decoded(patient_id.strip(b" \0"), walk.state.charset)[0],
        sop_class_uid=found.get(SOP_CLASS_UID, b"").decode("latin-1"),
        sop_instance_uid=found.get(SOP_INSTANCE_UID, b"").decode("latin-1"),
        study_instance_uid=found.get(STUDY_INSTANCE_UID, b"").decode("latin-1"),
        series_instance_uid=found.get(SERIES_INSTANCE_UID, b"").decode("latin-1"),
        identifying=frozenset(walk.collected),
    )


def _normalised_header(source: Path) -> Header:
    # Imported late: pydicom costs a fifth of a second, and most files never need it.
    from tempfile import TemporaryDirectory

    from deidentify.normalise import is_normalised, normalise

    if is_normalised(source):
        raise Refused("bad-structure")
    with TemporaryDirectory(prefix="normalise-") as folder:
        scratch = Path(folder) / "normalised.dcm"
        normalise(source, scratch)
        return read_header(scratch)
