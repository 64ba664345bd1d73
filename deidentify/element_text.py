"""The value of one element as a line of text, for people who review what is left.

Text is decoded and trimmed, several values are joined by a backslash, numbers are written as
numbers, very long values are cut and carry a digest, binary values are a length and a digest, with
what in them reads like somebody's name or number. Bytes that are nothing but text are that text.

Source: DICOM PS3.5 section 6.2.
"""

from __future__ import annotations

import hashlib
import re
from struct import Struct

from deidentify.inventory_texts import texts_in
from deidentify.leaks.character_sets import decoded

LONGEST = 32_000
"""Characters of a value that are kept; longer ones end in their length and a digest."""
MOST_NUMBERS = 64
"""Numbers in a binary value that are written out; more count as binary."""
DIGEST_DIGITS = 16

_NUMBERS = {
    "US": "H",
    "SS": "h",
    "UL": "L",
    "SL": "l",
    "UV": "Q",
    "SV": "q",
    "FL": "f",
    "FD": "d",
}
_WORD = re.compile(rb"[A-Za-z\xc0-\xff]{3}")
_SINGLE = frozenset({"LT", "ST", "UT", "UR"})
_TEXT = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UC", "UI"})


def element_text(vr: str, raw: bytes, character_set: bytes, *, big_endian: bool = False) -> str:
    """Return the value as text; never fails: what is not what its VR says counts as binary."""
    order = ">" if big_endian else "<"
    if vr in _NUMBERS and raw:
        numbers = _numbers(Struct(order + _NUMBERS[vr]), raw)
        return numbers if numbers is not None else binary_text(raw)
    if vr == "AT" and raw and not len(raw) % 4:
        pairs = Struct(order + "HH").iter_unpack(raw)
        return "\\".join(f"({group:04X},{element:04X})" for group, element in pairs)
    if vr in _TEXT:
        values = decoded(raw, character_set).split("\\")
        return shortened("\\".join(value.strip(" \0") for value in values))
    if vr in _SINGLE:
        return shortened(decoded(raw, character_set).rstrip(" \0"))
    if raw and (vr in ("UN", "") or (vr == "OB" and _WORD.search(raw))) and is_printable(raw):
        return shortened(decoded(raw, character_set).strip(" \0"))
    return binary_text(raw)


def binary_text(raw: bytes) -> str:
    """Return length and digest of a binary value with the texts in it, "" for an empty one."""
    return f"{len(raw)} bytes, sha256 {digest(raw)}{texts_in(raw)}" if raw else ""


def digest(raw: bytes) -> str:
    """Return the first hex digits of the SHA-256 of `raw`."""
    return hashlib.sha256(raw).hexdigest()[:DIGEST_DIGITS]


def shortened(text: str) -> str:
    """Return `text`, cut after `LONGEST` characters with its length and a digest behind."""
    if len(text) <= LONGEST:
        return text
    mark = digest(text.encode("utf-8", "surrogatepass"))
    return f"{text[:LONGEST]}… ({len(text)} characters, sha256 {mark})"


def is_printable(raw: bytes) -> bool:
    """Say whether a value of unknown VR reads as text."""
    return all(byte >= 32 or byte in b"\t\r\n" for byte in raw.rstrip(b"\0"))


def _numbers(struct: Struct, raw: bytes) -> str | None:
    count, rest = divmod(len(raw), struct.size)
    if rest or count > MOST_NUMBERS:
        return None
    return "\\".join(str(number) for (number,) in struct.iter_unpack(raw))
