"""Pictures that may carry burned-in text wait for a person, by what their header says they are.

Until the pixels themselves are examined, metadata decide (DICOM PS3.15 E.3.1), by the tables of
`transfers.picture_kinds`. A finding belongs to one image: the verdict on it is found again when
the very same image is run anew, and no other image passes by it.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from deidentify.leaks import Finding as Leak
from intake.errors import KeptAside
from intake.headers import read_values
from transfers.models import Outcome
from transfers.picture_kinds import (
    ALWAYS_WAITS,
    CONVERSIONS,
    PASSES,
    STORAGE,
    TELLING_WORDS,
    TOLD_BY_THEIR_KIND,
    WAITING_MODALITIES,
    WAITS_UNLESS_STATED,
)

IMAGE_TYPE, SOP_CLASS, MODALITY, CONVERSION = 0x00080008, 0x00080016, 0x00080060, 0x00080064
ROWS, BITS_ALLOCATED, BURNED_IN, DOCUMENT = 0x00280010, 0x00280100, 0x00280301, 0x00420011
PIXELS = 0x7FE00010
# whatever holds a picture has one of these; pixel data in fragments is known by its description
PICTURES = (ROWS, BITS_ALLOCATED, DOCUMENT, 0x7FE00008, 0x7FE00009, PIXELS)
ASKED = frozenset({IMAGE_TYPE, SOP_CLASS, MODALITY, CONVERSION, BURNED_IN, *PICTURES})
WORD = re.compile("[A-Z]+")
Header = Mapping[int, bytes]


def triage(source: Path, outcome: Outcome) -> list[Leak]:
    """Return a finding if nobody has looked at a picture that may carry text; else nothing."""
    try:
        header = read_values(source, ASKED)
        reason = why_it_waits(header)
    except KeptAside:
        header = {}
        reason = PIXELS, "Its header cannot be followed, so nobody can say what is in its pixels."
    if reason is None:
        return []
    told_by, sentence = reason
    is_document = _text(header, SOP_CLASS).startswith(STORAGE + "104.")
    return [
        Leak(
            kind="pixels",
            path=_path(DOCUMENT if is_document else PIXELS),
            start=0,
            end=0,
            sure="possible",
            source_path=_path(told_by),
            sentence=sentence,
            fingerprint=_fingerprint(source, outcome),
        )
    ]


def why_it_waits(header: Header) -> tuple[int, str] | None:
    """Return the tag of the element that tells of text in a picture, and a sentence; or None.

    `header` holds raw values of the first level by tag, as `intake.headers.read_values` gives
    them for ASKED.
    """
    sop_class = _text(header, SOP_CLASS)
    kind = sop_class.removeprefix(STORAGE) if sop_class.startswith(STORAGE) else ""
    stated = _text(header, BURNED_IN).upper()
    if stated == "YES":
        return BURNED_IN, "Burned In Annotation says that text is part of the picture."
    if name := ALWAYS_WAITS.get(kind):
        return SOP_CLASS, f"Images of this kind, {name}, often carry text."
    if not any(tag in header for tag in PICTURES):
        return None
    if kind not in TOLD_BY_THEIR_KIND and (told := _told_of_a_page(header)):
        return told
    if name := WAITS_UNLESS_STATED.get(kind):
        sentence = f"Its header ({name}) does not say whether text is part of the picture."
        return None if stated == "NO" else (BURNED_IN, sentence)
    if kind not in PASSES:
        return SOP_CLASS, "Its kind is unknown here, so it may carry text like any other."
    return None


def _told_of_a_page(header: Header) -> tuple[int, str] | None:
    for value in _values(header, IMAGE_TYPE):
        if TELLING_WORDS.intersection(WORD.findall(value.upper())):
            return IMAGE_TYPE, "Image Type says that it is a page or a screen, not a plain image."
    if conversion := CONVERSIONS.get(_text(header, CONVERSION).upper()):
        return CONVERSION, f"Conversion Type says that it is {conversion}; these often carry text."
    if modality := WAITING_MODALITIES.get(_text(header, MODALITY).upper()):
        return MODALITY, f"Its modality, {modality}, is one whose images often carry text."
    return None


def _fingerprint(source: Path, outcome: Outcome) -> str:
    """Return what is the same for the same received data set, and for no other image."""
    digest = outcome.instance.digest if outcome.instance else ""
    if not digest:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(f"picture {digest}".encode()).hexdigest()


def _path(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _text(header: Header, tag: int) -> str:
    return _values(header, tag)[0]


def _values(header: Header, tag: int) -> list[str]:
    """Return a value as it stands, each part of it; at least one."""
    return [one.strip(" \0") for one in header.get(tag, b"").decode("latin-1").split("\\")]
