"""Patterns of values that a reviewer types: regular expressions that take linear time (RE2).

A pattern speaks of whole values: `MR\\d+` is no verdict on `MR1 of Olga`.
"""

from collections.abc import Iterable, Iterator

import re2
from django.core.exceptions import ValidationError

from review.models import Element, ElementValue

LONGEST = 200
MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern; above it the pattern is refused."""
CHUNK = 2000
NAMES = ("Olga Nordmann", "NORDMANN^OLGA", "Nordmann, Olga")
"""Invented: a pattern that calls such a value safe calls text safe that nobody has read."""


class ValuePattern:
    """A pattern that was checked."""

    def __init__(self, text: str) -> None:
        """Raise ValidationError for what is no pattern."""
        self.text = text.strip()
        if not self.text:
            raise ValidationError("Type a pattern, such as MR[0-9]+.")
        if len(self.text) > LONGEST:
            raise ValidationError(f"A pattern has at most {LONGEST} characters.")
        options = re2.Options()
        options.max_mem = MEMORY
        options.log_errors = False
        try:
            self._compiled = re2.compile(self.text, options)
        except re2.error as error:
            raise ValidationError(
                "This is no regular expression that can be used here; look-around and "
                "back-references are not known."
            ) from error

    def fits(self, value: str) -> bool:
        """Tell whether the whole value is as the pattern says; upper and lower case differ."""
        return self._compiled.fullmatch(value) is not None

    def refuse_names(self) -> None:
        """Raise ValidationError for a pattern that a person's name fits as well."""
        if any(self.fits(name) for name in NAMES):
            raise ValidationError(
                "A person's name fits this pattern too, so it cannot say that values are safe: "
                "they would be, whatever is written. Say more exactly what safe ones look like."
            )

    def among(self, rows: Iterable[tuple[int, str]]) -> Iterator[int]:
        """Yield the ids of the values that fit, of pairs of id and text."""
        return (number for number, text in rows if self.fits(text))

    def values_of(self, element: Element) -> list[int]:
        """Return the ids of all listed values of an element that fit."""
        rows = ElementValue.objects.filter(element=element).values_list("value_id", "value__text")
        return list(self.among(rows.iterator(chunk_size=CHUNK)))
