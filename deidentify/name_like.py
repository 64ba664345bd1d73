"""Whether a text holds somebody's name, with nothing known of whose it may be.

Nobody is looked for here: what counts is how words are written and which words they are. A name
is at least two words side by side of which none is one of protocols, anatomy, products or the
standard itself, or one that many people bear. One unknown word alone is only perhaps a name.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

from deidentify.cues import announced_names
from deidentify.elements import TABLES
from deidentify.leaks.common_words import COMMON_WORDS, INSTITUTION_WORDS, PLACEHOLDERS
from deidentify.private_elements import safe_elements
from deidentify.profiles import CODES
from deidentify.words import (
    is_eponym,
    is_everyday,
    is_ordinary,
    is_place_word,
    is_product,
    is_title,
)

LEAST_UNKNOWN = 3
"""Letters that each unknown word of a name has at least; a known name may be shorter."""
LEAST_ALONE = 4
"""Letters of a single unknown word that may be a name."""

_WORD = re.compile(r"[A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+(?:[-'’][A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+)*|[^\W\d_]+")
_BETWEEN = re.compile(r"[ ^_.]|, ?|\. |")
_GLUE = frozenset({"", "_", "."})
"""Between parts of codes and file names as well as of names: one part must be known for a name."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FIGURE = re.compile(r"[\d_]")
_LETTERS = re.compile(r"[^\W\d_]{2}")
# Endings of words that are said of things: no family is called so.
_OF_THINGS = (
    "tion", "sjon", "ology", "logi", "grafi", "graphy", "metry", "scopy", "osis", "itis", "emia",
    "pathy", "weighted", "kontroll", "kontrolle", "controle", "opptak", "bilder", "serie", "ing",
    "mode", "scan", "view", "test", "ness", "ment", "ance", "ence", "ity", "ical", "able",
)  # fmt: skip
# Words of vendors' own headers that no standard has.
_SOFTWARE = (
    "inline combine composing compose recon prio tooltip label enables invokes ucum osirix syngo "
    "mosaic bore local coil stack"
)
_OF_SOFTWARE = frozenset(_SOFTWARE.split())


class NameLike(IntEnum):
    """How much a text looks like somebody's name."""

    NO = 0
    PERHAPS = 1
    YES = 2


class _Kind(IntEnum):
    """What one word may be."""

    KNOWN = 0  # of protocols, anatomy, products, the standard
    LOWER = 1  # unknown, and not written as a name is
    INITIAL = 2
    PARTICLE = 3
    UNKNOWN = 4  # written with a capital
    CAPITALS = 5  # unknown, all in capitals, as protocols are as well
    EVERYDAY = 6  # a name and a word
    BORNE = 7  # a name that many people bear


def name_like(text: str) -> NameLike:
    """Say whether a text holds a name: at once, with no dictionary of people behind it."""
    if not _LETTERS.search(text):
        return NameLike.NO
    if announced_names(text):
        return NameLike.YES
    words = [(m[0], m.start(), m.end()) for m in _WORD.finditer(text)]
    kinds = [_kind(word, text, end) for word, _, end in words]
    for (first, second), (one, other) in zip(pairwise(words), pairwise(kinds), strict=True):
        between = text[first[2] : second[1]]
        if _BETWEEN.fullmatch(between) and _is_pair(one, other, first[0], second[0], between):
            return NameLike.YES
    if any(kind is _Kind.BORNE and not word[0].islower()
           for (word, *_), kind in zip(words, kinds, strict=True)):  # fmt: skip
        return NameLike.YES if len(words) == 1 else NameLike.PERHAPS
    alone = (
        kind in (_Kind.UNKNOWN, _Kind.CAPITALS)
        and len(word) >= LEAST_ALONE
        and not _FIGURE.search(text[max(0, start - 1) : start] + text[end : end + 1])
        for (word, start, end), kind in zip(words, kinds, strict=True)
    )
    return NameLike.PERHAPS if any(alone) else NameLike.NO


