"""The results page has parts that are measured apart: each is replaced alone, the others stay."""

import re

FIRST = "# The engine"
"""Stands for the part that the page begins with, whatever its heading is."""


def parts(page: str) -> dict[str, str]:
    """Return the parts of a page by their headings, in order; the first one by FIRST."""
    starts = [0, *(found.start() for found in re.finditer(r"(?m)^# ", page) if found.start())]
    found: dict[str, str] = {}
    for start, end in zip(starts, [*starts[1:], len(page)], strict=True):
        text = page[start:end]
        found[FIRST if start == 0 else text.partition("\n")[0]] = text.rstrip()
    return found


def with_part(page: str, text: str, *, heading: str) -> str:
    """Return a page in which the part of a heading is this one; a new part comes last."""
    return "\n\n".join((parts(page) | {heading: text.rstrip()}).values()) + "\n"
