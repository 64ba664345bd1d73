"""Letters and digits as they are compared: without case, accents and what stands between them.

`spellings` gives the ways in which a name may be written, each as it looks after folding.
"""

import unicodedata
from itertools import product

MOST_SPELLINGS = 96
_SPECIAL = {
    "æ": "ae", "ø": "o", "œ": "oe", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ı": "i", "ħ": "h",
    "ŋ": "n", "ß": "ss", "ŧ": "t", "ǥ": "g", "ʒ": "z",
}  # fmt: skip
# What a letter, or two, may be in another's spelling. "" is a letter that was lost on the way.
_WAYS = {
    "å": ("a", "aa"), "ø": ("o", "oe"), "æ": ("ae", "a", "e"), "ä": ("a", "ae"), "ö": ("o", "oe"),
    "ü": ("u", "ue"), "aa": ("aa", "a"), "oe": ("oe", "o"), "ae": ("ae", "a", "e"),
    "ue": ("ue", "u"),
}  # fmt: skip


class _Table(dict[int, str]):
    """Folds one character; what was folded once is remembered."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded(chr(code))
        return found


def _folded(letter: str) -> str:
    lower = "".join(_SPECIAL.get(one, one) for one in letter.casefold())
    parts = unicodedata.normalize("NFKD", lower)
    return "".join(one for one in parts if one.isalnum() and not unicodedata.combining(one))


TABLE = _Table({code: _folded(chr(code)) for code in range(256)})


def fold(text: str) -> str:
    """Return the letters and digits of a text, in lower case and without accents."""
    return text.translate(TABLE)


def places(text: str) -> list[int]:
    """For each character of the folded text, which one of the text it comes from."""
    return [number for number, letter in enumerate(text) for _ in TABLE[ord(letter)]]


def spellings(word: str) -> dict[str, bool]:
    """The folded ways to write a name; the value says whether letters are missing in it.

    Æ, ø and å may stand for two letters and two letters for them. Where a text was converted
    carelessly they are missing, or a question mark stands for them.
    """
    word = unicodedata.normalize("NFC", word.casefold())
    choices: list[tuple[str, ...]] = []
    position = 0
    while position < len(word):
        two, one = word[position : position + 2], word[position]
        if two in _WAYS:
            choices.append(_WAYS[two])
            position += 2
        else:
            choices.append(_WAYS.get(one) or (TABLE[ord(one)],))
            position += 1
    found: dict[str, bool] = {}
    for letters in product(*choices):
        if len(found) >= MOST_SPELLINGS:
            break
        found["".join(letters)] = False
    if not word.isascii():
        found.setdefault("".join(c for c in word if c.isascii() and c.isalnum()), True)
    return found
