"""Labels of BIDS: letters and digits, nothing else; two things never get the same one."""

import re
import unicodedata
from collections.abc import Iterable

from exports.errors import ExportError
from exports.naming.safe import SPELLED

OTHERS = re.compile(r"[^A-Za-z0-9]+")
LONGEST = 48


def label(text: str) -> str:
    """Return the letters and digits of a text; "" if there are none."""
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED))
    return OTHERS.sub("", plain)[:LONGEST]


def labels_of(names: Iterable[str], *, what: str) -> dict[str, str]:
    """Return the label by name. `what` is what they are, in the plural, for the sentence.

    Raises ExportError if one has none, or two have the same (capitals do not tell apart, since
    some file systems do not).
    """
    given: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in sorted(set(names)):
        short = label(name)
        if not short:
            raise ExportError(f"BIDS needs letters or digits, and one of the {what} has none.")
        if short.casefold() in taken:
            raise ExportError(
                f"BIDS leaves letters and digits alone, and then two of the {what} have the same "
                "name. Export them in two packages, or give one of them another identifier."
            )
        taken[short.casefold()] = name
        given[name] = short
    return given
