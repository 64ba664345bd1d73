"""What stands in an element as text, and text as what an element holds; checked on the way.

Source: DICOM PS3.5 section 6.1 (character sets), 6.2 (value representations), 6.4 (multiplicity).
"""

import struct
from collections.abc import Callable
from functools import lru_cache

from deidentify import iso2022
from deidentify.conformance.values import form_of
from deidentify.elements import SINGLE_VALUED_TEXT, TEXT_VRS, named
from deidentify.stored_text import NUMBERS, stored
from deidentify.text import CODECS, decoded
from exports.errors import CannotTransform

UTF_8 = b"ISO_IR 192"
NO_SETS = frozenset({b"", b"ISO_IR 6", b"ISO 2022 IR 6"})
BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "AT"})
"""VRs whose values are no text that anybody reads; UN is read as text where it is some."""


def bare(value: bytes, vr: str) -> bytes:
    """Return a value as stored, without its padding."""
    if vr in NUMBERS or vr in BINARY:
        return value
    return value.rstrip(b" \0")


def as_text(value: bytes, vr: str, charset: bytes) -> str:
    """Return what a value says; several values are parted by a backslash.

    Args:
        value: without padding.
        vr: numbers stored as such are written as numbers.
        charset: Specific Character Set in force.
    """
    if vr in NUMBERS:
        width = struct.calcsize(f"<{NUMBERS[vr]}")
        if len(value) % width:
            return ""
        numbers = struct.unpack(f"<{len(value) // width}{NUMBERS[vr]}", value)
        return "\\".join(f"{number:.9g}" if vr == "FL" else str(number) for number in numbers)
    if b"\x1b" in value:
        return iso2022.read(value, charset)[0]
    return decoded(value, charset)[0]


def each(text: str, vr: str, change: Callable[[str], str]) -> str:
    """Apply `change` to every one of several values; of a VR that holds one alone, to it."""
    if vr in SINGLE_VALUED_TEXT or "\\" not in text:
        return change(text)
    return "\\".join(change(part) for part in text.split("\\"))


@lru_cache(maxsize=4096)
def as_bytes(text: str, tag: int, vr: str, charset: bytes) -> tuple[bytes, bool]:
    """Return a text as an element stores it, and whether the file has to become UTF-8 for it.

    Args:
        text: several values are parted by a backslash.
        tag: of the element, for what its values have to be like.
        vr: of the element.
        charset: Specific Character Set in force.

    Raises:
        CannotTransform: the element cannot hold it.
    """
    value, turns = _encoded(text, tag, vr, charset)
    form = form_of(tag, vr)
    now = UTF_8 if turns else charset
    if form is not None and value and form.faults(value + b" " * (len(value) & 1), now):
        raise CannotTransform(
            f"A new value of {named(tag)} is none that this element can hold: "
            "its form, its length, its letters or their number is wrong."
        )
    return value, turns


def _encoded(text: str, tag: int, vr: str, charset: bytes) -> tuple[bytes, bool]:
    if text.isascii():
        value = stored(vr, text)
        if value is None:
            if not text:
                return b"", False
            raise CannotTransform(
                f"A new value of {named(tag)} is none that this element can hold: it is of "
                f"the kind {vr}."
            )
        return value, False
    if vr not in TEXT_VRS:
        raise CannotTransform(f"{named(tag)} holds letters of English, digits and signs alone.")
    if charset in NO_SETS:
        return text.encode(), True  # ASCII is the same in UTF-8, so all other texts stay right
    codec = CODECS.get(charset.split(b"\\")[0].strip().replace(b"ISO 2022 IR", b"ISO_IR"))
    try:
        return text.encode(codec or "ascii"), False
    except UnicodeEncodeError:
        raise CannotTransform(
            f"A new value of {named(tag)} has letters that the character set of an image lacks."
        ) from None