def _is_pair(one: _Kind, other: _Kind, first: str, second: str, between: str) -> bool:
    """Say whether two words side by side are parts of one name."""
    kinds = {one, other}
    if _Kind.KNOWN in kinds or _Kind.PARTICLE in kinds:
        return False
    if _Kind.BORNE in kinds:
        return kinds == {_Kind.BORNE} or _is_written_alike(first, second)
    if _Kind.LOWER in kinds:
        return False
    if one is _Kind.INITIAL or other is _Kind.INITIAL:
        # K. Nordheim; a letter without a dot belongs to protocols as well
        return between.startswith(".") and max(len(first), len(second)) >= LEAST_ALONE
    if between in _GLUE:
        return False
    if min(len(first), len(second)) < LEAST_UNKNOWN and _Kind.EVERYDAY not in kinds:
        return False
    # protocols are named in capitals too, but hardly parted as PN parts a name
    is_parted = between.strip() in ("^", ",")
    return _is_written_alike(first, second) and (is_parted or _Kind.CAPITALS not in kinds)


def _is_written_alike(first: str, second: str) -> bool:
    """Say whether both begin with a capital, or both are in capitals."""
    return (
        first[0].isupper()
        and second[0].isupper()
        and (min(len(first), len(second)) == 1 or first.isupper() == second.isupper())
    )


def _kind(word: str, text: str, end: int) -> _Kind:
    folded = word.casefold()
    if len(word) == 1:
        return _Kind.INITIAL if word.isupper() and text[end : end + 1] == "." else _Kind.KNOWN
    if is_title(folded):
        return _Kind.PARTICLE
    if is_everyday(folded):
        return _Kind.EVERYDAY if word[0].isupper() else _Kind.KNOWN
    if is_ordinary(folded) or is_product(folded):
        return _Kind.KNOWN
    if folded in _borne() or all(part in _borne() for part in re.split(r"[-'’]", folded)):
        return _Kind.BORNE
    if (
        folded in _technical()
        or folded in _OF_SOFTWARE
        or is_eponym(folded)
        or is_place_word(folded)
        or folded.endswith(_OF_THINGS)
    ):
        return _Kind.KNOWN
    if word[0].islower():
        return _Kind.LOWER
    return _Kind.CAPITALS if word.isupper() else _Kind.UNKNOWN


@lru_cache(maxsize=1)
def _borne() -> frozenset[str]:
    """Names that many bear, in lower case, with and without their Norwegian letters."""
    text = (TABLES / "common_names.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line[:1] not in ("#", "["))
    names = {word for line in lines for word in line.split()}
    plain = {
        name.replace("ø", letter).replace("å", other).replace("æ", "ae")
        for name in names
        for letter, other in (("o", "a"), ("oe", "aa"))
    }
    return frozenset(names | plain)


@lru_cache(maxsize=1)
def _technical() -> frozenset[str]:
    """Words of the standard and of makers: keywords, coded strings, private creators."""
    keywords = (TABLES / "elements.txt").read_text().splitlines()
    words = {
        part.casefold()
        for line in keywords[1:]
        for part in _HUMP.split(line.rpartition(" ")[2])
    }  # fmt: skip
    for name in ("coded_strings.csv", "enumerated_values.txt"):
        table = (TABLES / name).read_text(encoding="utf-8")
        words |= {word.casefold() for word in re.findall(r"[^\W\d_]+", table)}
    for _, creator in safe_elements():
        words |= {word.casefold() for word in re.findall(r"[^\W\d_]+", creator)}
    meanings = " ".join(meaning for _, meaning in CODES.values())
    words |= {word.casefold() for word in re.findall(r"[^\W\d_]+", meanings)}
    return frozenset(words | COMMON_WORDS | INSTITUTION_WORDS | PLACEHOLDERS)
