"""A text as the value of an element, as its VR stores it; or that the VR cannot hold it.

Source: DICOM PS3.5 section 6.2.
"""

import re
import struct

from deidentify.elements import MOST_LETTERS, SINGLE_VALUED_TEXT

NUMBERS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_WHOLE = frozenset({"US", "SS", "UL", "SL", "UV", "SV"})
_LONG_TEXTS = {"ST": 1024, "LT": 10240}
_FORMS = {
    "AS": re.compile(r"\d{3}[DWMY]"),
    "CS": re.compile(r"[A-Z0-9_ ]*"),
    "DA": re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"),
    "DS": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    "DT": re.compile(r"\d{4}(?:\d\d){0,5}(?:\.\d{1,6})?(?:[+-]\d{4})?"),
    "IS": re.compile(r"[+-]?\d+"),
    "TM": re.compile(r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?"),
    "UI": re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*"),
    "UR": re.compile(r"\S*"),
}
_TEXTS = frozenset({"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_ANY = frozenset({"UN"})
"""What has no VR takes any text: whoever reads it knows no better than whoever writes it."""


def stored(vr: str, text: str) -> bytes | None:
    """Return one or several values (parted by a backslash) as bytes without padding.

    None if the VR cannot hold them: too long, letters it does not know, no number.

    Args:
        vr: what the element is.
        text: ASCII.
    """
    if vr in NUMBERS:
        return _numbers(vr, text)
    parts = [text] if vr in SINGLE_VALUED_TEXT else text.split("\\")
    if vr not in _FORMS and vr not in _TEXTS and vr not in _ANY:
        return None
    form, most = _FORMS.get(vr), MOST_LETTERS.get(vr) or _LONG_TEXTS.get(vr)
    for part in parts:
        if form is not None and not form.fullmatch(part):
            return None
        if most is not None and len(part) > most:
            return None
        if vr == "IS" and abs(int(part)) >= 2**31:
            return None
    return text.encode("ascii")


def _numbers(vr: str, text: str) -> bytes | None:
    convert = int if vr in _WHOLE else float
    try:
        numbers = [convert(part) for part in text.split("\\")]
        return struct.pack(f"<{len(numbers)}{NUMBERS[vr]}", *numbers)
    except (ValueError, OverflowError, struct.error):
        return None
