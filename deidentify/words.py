"""Ordinary words, which are not taken for names, and words that hint at one.

A patient may be called Head or Test; the word is then removed only beside another part of
the same name.
"""

from functools import lru_cache

from deidentify.elements import TABLES

_PLACE_ENDINGS = (
    "isk", "iske", "logi", "logy", "kirurgi", "surgery", "medisin", "medicine", "avdeling",
    "avdelingen", "poliklinikk", "poliklinikken", "sykehus", "sykehuset", "sjukehus", "sjukehuset",
    "senter", "senteret", "sentralen", "klinikk", "klinikken", "hospital", "graphy", "grafi",
    "post", "posten", "seksjon", "seksjonen", "enhet", "enheten", "laboratorium", "diagnostikk",
    "diagnostics", "imaging",
)  # fmt: skip
_TITLE_WORDS = (
    "dr doktor prof professor md phd mr mrs ms fru herr lege overlege jr sr van von der den de "
    "af av og and the del la le di da dos el al"
)
_TITLES = frozenset(_TITLE_WORDS.split())


@lru_cache(maxsize=8)
def _words(name: str) -> frozenset[str]:
    with (TABLES / name).open(encoding="utf-8") as file:
        return frozenset(word for line in file if line[0] != "#" for word in line.split())


def is_ordinary(word: str) -> bool:
    """Whether `word`, in any case, is one of protocols, anatomy, or an eponym of those."""
    return word.casefold() in _words("ordinary_words.txt")


def is_everyday(word: str) -> bool:
    """Whether `word` is one of everyday language as well as a name: stein, vår, berg."""
    return word.casefold() in _words("everyday_words.txt")


def is_eponym(word: str) -> bool:
    """Whether a disease, sign, method or classification is called after somebody of that name."""
    return word.casefold() in _words("eponyms.txt")


def is_product(word: str) -> bool:
    """Whether `word` is part of a scanner's model name; ordinary in that element alone."""
    return word.casefold() in _words("product_words.txt")


def is_title(word: str) -> bool:
    """Whether `word` stands in names without naming anybody."""
    return word.casefold() in _TITLES


def is_place_word(word: str) -> bool:
    """Whether `word` says what a department does rather than where it is."""
    return word.casefold().endswith(_PLACE_ENDINGS)
