"""People's names as they are found in texts: in any order, case and spelling, beside initials.

How much a part of a name counts:
    ALONE        at least four letters and no ordinary word: wherever it stands for itself
    CAPITALISED  three letters, or a word of everyday language (Stein, Vår): unless in lower case
    BESIDE       two letters, or a word of protocols and anatomy (Hand, Long): only beside another
                 part of the same name, or after words that a name follows
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

from deidentify.folding import fold, spellings
from deidentify.words import is_everyday, is_ordinary, is_place_word, is_title

ALONE, CAPITALISED, BESIDE = 2, 1, 0
LEAST_LETTERS = 4
LEAST_PLACE_LETTERS = 5
LEAST_GLUED_LETTERS = 4
LEAST_LOSSY_LETTERS = 6
MOST_GLUED = 4
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’`´][^\W\d_]+)+")
# Scripts that do not part words: Thai, Korean, Japanese, Chinese.
_UNBOUNDED = r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff\uff66-\uff9f]"


class Part(NamedTuple):
    """One way to write one part of somebody's name.

    Attributes:
        word: as the header has it, in lower case.
        owners: the numbers of the people who are called so.
        counts: ALONE, CAPITALISED or BESIDE.
        is_lossy: letters are missing in this way.
        is_unbounded: in a script that does not part words.
    """

    word: str
    owners: frozenset[int]
    counts: int
    is_lossy: bool = False
    is_unbounded: bool = False


def _is_unbounded(word: str) -> bool:
    # Compiled when first needed: it is large, and most names are of letters that come before.
    return not word.isascii() and max(word) >= "\u0e00" and bool(re.search(_UNBOUNDED, word))


def spelled(word: str) -> set[str]:
    """The spellings of a word that are searched in bytes."""
    ascii_long = word.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    ascii_short = word.replace("æ", "a").replace("ø", "o").replace("å", "a")
    # Bytes above 127 have no lower case: Ødegård is neither ødegård nor ØDEGÅRD.
    spellings = {word, ascii_long, ascii_short, word.upper(), word.title()}
    back = word.replace("aa", "å").replace("oe", "ø").replace("ae", "æ")
    bare = {_unaccented(ascii_long), _unaccented(ascii_short)}
    return {*spellings, *bare, back, back.upper(), back.title()}


def _unaccented(word: str) -> str:
    parted = unicodedata.normalize("NFKD", word)
    return "".join(one for one in parted if not unicodedata.combining(one))


class Names:
    """The names of the people, or places, that one patient's headers tell.

    Args:
        values: as PN holds them: components parted by ^, groups by =; or plain text.
        places: names of institutions, whose common words (hospital, radiology) stay.

    Attributes:
        strong: the words that count alone, in lower case.
        parts: what is looked for, by its folded spelling.
        pairs: two parts of one name, in either order.
        initials: by person, the first letters of the parts of the name, in their order.
    """

    def __init__(self, values: Sequence[str], *, places: bool = False) -> None:
        read = _place_words if places else _words
        people = [read(value) for value in values]
        owners: dict[str, set[int]] = {}
        for number, person in enumerate(people):
            for word in person:
                owners.setdefault(word, set()).add(number)
        self.parts: dict[str, Part] = {}
        self.initials = [] if places else [tuple(fold(w)[:1] for w in person) for person in people]
        strong = set()
        for word, numbers in owners.items():
            counts = _place_counts(word) if places else _counts(word)
            if counts is None:
                continue
            if counts == ALONE:
                strong.add(word)
            self._add(word, Part(word, frozenset(numbers), counts))
        if not places:
            for number, value in enumerate(values):
                for group in value.split("="):
                    for word in _glued(_words(group)) | _with_particles(group):
                        strong.add(word)
                        self._add(word, Part(word, frozenset({number}), ALONE))
        self.strong = frozenset(strong)
        self.pairs = frozenset(() if places else (p for one in people for p in _pairs(one)))

    def initial_pairs(self) -> frozenset[str]:
        """The initials of two or three parts of one name, in any order."""
        found = set()
        for person in self.initials:
            for number in (2, 3):
                found |= {"".join(some) for some in permutations(person[:MOST_GLUED], number)}
        return frozenset(found)

    def _add(self, word: str, part: Part) -> None:
        if _is_unbounded(word):
            part = part._replace(is_unbounded=True)
        for form, is_lossy in spellings(word).items():
            bare = fold(form)
            least = LEAST_LOSSY_LETTERS - 2 if is_lossy else min(len(word), LEAST_LETTERS)
            if len(bare) < min(least, 2 if part.is_unbounded else least) or not bare:
                continue
            if form != word and part.counts and is_ordinary(bare):
                continue
            known = self.parts.get(bare)
            new = part._replace(is_lossy=is_lossy)
            if known is not None:
                if known.is_lossy or known.counts < part.counts:
                    known, new = new, known
                new = known._replace(owners=known.owners | new.owners)
            self.parts[bare] = new


def _words(value: str) -> list[str]:
    """The words of a name, without titles; O'Brien also as one word."""
    value = unicodedata.normalize("NFC", value)
    joined = [re.sub(r"\W", "", token).casefold() for token in _TOKEN.findall(value)]
    found = [*joined, *(word.casefold() for word in _WORD.findall(value))]
    return [word for word in found if not is_title(word)]


def _place_words(value: str) -> list[str]:
    """The words with a capital: in lower case they say what is done there, not where it is.

    A description that somebody typed where a department belongs would take its words out of
    every other description.
    """
    found = _WORD.findall(unicodedata.normalize("NFC", value))
    return [word.casefold() for word in found if not word.islower()]


def _counts(word: str) -> int | None:
    if _is_unbounded(word):
        return ALONE if len(word) > 1 else None
    if len(word) < 2:
        return None
    if is_ordinary(word) or len(word) == 2:
        return BESIDE
    if len(word) < LEAST_LETTERS or is_everyday(word):
        # Three letters that are not plain ASCII (Åse) are hardly ever anything but a name.
        return CAPITALISED if word.isascii() or is_everyday(word) else ALONE
    return ALONE


def _place_counts(word: str) -> int | None:
    if is_ordinary(word) or is_place_word(word):
        return None
    if _is_unbounded(word):
        return ALONE if len(word) > 1 else None
    return ALONE if len(word) >= LEAST_PLACE_LETTERS and not is_everyday(word) else None


def _pairs(person: list[str]) -> set[tuple[str, str]]:
    """Two parts of one name that together are nobody else's and no word."""
    some = person[:MOST_GLUED]
    return {
        (first, second)
        for first in some
        for second in some
        if first != second
        and (min(len(first), len(second)) > 1 or _is_unbounded(first))
        and (len(first) + len(second) >= LEAST_GLUED_LETTERS or _is_unbounded(first))
        and not is_ordinary(first + second)
        and not (is_ordinary(first) and is_ordinary(second))
    }


def _with_particles(group: str) -> set[str]:
    """El-Amrani and von Krogh as one word each, as codes and logins have them."""
    words = _WORD.findall(unicodedata.normalize("NFC", group).casefold())
    return {
        first + second
        for first, second in pairwise(words)
        if is_title(first) and not is_title(second) and len(second) >= LEAST_LETTERS
    }


def _glued(person: list[str]) -> set[str]:
    """Two parts of one name written as one word, as codes and file names have them."""
    some = person[:MOST_GLUED]
    pairs = {first + second for first, second in _pairs(person)}
    if len(some) > 2:
        pairs |= {"".join([*some[1:], some[0]]), "".join(some)}
    return pairs
