"""Finding pseudonyms in texts however they are spelled: BICAM_0012, bicam-0012, Bicam 0012.

Letters and digits count, case does not, and between them may stand whatever is neither. Short ones
count as whole words alone, or every other text would hold one.
"""

import re
from collections.abc import Callable, Iterable, Iterator

BETWEEN = "[^A-Za-z0-9]*"
SHORTEST_INSIDE = 6
"""Letters and digits from which on a pseudonym is found inside of a longer word too."""
_PARTS = re.compile("[A-Za-z]+|[0-9]+")
_NUMBER = re.compile(rb"[-+0-9.,eE\\ \0]*")
_NOBODY = "(?!)"


class Pseudonyms:
    """The pseudonyms of some participants, compiled once.

    Args:
        pseudonyms: of all that are meant.
        as_words: only where they are whole words, since another's may begin like one of them.
    """

    def __init__(self, pseudonyms: Iterable[str], *, as_words: bool = False) -> None:
        self._by_plain: dict[str, str] = {}
        for pseudonym in sorted(pseudonyms):
            self._by_plain.setdefault(_plain(pseudonym), pseudonym)
        self._by_plain.pop("", None)
        expression = "|".join(_expressions(self._by_plain.values(), as_words)) or _NOBODY
        self._in_text = re.compile(expression, re.IGNORECASE | re.ASCII)
        self._in_bytes = re.compile(expression.encode(), re.IGNORECASE)

    def stand_in(self, value: bytes) -> bool:
        """Tell whether one of them stands in a stored value, in any character set of DICOM."""
        return self._in_bytes.search(value) is not None

    def stand_in_words(self, value: bytes) -> bool:
        """Tell the same of a value that may be a number, which is no pseudonym."""
        return not _NUMBER.fullmatch(value) and self.stand_in(value)

    def replaced(self, text: str, new: Callable[[str], str]) -> str:
        """Return a text with `new` of each pseudonym where one stood."""
        return self._in_text.sub(lambda found: new(self._by_plain[_plain(found[0])]), text)


def _plain(text: str) -> str:
    return "".join(_PARTS.findall(text)).lower()


def _expressions(pseudonyms: Iterable[str], as_words: bool) -> Iterator[str]:
    """Yield an expression for all that differ in their last part alone, the longest of it first."""
    groups: dict[tuple[bool, tuple[str, ...]], set[str]] = {}
    for pseudonym in pseudonyms:
        *before, last = _PARTS.findall(pseudonym)
        is_word = as_words or len(_plain(pseudonym)) < SHORTEST_INSIDE
        groups.setdefault((is_word, tuple(before)), set()).add(last)
    for (is_word, first), lasts in groups.items():
        last = "|".join(sorted(lasts, key=lambda part: (-len(part), part)))
        whole = BETWEEN.join([*first, f"(?:{last})"])
        yield f"(?<![A-Za-z0-9]){whole}(?![A-Za-z0-9])" if is_word else whole
