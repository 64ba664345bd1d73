"""What a value has to be like: its letters, length and form, how many, and which.

Source: DICOM PS3.5 section 6.2 (value representations), 6.4 (multiplicity), PS3.6 (VM of each
element), PS3.3 C.12.1.1.2 (character sets).
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from deidentify.conformance.character_sets import fits
from deidentify.elements import SINGLE_VALUED_TEXT, TABLES, TEXT_VRS, lookup

ODD, FORM, LENGTH, LETTERS, NUMBER, ENUMERATED = (
    "odd-length",
    "form",
    "length",
    "letters",
    "number",
    "enumerated",
)
WIDTHS = {
    "US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "AT": 4, "SV": 8, "UV": 8,
    "OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8,
}  # fmt: skip
COUNTED = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV"})
MOST_LETTERS = {"SH": 16, "LO": 64, "ST": 1024, "LT": 10240}

_TIME = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
_DAY = rf"\d{{4}}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:{_TIME})?)?)?"
_FORMS = {
    "AE": r"[ -\[\]-~]{0,16}",
    "AS": r"\d{3}[DWMY]",
    "CS": r"[A-Z0-9_ ]{0,16}",
    "DA": r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
    "DS": r" *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *",
    "DT": rf"{_DAY}(?:[+-](?:0\d|1[0-4])[0-5]\d)? *",
    "IS": r" *[+-]?\d{1,12} *",
    "TM": rf"{_TIME} *",
    "UI": r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*",
    "UR": r"[!-~]*",
}
_AT_MOST = {"DS": 16, "IS": 12, "UI": 64, "DT": 26, "TM": 14}
_is_plain = re.compile(rb"[ -\[\]-~]*").fullmatch
_is_plain_text = re.compile(rb"[\t\n\f\r -~]*").fullmatch
_whole: dict[str, Callable[[bytes], object]] = {
    vr: re.compile(rf"(?:(?:{form})?(?:\\(?:{form})?)*)(?: |\0)?".encode()).fullmatch
    for vr, form in _FORMS.items()
}


class Form:
    """What the values of one element have to be like.

    Args:
        tag: 0xggggeeee.
        vr: as stored.
    """

    def __init__(self, tag: int, vr: str) -> None:
        self.vr = vr
        self._vrs, self._least, self._most, self._step = _multiplicity(tag)
        self._enumerated = _enumerated().get(tag)

    def allows(self, vr: str) -> bool:
        """Whether the dictionary lets the element have this VR; UN hides any other."""
        return not self._vrs or vr in self._vrs or vr == "UN"

    def faults(self, value: bytes, charset: bytes) -> tuple[str, ...]:
        """Return what is wrong with a value, nothing if it is empty.

        Args:
            value: as in the file, with its padding.
            charset: Specific Character Set.
        """
        if not value:
            return ()
        found = [ODD] if len(value) & 1 else []
        vr = self.vr
        if vr in WIDTHS:
            if len(value) % WIDTHS[vr]:
                found.append(LENGTH)
            elif vr in COUNTED:
                found += self._numbered(len(value) // WIDTHS[vr])
        elif vr in _FORMS:
            found += self._formed(value)
        elif vr in TEXT_VRS:
            found += self._texts(value, charset)
        return tuple(found)

    def _numbered(self, count: int) -> list[str]:
        is_good = self._least <= count and (not self._most or count <= self._most)
        return [] if is_good and count % self._step == 0 else [NUMBER]

    def _formed(self, value: bytes) -> list[str]:
        found = []
        vr = self.vr
        if not _whole[vr](value):
            found.append(FORM)
        text = value.rstrip(b"\0" if vr == "UI" else b" \0")
        values = [text] if vr == "UR" else text.split(b"\\")
        longest = _AT_MOST.get(vr)
        if longest and any(len(one) > longest for one in values):
            found.append(LENGTH)
        if vr in ("DA", "DT") and not found and not all(_is_a_day(one[:8]) for one in values):
            found.append(FORM)
        if text:
            found += self._numbered(len(values))
            if self._enumerated and not self._enumerated.issuperset(
                one.strip() for one in values if one.strip()
            ):
                found.append(ENUMERATED)
        return found

    def _texts(self, value: bytes, charset: bytes) -> list[str]:
        found = []
        vr = self.vr
        is_single = vr in SINGLE_VALUED_TEXT
        if is_single or vr == "UC":
            is_good = _is_plain_text(value)
        else:
            is_good = _is_plain(value.replace(b"\\", b""))
        letters = value.decode("latin-1")
        if not is_good:
            text = fits(value, charset, has_lines=is_single)
            if text is None:
                found.append(LETTERS)
            else:
                letters = text
        letters = letters.rstrip(" \0")
        values = [letters] if is_single else letters.split("\\")
        if vr == "PN":
            if any(not _is_a_name(one) for one in values):
                found.append(LENGTH)
        elif (most := MOST_LETTERS.get(vr)) and any(len(one.strip(" ")) > most for one in values):
            found.append(LENGTH)
        if letters and not is_single:
            found += self._numbered(len(values))
        return found


@lru_cache(maxsize=32_768)
def form_of(tag: int, vr: str) -> Form | None:
    """Return what values of an element have to be like; None where nothing is known of them."""
    if vr in ("", "UN", "SQ", "OB"):
        return None
    return Form(tag, vr)


def _is_a_day(value: bytes) -> bool:
    if len(value) < 8:
        return True
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        return False
    return True


def _is_a_name(name: str) -> bool:
    groups = name.split("=")
    return len(groups) <= 3 and all(
        len(group.strip(" ")) <= 64 and group.count("^") <= 4 for group in groups
    )


def _multiplicity(tag: int) -> tuple[frozenset[str], int, int, int]:
    """Return VRs, the least and the most values (0: any number), and the step between."""
    known = lookup(tag)
    if known is None:
        return frozenset(), 1, 0, 1
    text = f"{tag:08x}"
    rows = _multiplicities()
    row = rows.get(text) or rows.get(f"{text[:2]}xx{text[4:]}") or rows.get(f"{text[:6]}xx")
    if row is None:
        return frozenset({known[0]}), 1, 1, 1
    vm, vrs = row
    least, _, most = vm.partition("-")
    step = int(most[:-1] or 1) if most.endswith("n") else 1
    highest = 0 if most.endswith("n") else int(most or least)
    return frozenset(vrs.split("/")), int(least), highest, step


@lru_cache(maxsize=1)
def _multiplicities() -> dict[str, tuple[str, str]]:
    lines = (TABLES / "multiplicities.txt").read_text().splitlines()[1:]
    return {tag: (vm, vrs) for tag, vm, vrs in (line.split(" ") for line in lines)}


@lru_cache(maxsize=1)
def _enumerated() -> dict[int, frozenset[bytes]]:
    lines = (TABLES / "enumerated_values.txt").read_text().splitlines()[1:]
    rows = (line.split(" ", 2) for line in lines)
    return {int(tag, 16): frozenset(values.encode().split(b"|")) for tag, _, values in rows}
