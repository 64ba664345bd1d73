"""What counts as the same: letters without case and accents, words without separators.

Bytes are folded one to one, so that a hit's position is a position in the file. Latin-1's
letters lose their accents (`Å` becomes `a`); in UTF-8 only case and accents of ASCII letters
can fold byte by byte, so the search terms bring their UTF-8 forms along.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_ONE_LETTER = {"æ": "e", "œ": "e", "ø": "o", "ð": "d", "þ": "t", "ß": "s", "ł": "l", "đ": "d",
    "ŋ": "n", "ŧ": "t", "ǥ": "g", "ʒ": "z", "ǯ": "z",
}  # fmt: skip
_TWO_LETTERS = {
    "å": "aa",
    "æ": "ae",
    "ø": "oe",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "œ": "oe",
}
_SEPARATORS = " \t\r\n\0-_.,;:/\\^='\"()[]{}+*<>|"

SEPARATORS = _SEPARATORS.encode()


def fold(text: str) -> str:
    """Return `text` in lower case and without accents; `æ`, `ø`, `ß` as one letter each."""
    lower = "".join(_ONE_LETTER.get(letter, letter) for letter in text.casefold())
    parts = unicodedata.normalize("NFKD", lower)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _fold_latin_1(code: int) -> int:
    letter = fold(chr(code)) if chr(code) != "ß" else "s"
    is_letter = chr(code).isalpha() and len(letter) == 1 and ord(letter) < 128
    return ord(letter) if is_letter else code


FOLD_TABLE = bytes(_fold_latin_1(code) for code in range(256))


def fold_bytes(data: bytes) -> bytes:
    """Fold every byte as a Latin-1 letter; the length stays."""
    return data.translate(FOLD_TABLE)


def compact(folded: bytes) -> bytes:
    """Return folded bytes without separators; positions are lost."""
    return folded.translate(None, SEPARATORS)


def compact_text(text: str) -> str:
    """Return folded text without separators."""
    return "".join(letter for letter in fold(text) if letter not in _SEPARATORS)


def normalised(text: str) -> str:
    """Return folded text whose runs of separators are single spaces: for comparing values."""
    table = str.maketrans(dict.fromkeys(_SEPARATORS, " "))
    return " ".join(fold(text).translate(table).split())


def spelled(text: str) -> str:
    """Return `text` in lower case with single spaces for separators, accents kept."""
    table = str.maketrans(dict.fromkeys(_SEPARATORS, " "))
    return " ".join(text.lower().translate(table).split())


def words(text: str) -> list[str]:
    """Return the words of `text`, folded, in their order."""
    return normalised(text).split()


def transliterations(word: str) -> Iterable[str]:
    """Yield lower-case ways to write a name: `bjørn`, `bjoern`, `bjorn`; `aase`, `ase`.

    Both directions, because a header may hold one way and a text the other.
    """
    lower = unicodedata.normalize("NFC", word.lower())
    seen = {lower}
    seen.add("".join(_TWO_LETTERS.get(letter, letter) for letter in lower))
    seen.add(fold(lower))
    plain = fold(lower)
    for two, one in (("aa", "a"), ("oe", "o"), ("ae", "e"), ("ue", "u")):
        seen |= {form.replace(two, one) for form in tuple(seen) if form.isascii() and two in form}
    for two, one in (("aa", "å"), ("oe", "ø"), ("ae", "æ")):
        if two in plain:
            seen.add(plain.replace(two, one))
    return sorted(seen)
