"""What kind of value an element holds, said without saying the value.

Source: the value representations of DICOM PS3.5 section 6.2.
"""

import re
import struct

from deidentify.elements import BINARY_VRS, SINGLE_VALUED_TEXT, TEXT_VRS
from deidentify.text import decoded
from deidentify.uids import is_usable, is_well_known

MOST_SHOWN = 64
_WORDS = {
    "AE": "AE title", "AS": "age", "CS": "code", "DA": "date", "DT": "date and time",
    "TM": "time", "PN": "person name", "UR": "web address",
}  # fmt: skip
_NUMBERS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d", "SV": "q", "UV": "Q"}
_FORMS = {
    "DA": re.compile(rb"\d{8}|\d{4}\.\d\d\.\d\d"),
    "DT": re.compile(rb"\d{4,14}(\.\d{1,6})?([+-]\d{4})?"),
    "TM": re.compile(rb"\d{2,6}(\.\d{1,6})?|\d\d:\d\d(:\d\d(\.\d+)?)?"),
    "AS": re.compile(rb"\d{3}[DWMY]"),
}


def value_class(vr: str, value: bytes) -> str:
    """Return the kind of a value: `date`, `3 UIDs`, `text of 4 words`, `2048 bytes`.

    Args:
        vr: what the element really is.
        value: as stored.
    """
    if vr == "SQ":
        return "sequence"
    if not value or (vr not in BINARY_VRS and vr not in _NUMBERS and not value.strip(b" \0")):
        return "empty"
    if vr in BINARY_VRS:
        return f"{len(value)} bytes"
    if vr in _NUMBERS:
        return _several(len(value) // struct.calcsize("<" + _NUMBERS[vr]), "number")
    if vr == "AT":
        return _several(len(value) // 4, "tag")
    parts = [part.strip(b" \0") for part in value.split(b"\\")]
    if vr == "UI":
        return _several(len(parts), _kind_of_uid(parts))
    if vr in ("IS", "DS"):
        return _several(len(parts), "number")
    if vr in TEXT_VRS - {"PN"}:
        return _kind_of_text(parts, vr, value)
    form = _FORMS.get(vr)
    if form and not all(form.fullmatch(part) for part in parts if part):
        return f"no valid {_WORDS[vr]}"
    return _several(len(parts), _WORDS.get(vr, "value"))


def _several(number: int, word: str) -> str:
    return word if number == 1 else f"{number} {word}s"


def _kind_of_uid(parts: list[bytes]) -> str:
    if all(is_well_known(part) for part in parts if part):
        return "well-known UID"
    return "UID" if all(is_usable(part) for part in parts if part) else "malformed UID"


def _kind_of_text(parts: list[bytes], vr: str, value: bytes) -> str:
    if vr in SINGLE_VALUED_TEXT:
        parts = [value]
    if all(part.isdigit() for part in parts):
        return _several(len(parts), "text") + " of digits"
    words = sum(len(part.split()) for part in parts)
    return _several(len(parts), "text") + f" of {words} word{'s' * (words != 1)}"


def shown(vr: str, value: bytes, charset: bytes) -> str:
    """Return a value for the eyes of whoever may see it: at most 64 characters, one line."""
    if vr in _NUMBERS:
        code = "<" + _NUMBERS[vr]
        whole = value[: len(value) // struct.calcsize(code) * struct.calcsize(code)]
        text = "\\".join(f"{number:g}" for (number,) in struct.iter_unpack(code, whole))
    elif vr in BINARY_VRS or vr in ("SQ", "AT"):
        text = value[:MOST_SHOWN].hex()
    else:
        text = decoded(value.rstrip(b" \0"), charset)[0]
    text = "".join(c if c.isprintable() else "·" for c in text)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
