"""Words that cannot be told from ordinary image headers.

A patient called HEAD, or a physician field that says UNKNOWN, must not raise an alarm in every
study: such words are searched in their own element only, or not at all, and that is said. The
lists are data, in `common_words.txt`.
"""

from __future__ import annotations

from pathlib import Path


def _sections() -> dict[str, frozenset[str]]:
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    parts = [part.partition("]") for part in text.split("[")[1:]]
    return {name: frozenset(words.split()) for name, _, words in parts}


_LISTS = _sections()

PLACEHOLDERS = _LISTS["placeholders"]
"""Values that hold no information: never a search term, and no finding if they are left."""

COMMON_WORDS = _LISTS["ordinary"]
"""Ordinary words of protocols, anatomy and departments, English and Norwegian."""

EVERYDAY_WORDS = _LISTS["everyday"]
"""Words of everyday language that people are called as well: a name where written with a capital,
and no finding in lower case."""

INSTITUTION_WORDS = _LISTS["institutions"]
"""Words of institutions, departments and makers that do not tell one from another."""

TITLES = _LISTS["titles"]
"""Parts of a person's name that name nobody."""
