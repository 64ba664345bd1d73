"""What a value looks like to somebody who knows no patient: a name, a number, a date, an address.

A letter for each; the inventory keeps them with the value, and the order in which people review
weighs them (review/risk.py). Nothing is decided here: a look is a reason to look.
"""

from __future__ import annotations

import re

from deidentify import patterns
from deidentify.folding import fold
from deidentify.name_like import NameLike, name_like

LOOKS = {
    "I": "a Norwegian identity number",
    "N": "a person's name",
    "M": "an e-mail address",
    "T": "a telephone number",
    "A": "an address",
    "H": "the name of a hospital",
    "U": "a file path or a web address",
    "D": "a date",
    "C": "an identifier",
    "P": "perhaps a name",
    "B": "text inside bytes",
}
"""What a letter stands for, the surest first; a value may have several."""

IN_BYTES = "; in it: "
"""What parts the length and digest of a binary value from the texts found in it."""
LONGEST_LOOKED_AT = 16_384
_PATH = re.compile(
    r"(?i)(?<!\w)[a-z]:\\\w|\\\\\w+\\\w|/(?:home|users|mnt|data|export)/\w|https?://"
)
_IDENTIFIER = re.compile(
    r"(?<![\w.])(?=[\w\-]*\d)(?=[\w\-]*[A-Z\d]{2})[A-Z]{0,6}[\-_]?\d{6,14}(?![\w.])"
)
_DIGIT = re.compile(r"\d")
_BINARY = re.compile(r"\d+ bytes(?:, sha256 [0-9a-f]{16})?")


def looks_of(text: str) -> str:
    """Return letters of LOOKS for what a value looks like, "" for nothing in particular.

    Args:
        text: as the inventory tells a value; several are parted by backslashes. Of bytes, only
            what was found to be text in them is looked at.
    """
    found = set()
    text = text[:LONGEST_LOOKED_AT]
    if binary := _BINARY.match(text):
        inside = text[binary.end() :].removeprefix(IN_BYTES)
        if not inside:
            return ""
        found.add("B")
        text = inside
    found |= _names(text)
    if _DIGIT.search(text):
        found |= _figures(text)
    if "@" in text and re.search(patterns.MAIL, text):
        found.add("M")
    if _PATH.search(text):
        found.add("U")
    signs = patterns.signs(fold(text))
    if signs & patterns.HOSPITAL and patterns.hospitals(text):
        found.add("H")
    if signs & patterns.STREET and patterns.addresses(text):
        found.add("A")
    if signs & patterns.MONTH and patterns.word_dates(text):
        found.add("D")
    return "".join(letter for letter in LOOKS if letter in found)


def _names(text: str) -> set[str]:
    best = max((name_like(part) for part in text.split("\\")), default=NameLike.NO)
    return {NameLike.YES: {"N"}, NameLike.PERHAPS: {"P"}, NameLike.NO: set[str]()}[best]


def _figures(text: str) -> set[str]:
    found = set()
    if patterns.identity_numbers(text):
        found.add("I")
    if patterns.phones(text):
        found.add("T")
    if patterns.dates(text):
        found.add("D")
    if patterns.towns(text):
        found.add("A")
    if _IDENTIFIER.search(text):
        found.add("C")
    return found
