"""The profile mmiv-2019: what the existing installation writes, so that projects can move over.

UIDs are unkeyed hashes there, in one of four eras; they are reproduced byte for byte. Where
the old program kept text, dates or private blocks as they were, this one still searches them
for the patient: its conformance holes are carried over, its leaks are not.

Source: the seed's table of 2019 and the behaviour that the reference notes describe.
"""

import csv
import hashlib
from collections.abc import Collection, Sequence
from functools import lru_cache

from deidentify.body_parts import BODY_PARTS
from deidentify.decisions import Decider, Decision, Where, never_stays
from deidentify.elements import TABLES
from deidentify.identity import Identity
from deidentify.profiles import Profile
from deidentify.rules import Rule
from deidentify.writes import ACCESSION_NUMBER, INSTITUTION_NAME, STUDY_ID, Write

HOLES = (
    "UIDs, Study ID and Accession Number are unkeyed hashes, as the existing installation writes "
    "them: whoever knows or guesses an original can find its copy.",
    "The Accession Number is hashed without the project, so that it links copies of one "
    "examination in different projects.",
    "All dates move by the same 42 days for everybody, and times stay: whoever knows one date "
    "knows them all.",
    "Some UIDs have components with leading zeros, or no root, which DICOM forbids.",
)
ROOT = b"1.3.6.1.4.1.45037."
DATE_SHIFT = 42
HEXADECIMAL = ("era-2019", "era-2021", "era-2024-hex")
PADDED = ("era-2024-hex", "era-2024")  # a padding NUL is hashed, but for the study's UID
BODY_PART_EXAMINED = 0x00180015
LENGTH = 63
_DIGITS = str.maketrans("abcdef", "012345")
STUDY_INSTANCE_UID = 0x0020000D

# What the profile does where its table is silent: everything kept, but read first.
_SILENT = Profile(
    name="mmiv-2019",
    columns=frozenset(
        {"device", "patient_characteristics", "modified_dates", "descriptors", "safe_private",
         "structured_content"}
    ),
)  # fmt: skip


@lru_cache(maxsize=1)
def actions() -> dict[int, str]:
    """Return tag -> letter of the table of 2019."""
    with (TABLES / "mmiv_2019.csv").open(newline="") as file:
        next(file)
        return {int(row["tag"], 16): row["action"] for row in csv.DictReader(file)}


def _decimal(value: bytes) -> bytes:
    return hashlib.sha256(value).hexdigest().translate(_DIGITS).encode()


def _hexadecimal(value: bytes) -> bytes:
    return hashlib.sha256(value).hexdigest().encode()


def new_uid(original: bytes, tag: int, project: str, era: str, apart: bytes = b"") -> bytes:
    """Return the UID that the installation gave in an era.

    Args:
        original: without padding.
        tag: of the element; since 2024 a padding NUL is hashed with every UID but the study's.
        project: the acronym, hashed behind the UID.
        era: one of profiles.ERAS; that of 2019 has no root.
        apart: as in uids.KeyedUids.
    """
    raw = original
    if era in PADDED and len(original) & 1 and tag != STUDY_INSTANCE_UID:
        raw += b"\0"
    message = raw + project.encode() + apart
    if actions().get(tag) == "H":
        hasher = _hexadecimal if era in HEXADECIMAL else _decimal
        return hasher(raw + apart)
    if era == "era-2019":
        return _hexadecimal(message)
    hasher = _hexadecimal if era in HEXADECIMAL else _decimal
    return (ROOT + hasher(message))[:LENGTH]


def hashed(original: bytes, project: str, tag: int, era: str, *, explicit: bool = True) -> bytes:
    """Return the characters that stand for an accession number or a study.

    For the Study ID, `original` is the Study Instance UID and the project is hashed with it;
    for the Accession Number, it is the value with its padding, and the project is not. They
    are 16, but 64 in a file with implicit VR, where the installation does not cut them.
    """
    if tag == STUDY_ID:
        original += project.encode()
    elif not original.strip(b" \0"):
        return b""
    hasher = _hexadecimal if era in HEXADECIMAL else _decimal
    return hasher(original)[: 16 if explicit else None]


def body_part(value: bytes) -> bytes:
    """Return a body part that DICOM defines; BODYPART for anything else."""
    return value if value.strip() in BODY_PARTS or not value else b"BODYPART"


def writes(identity: Identity) -> dict[int, Write]:
    """Return what is written into every instance, in tag order."""
    event = f"EventName:{identity.event}" if identity.event else ""
    return {
        ACCESSION_NUMBER: Write("SH", of_study=True),
        INSTITUTION_NAME: Write("LO", identity.project),
        0x00080090: Write("PN", event),
        0x00100010: Write("PN", identity.pseudonym),
        0x00100020: Write("LO", identity.pseudonym),
        0x00120020: Write("LO", identity.project),
        0x00120021: Write("LO", identity.project),
        0x00120040: Write("LO", identity.pseudonym),
        0x00120050: Write("LO", identity.event),
        0x00120051: Write("ST", identity.event),
        0x00120062: Write("CS", "YES"),
        0x00120063: Write("LO", "{Per DICOM PS 3.15 AnnexE}"),
        STUDY_ID: Write("SH", of_study=True),
        0x00280303: Write("CS", "MODIFIED", if_present=True),
    }


class MmivDecider:
    """Decides by the table of 2019; what it does not name is kept and searched."""

    def __init__(self, *, rules: Sequence[Rule], writes: Collection[int]) -> None:
        self._below = Decider(_SILENT, rules=rules, writes=writes)

    def decide(self, where: Where, tag: int, vr: str, creator: str | None = None) -> Decision:
        """As decisions.Decider.decide."""
        below = self._below.decide(where, tag, vr, creator)
        if below.because.startswith("rule") or below.action == "W" or never_stays(tag):
            return below
        if tag == BODY_PART_EXAMINED:
            return Decision("P", "table of 2019: kept if DICOM defines it, else BODYPART")
        if creator is not None or (tag >> 16 & 1):
            return _searched(vr, "the table of 2019 keeps private elements", below)
        letter = actions().get(tag)
        because = f"table of 2019: {letter}"
        if letter is None:
            return _searched(vr, "the table of 2019 does not name it", below)
        if vr == "SQ":
            return Decision("X" if letter == "X" else "Q", because)
        if letter == "S":
            return Decision("S" if vr in ("DA", "DT") else "K", because)
        if letter == "H":
            if tag == ACCESSION_NUMBER:
                return Decision("N", because)
            return Decision("U" if vr == "UI" else "X", because)
        if letter == "K":
            return _searched(vr, because, below)
        return Decision(letter, because)


def _searched(vr: str, because: str, below: Decision) -> Decision:
    """Keep an element of the old table's, unless what it holds would name somebody."""
    if below.action in "KQRUBSACTG":
        return Decision(below.action, because)
    if vr in ("SH", "LO", "ST", "LT", "UT", "UC"):
        return Decision("C", because)
    if vr in ("CS", "IS", "DS", "US", "SS", "UL", "SL", "FL", "FD", "TM"):
        return Decision("K", because)
    # Which of removing, emptying and a dummy the image's own IOD bears is decided below.
    letter = below.action if below.action in "XZDE" else "X"
    return Decision(letter, f"{because}, but {below.because}")
