"""People's names as they are found in texts: in any order, case and spelling, beside initials.

A part of a name counts alone if it has at least four letters and is no ordinary word; shorter
or ordinary parts count only beside another part of the same name.
"""

import re
import unicodedata
from collections.abc import Iterable

from deidentify.patterns import Span
from deidentify.words import is_ordinary

LEAST_LETTERS = 4
LEAST_PLACE_LETTERS = 5
LEAST_GLUED_LETTERS = 7
MOST_GLUED = 4
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[\s^,._\-='’&+]{1,3}")
_MOJIBAKE = {
    "æ": "Ã¦", "ø": "Ã¸", "å": "Ã¥", "Æ": "Ã†", "Ø": "Ã˜", "Å": "Ã…", "é": "Ã©", "ö": "Ã¶",
    "ä": "Ã¤", "ü": "Ã¼",
}  # fmt: skip
_LETTERS = {
    "aa": "(?:aa|å|a)", "å": "(?:å|aa|a)", "ae": "(?:ae|æ|ä|e)", "æ": "(?:æ|ae|ä|e|a)",
    "ä": "(?:ä|æ|ae|a)", "oe": "(?:oe|ø|ö|o)", "ø": "(?:ø|oe|ö|o)", "ö": "(?:ö|ø|oe|o)",
    "ue": "(?:ue|ü|u)", "ü": "(?:ü|ue|u)", "a": "[aåäáàâ]", "o": "[oøöóòô]", "e": "[eéèêë]",
    "u": "[uüúù]", "i": "[iíï]", "c": "[cç]", "n": "[nñ]",
}  # fmt: skip


def folded(word: str) -> str:
    """A word without case and accents, for telling whether two are the same word."""
    plain = word.casefold().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def spelled(word: str) -> set[str]:
    """The spellings of a word that are searched in bytes."""
    ascii_long = word.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    ascii_short = word.replace("æ", "a").replace("ø", "o").replace("å", "a")
    spellings = {word, ascii_long, ascii_short, word.upper()}
    back = word.replace("aa", "å").replace("oe", "ø").replace("ae", "æ")
    return {*spellings, back, back.upper()}


def pattern_of(word: str) -> str:
    """A regular expression for a word in every spelling of its letters."""
    parts = []
    position = 0
    word = word.casefold()
    while position < len(word):
        two, one = word[position : position + 2], word[position]
        if two in _LETTERS:
            parts.append(_LETTERS[two])
            position += 2
            continue
        if one in _LETTERS:
            parts.append(_LETTERS[one])
        else:
            base = unicodedata.normalize("NFKD", one)[0]
            parts.append(f"[{re.escape(one)}{re.escape(base)}]" if base != one else re.escape(one))
        position += 1
    return "".join(parts)


def _glued(people: Iterable[list[str]]) -> frozenset[str]:
    """Two parts of one name written as one word, as codes and file names have them."""
    return frozenset(
        first + second
        for person in people
        for first in person[:MOST_GLUED]
        for second in person[:MOST_GLUED]
        if first != second
        and min(len(first), len(second)) > 1
        and len(first) + len(second) >= LEAST_GLUED_LETTERS
        and not is_ordinary(first + second)
        and not (is_ordinary(first) and is_ordinary(second))
    )


class Names:
    """The names of the people, or places, that one patient's headers tell.

    Args:
        values: as PN holds them: components parted by ^, groups by =; or plain text.
        places: names of institutions, whose common words (hospital, radiology) stay.
    """

    def __init__(self, values: Iterable[str], *, places: bool = False) -> None:
        least = LEAST_PLACE_LETTERS if places else LEAST_LETTERS
        people_words = [[w.casefold() for w in _WORD.findall(value)] for value in values]
        people = [frozenset(person) for person in people_words]
        words = sorted(frozenset().union(*people)) if people else []
        # Three letters that are not plain ASCII (Åse) are hardly ever anything but a name.
        self.strong = frozenset(
            w
            for w in words
            if (len(w) >= least or (len(w) == 3 and not w.isascii() and not places))
            and not is_ordinary(w)
        )
        if not places:
            self.strong |= _glued(people_words)
        weak = [w for w in words if w not in self.strong and len(w) > 1 and not places]
        self._owners = {
            word: frozenset(number for number, person in enumerate(people) if word in person)
            for word in {*words, *self.strong}
        }
        initials = {c for person in people for w in person for c in (w[0], folded(w)[0])}
        self._initials = set() if places else initials
        self._patterns = [
            (re.compile(pattern_of(word)), word, word in self.strong)
            for word in sorted([*self.strong, *weak], key=lambda w: (w not in self.strong, w))
        ]
        broken = [
            re.escape(form)
            for word in self.strong
            for spelling in (word, word.upper(), word.title())
            if any(c in _MOJIBAKE for c in spelling)
            for form in (
                "".join(_MOJIBAKE.get(c, c) for c in spelling),
                spelling.encode().decode("latin-1"),
            )
        ]
        self._broken = re.compile("(?i)" + "|".join(sorted(set(broken)))) if broken else None
        # Names in scripts without word bounds are found as they stand.
        self._raw = [v for value in values for v in re.split(r"[\^=]", value) if "\x1b" in v]
        self._seen: dict[str, tuple[str, bool] | None] = {}

    def find(self, text: str) -> list[Span]:
        """Return where names stand; neighbouring parts are one span."""
        spans: list[Span] = []
        if self._broken:
            spans += [match.span() for match in self._broken.finditer(text)]
        for raw in self._raw:
            start = text.find(raw)
            if start >= 0:
                spans.append((start, start + len(raw)))
        if not self._patterns:
            return spans
        group: list[tuple[int, int, str, bool]] = []
        for match in _WORD.finditer(text):
            known = self._known(match[0])
            if group and not _BETWEEN.fullmatch(text, group[-1][1], match.start()):
                spans += self._closed(group)
                group = []
            if known is not None:
                group.append((*match.span(), *known))
            elif self._is_initial(text, match):
                group.append((*match.span(), "", False))
            else:
                spans += self._closed(group)
                group = []
        return spans + self._closed(group)

    def _is_initial(self, text: str, match: re.Match[str]) -> bool:
        """Whether a letter stands for part of a name: A. or ^A, not the T of T2."""
        if len(match[0]) != 1 or match[0].casefold() not in self._initials:
            return False
        start, end = match.span()
        return text[end : end + 1] == "." or text[max(start - 1, 0) : start] == "^"

    def _known(self, word: str) -> tuple[str, bool] | None:
        """The part of a name that a word is, and whether it counts alone."""
        if len(word) < 2:
            return None
        if word not in self._seen:
            if len(self._seen) > 10_000:
                self._seen.clear()
            bare = word.casefold()
            self._seen[word] = next(
                (
                    (name, is_strong and not is_ordinary(bare))
                    for pattern, name, is_strong in self._patterns
                    if pattern.fullmatch(bare) or (is_strong and bare == name + "s")
                ),
                None,
            )
        return self._seen[word]

    def _closed(self, group: list[tuple[int, int, str, bool]]) -> list[Span]:
        """Decide about neighbouring words: a name, or words that merely look like parts of one."""
        words = [entry for entry in group if entry[2]]
        if not words:
            return []
        if not any(entry[3] for entry in words):
            distinct = {entry[2] for entry in words}
            if len(distinct) < 2:
                return []
            owners = frozenset.intersection(*(self._owners[word] for word in distinct))
            if not owners or all(is_ordinary(word) for word in distinct):
                return []
        # An ordinary word goes only if it touches a part that counts, as in "Head Anna".
        first, last = group[0][0], group[-1][1]
        return [(first, last)]
