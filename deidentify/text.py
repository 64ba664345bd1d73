"""Texts of elements as letters: decoded by the file's character set, encoded back the same way.

Source: DICOM PS3.3 C.12.1.1.2 (Specific Character Set), PS3.5 section 6.1.
"""

import re
from typing import Protocol

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


def decoded(value: bytes, charset: bytes) -> tuple[str, str]:
    """Return a text and the codec that turns it back into the same bytes.

    Escape sequences (ISO 2022) and bytes that are wrong in the declared set are read as
    Latin-1, byte by byte, so that nothing is lost on the way back. Bytes above 127 with no set
    declared are UTF-8 if they can be, else Latin-1, which is what such files hold in practice.
    """
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii"), "latin-1"
    first = charset.split(b"\\")[0].strip().replace(b"ISO 2022 IR", b"ISO_IR")
    codec = CODECS.get(first, "utf-8")
    if b"\x1b" in value:
        codec = "latin-1"
    try:
        text = value.decode(codec)
        if text.encode(codec) == value:
            return text, codec
    except UnicodeError:
        pass
    return value.decode("latin-1"), "latin-1"


class CleansText(Protocol):
    """Whoever takes what identifies somebody out of a text."""

    def clean(self, text: str, *, only_patient: bool = False, model: bool = False) -> str:
        """Return `text` without it."""


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
    """Return `value` without what identifies somebody.

    Args:
        cleaner: of the patient.
        value: as stored, without padding; several values are cleaned one by one.
        vr: decides whether a backslash parts values.
        charset: Specific Character Set in force.
        only_patient: look for the patient's own names and numbers alone.
        model: the value is a scanner's model name.
        if_empty: what to write where nothing is left of an attribute that may not be empty.
    """
    text, codec = decoded(value, charset)
    parts = [text] if vr in SINGLE_VALUED_TEXT else text.split("\\")
    cleaned = [cleaner.clean(part, only_patient=only_patient, model=model) for part in parts]
    if cleaned == parts:
        return value
    try:
        new = "\\".join(cleaned).encode(codec)
    except UnicodeError:
        new = b""
    return new if new.strip(b" \\") else (if_empty or new.strip(b" "))
