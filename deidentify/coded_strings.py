"""Coded strings that say how an instance is to be read: the standard's own words stay.

People have been seen to type names into coded strings, so these are searched for the patient's
name. But somebody may be called Text or Image, and a content item without its value type can
no longer be read.

Source: DICOM PS3.3, enumerated values and defined terms of the attributes listed.
"""

import csv
from functools import lru_cache

from deidentify.elements import TABLES


@lru_cache(maxsize=1)
def _terms() -> dict[int, frozenset[bytes]]:
    with (TABLES / "coded_strings.csv").open(newline="") as file:
        next(file)
        return {
            int(row["tag"], 16): frozenset(
                term.encode() for word in row["terms"].split() for term in _spelled(word)
            )
            for row in csv.DictReader(file)
        }


def _spelled(word: str) -> tuple[str, str]:
    """A term as listed and with blanks: the list is parted by blanks itself."""
    return word, word.replace("_", " ")


def are_standard(tag: int, value: bytes) -> bool:
    """Whether every one of an attribute's values is a word that the standard gives it."""
    terms = _terms().get(tag)
    return terms is not None and all(one.strip(b" \0") in terms for one in value.split(b"\\"))
