"""Ordinary words of protocols and anatomy, which are not taken for names.

A patient may be called Head or Test; the word is then removed only beside another part of
the same name.
"""

from functools import lru_cache

from deidentify.elements import TABLES


@lru_cache(maxsize=2)
def _words(name: str) -> frozenset[str]:
    with (TABLES / name).open(encoding="utf-8") as file:
        next(file)
        return frozenset(file.read().split())


def is_ordinary(word: str) -> bool:
    """Whether `word`, in any case, is one of them."""
    return word.casefold() in _words("ordinary_words.txt")


def is_product(word: str) -> bool:
    """Whether `word` is part of a scanner's model name; ordinary in that element alone."""
    return word.casefold() in _words("product_words.txt")
