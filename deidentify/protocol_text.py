"""Protocols that scanners keep as text: which named values in them tell of a person, and where.

Three ways of writing are met, often one inside the other:

    tProtocolName = "t1_mprage"                      ASCCONV, a line each; quotes may be doubled
    <ParamString."PatientID">  { "4482913" }         XProtocol
    SEDESC "Axial EPI"                               GE's protocol block
    <PatientID>4482913</PatientID>                   XML

Source: no standard; as Siemens MR (MrPhoenixProtocol, MrProtocol) and GE MR write them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from deidentify.block_search import squeezed
from deidentify.profiles import Profile

PERSON = (
    b"patientname", b"patientsname", b"patientid", b"patientbirth", b"patientsbirth",
    b"patientaddress", b"patientsaddress", b"patientphone", b"patienttelephone",
    b"patientstelephone", b"patientcomment", b"otherpatient", b"operatorname", b"operatorsname",
    b"physician", b"accessionnumber", b"admissionid", b"medicalrecord", b"requestingservice",
    b"studycomment",
)  # fmt: skip
WITHOUT = {
    "institution": (b"institutionname", b"institutionaddress", b"institutionaldepartment"),
    "device": (b"serialnumber", b"stationname"),
    "patient_characteristics": (
        b"patientweight", b"patientsweight", b"patientsex", b"patientssex", b"patientage",
        b"patientsage", b"patientsize", b"patientssize",
    ),
}  # fmt: skip
LONGEST_VALUE = 4096

_BEGINNINGS = (b"<XProtocol>", b"### ASCCONV", b"<EVAProtocol>", b"<?xml")
_IDENTIFIER = re.compile(rb"[A-Za-z_][\w.\[\]]{3,127}")
_BRACE = re.compile(rb'"[ \t]*>[ \t\r\n]*\{')
_LINE = re.compile(rb"[ \t]*=[ \t]*([^\r\n\0]*)")
_ELEMENT = re.compile(rb">([^<>\r\n\0]{1,256})</")
_QUOTED = re.compile(rb'[ \t]+"([^"\r\n\0]*)"')
_FREE_TEXTS = BytesAhoCorasick(
    [
        b"tProtocolName", b'"ProtocolName', b"tSeriesDescription", b'"SeriesDescription',
        b"tStudyDescription", b'"StudyDescription', b"tComment", b'"Comment', b"SEDESC",
    ],
    matchkind=MatchKind.LeftmostFirst,
)  # fmt: skip
_FREE_VALUE = re.compile(rb'(?:"[ \t]*>[ \t]*\{[ \t]*|[ \t]*=[ \t]*|[ \t]+)"+([^"\r\n\0]+)"')


def markers(profile: Profile) -> frozenset[bytes]:
    """The names, in lower case and without marks, of fields whose values a profile removes."""
    more = (names for column, names in WITHOUT.items() if not profile.has(column))
    return frozenset(PERSON).union(*more)


def is_protocol(block: bytes) -> bool:
    """Whether a block is such a text as a whole, in which nothing counts bytes."""
    return block[:64].lstrip().startswith(_BEGINNINGS)


@lru_cache(maxsize=20_000)
def is_marked(name: bytes, among: frozenset[bytes]) -> bool:
    """Whether a field of this name is one of those that `among` marks.

    Remembered, since the same few thousand names stand in every header of a scanner.
    """
    plain = squeezed(name)
    return any(marker in plain for marker in among)


def values(block: bytes, among: frozenset[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Yield where the values of marked fields stand, and what is to stand there instead."""
    for match in _IDENTIFIER.finditer(block):
        if not is_marked(match[0], among):
            continue
        end = match.end()
        if brace := _BRACE.match(block, end):
            close = _closing(block, brace.end())
            if close:
                yield brace.end(), close, b" "
        elif line := _LINE.match(block, end):
            start, text = line.start(1), line[1].rstrip()
            if text[:1] == b'"':
                inner = text.strip(b'"')
                start += text.index(inner) if inner else 0
                yield start, start + len(inner), b""
            elif text:
                yield start, start + len(text), b"0"
        elif found := _ELEMENT.match(block, end) or _QUOTED.match(block, end):
            yield *found.span(1), b""


def free_texts(block: bytes) -> Iterator[tuple[int, int]]:
    """Where texts stand that people write for one examination: the names of protocols."""
    for _, _, end in _FREE_TEXTS.find_matches_as_indexes(block):
        if match := _FREE_VALUE.match(block, end):
            yield match.span(1)


def unit(block: bytes, start: int, end: int, first: int, last: int) -> tuple[int, int] | None:
    """Return the quoted text around (start, end), or the item's whole text if it is short.

    Args:
        block: the whole block.
        start, end: what was found.
        first, last: the text that may be changed.
    """
    nearest, farthest = max(first, start - LONGEST_VALUE), min(last, end + LONGEST_VALUE)
    line = max(block.rfind(b"\n", nearest, start) + 1, nearest)
    before = block.rfind(b'"', line, start)
    stop = block.find(b"\n", end, farthest)
    after = block.find(b'"', end, stop if stop >= 0 else farthest)
    if before >= 0 and after >= 0:
        found = (before + 1, after)
    elif last - first <= 1024 and b"\n" not in block[first:last]:
        found = (first, last)
    else:
        return None
    return found if found[1] - found[0] <= LONGEST_VALUE else None


def _closing(block: bytes, position: int) -> int:
    """Return where the brace closes that was opened before `position`; 0 if it does not."""
    depth = 1
    for match in re.compile(rb"[{}]").finditer(block, position, position + LONGEST_VALUE):
        depth += 1 if match[0] == b"{" else -1
        if not depth:
            return match.start()
    return 0
