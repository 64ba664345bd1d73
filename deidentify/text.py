"""Texts of elements as letters: decoded by the file's character set, encoded back the same way.

Source: DICOM PS3.3 C.12.1.1.2 (Specific Character Set), PS3.5 section 6.1.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from deidentify import iso2022
from deidentify.elements import SINGLE_VALUED_TEXT

CODECS = {
    b"ISO_IR 100": "latin-1", b"ISO_IR 101": "iso8859_2", b"ISO_IR 109": "iso8859_3",
    b"ISO_IR 110": "iso8859_4", b"ISO_IR 144": "iso8859_5", b"ISO_IR 127": "iso8859_6",
    b"ISO_IR 126": "iso8859_7", b"ISO_IR 138": "iso8859_8", b"ISO_IR 148": "iso8859_9",
    b"ISO_IR 203": "iso8859_15", b"ISO_IR 166": "iso8859_11", b"ISO_IR 13": "shift_jis",
    b"ISO_IR 192": "utf-8", b"GB18030": "gb18030", b"GBK": "gbk",
}  # fmt: skip


ESCAPED = frozenset(
    {b"ISO 2022 IR " + number for number in (b"6", b"87", b"159", b"149", b"58")}
    | {name.replace(b"ISO_IR", b"ISO 2022 IR") for name in CODECS if name.startswith(b"ISO_IR")}
    | {b"", b"ISO_IR 6"}
)


def repaired(charset: bytes) -> bytes:
    """Return a Specific Character Set that readers know; Latin-1 in place of what none knows.

    A wrong spelling (ISO-IR 100, UTF8) is put right. What cannot be guessed is read as Latin-1
    here as well, so that texts stay byte for byte.
    """
    terms = [term.strip() for term in charset.split(b"\\")]
    if all(term in CODECS or term in ESCAPED for term in terms):
        return charset
    number = re.search(rb"(\d+)\s*$", terms[0])
    guess = b"ISO_IR " + number[1] if number else b""
    if b"UTF" in terms[0].upper():
        guess = b"ISO_IR 192"
    return guess if guess in CODECS else b"ISO_IR 100"


SINGLE_BYTE = frozenset(codec for codec in CODECS.values() if codec.startswith("iso8859"))
_OFTEN_UTF_8 = (SINGLE_BYTE | {"latin-1"}) - {"iso8859_11"}
_UNESCAPED = {b"149": "euc_kr", b"58": "gb2312"}


def decoded(value: bytes, charset: bytes) -> tuple[str, str]:
    """Return a text and the codec that turns it back into the same bytes.

    Escape sequences (ISO 2022, see iso2022.py) and bytes that are wrong in the declared set are
    read as Latin-1, byte by byte, so that nothing is lost on the way back. Bytes above 127 with
    no set declared are UTF-8 if they can be, else Latin-1, which is what such files hold in
    practice; and what is good UTF-8 is so although Latin-1 was declared.
    """
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii"), "latin-1"
    if b"\x1b" in value:
        return value.decode("latin-1"), "latin-1"
    terms = [term.strip().rsplit(b" ", 1)[-1] for term in charset.split(b"\\")]
    first = charset.split(b"\\")[0].strip().replace(b"ISO 2022 IR", b"ISO_IR")
    codec = CODECS.get(first, "utf-8")
    others = [_UNESCAPED[term] for term in terms[1:] if term in _UNESCAPED]
    for one in (*(["utf-8"] if codec in _OFTEN_UTF_8 else []), codec, *others):
        try:
            text = value.decode(one)
            if text.encode(one) == value:
                return text, one
        except UnicodeError:
            continue
    return value.decode("latin-1"), "latin-1"


def text_of(value: bytes, charset: bytes) -> str:
    """Return what a value says, for whoever does not want to write it back."""
    return iso2022.read(value, charset)[0] if b"\x1b" in value else decoded(value, charset)[0]


class CleansText(Protocol):
    """Whoever takes what identifies somebody out of a text."""

    def cuts(
        self, text: str, *, only_patient: bool = False, model: bool = False
    ) -> Sequence[tuple[int, int, str]]:
        """Return which ranges go and what takes their place, in order."""


def clean_value(
    cleaner: CleansText,
    value: bytes,
    vr: str,
    charset: bytes,
    *,
    only_patient: bool,
    model: bool,
    if_empty: bytes,
) -> bytes:
    """Return `value` without what identifies somebody; the bytes of all that is kept stay.

    Args:
        cleaner: of the patient.
        value: as stored, without padding; several values are cleaned one by one.
        vr: decides whether a backslash parts values.
        charset: Specific Character Set in force.
        only_patient: look for the patient's own names and numbers alone.
        model: the value is a scanner's model name.
        if_empty: what to write where nothing is left of an attribute that may not be empty.
    """

    def cuts_of(text: str) -> Sequence[tuple[int, int, str]]:
        if vr in SINGLE_VALUED_TEXT or "\\" not in text:
            return cleaner.cuts(text, only_patient=only_patient, model=model)
        found: list[tuple[int, int, str]] = []
        offset = 0
        for part in text.split("\\"):
            cuts = cleaner.cuts(part, only_patient=only_patient, model=model)
            found += [(start + offset, end + offset, new) for start, end, new in cuts]
            offset += len(part) + 1
        return found

    if b"\x1b" in value:
        text, letters = iso2022.read(value, charset)
        cuts = cuts_of(text)
        new = iso2022.cut(value, charset, letters, cuts) if cuts else value
    else:
        text, codec = decoded(value, charset)
        cuts = cuts_of(text)
        if not cuts and codec in SINGLE_BYTE and not value.isascii():
            # The label may be wrong; each byte is a letter in either reading.
            text, codec = value.decode("latin-1"), "latin-1"
            cuts = cuts_of(text)
        new = without(text, cuts).encode(codec) if cuts else value
    return new if new is value or new.strip(b" \\") else (if_empty or new.strip(b" "))


def without(text: str, cuts: Sequence[tuple[int, int, str]]) -> str:
    """Return a text after the cuts: ranges in order, and what takes their place."""
    pieces: list[str] = []
    position = 0
    for start, end, new in cuts:
        pieces += (text[position:start], new)
        position = end
    return "".join((*pieces, text[position:]))
