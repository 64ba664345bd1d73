"""Texts inside binary values that look as if they named or numbered somebody.

Vendors keep whole headers in their private bytes, thousands of short texts each. Only runs that
have the form of what identifies are told, the first few of them; all else is a length and a
digest, as for any bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from deidentify.looks import IN_BYTES, looks_of

MOST_TOLD = 5
LONGEST_RUN = 200
MOST_CANDIDATES = 500
SURE = frozenset("INMTA")
"""Looks for which a run inside bytes is told."""

# Every byte as the kind of letter it is, so that forms are found as plain bytes.
_KINDS = bytes(
    97
    if 97 <= code <= 122 or code >= 0xDF or 0x80 <= code < 0xC0
    else 65
    if 65 <= code <= 90 or 0xC0 <= code < 0xDF
    else 48
    if 48 <= code <= 57
    else code
    if code in b" ,^@+"
    else 32
    if code in b"_."
    else 0
    for code in range(256)
)
_FORMS = (b"a Aa", b"a, Aa", b"a^A", b"A^A", b"a@a", b"0@a", b"0" * 11, b"000000 00000", b"+00")
"""A name of two words, or as PN parts it; an e-mail; eleven digits; a telephone number."""
_NOT_PRINTED = re.compile(rb"[\x00-\x1f\x7f]")


def texts_in(raw: bytes) -> str:
    """Return what the bytes of one binary value say of people, "" for nothing.

    Args:
        raw: any bytes; what is found is read as UTF-8 if it can be, else as Latin-1.
    """
    told: list[str] = []
    end = 0
    for start in _candidates(raw):
        if start < end:
            continue
        first, end = _run(raw, start)
        text = _identifying(raw[first:end])
        if text and text not in told:
            told.append(text)
            if len(told) == MOST_TOLD:
                break
    return f"{IN_BYTES}{' · '.join(told)}" if told else ""


def _candidates(raw: bytes) -> list[int]:
    """Return where something stands that has one of the forms."""
    kinds = raw.translate(_KINDS)
    found: list[int] = []
    for form in _FORMS:
        at = kinds.find(form)
        while at >= 0 and len(found) < MOST_CANDIDATES:
            found.append(at)
            at = kinds.find(form, at + 1)
    return sorted(found)


@lru_cache(maxsize=4096)
def _identifying(run: bytes) -> str:
    """Return a run as text if it looks like what identifies, else ""; the same for every image."""
    text = _decoded(run).strip()
    return text if SURE & set(looks_of(text)) else ""


def _run(raw: bytes, at: int) -> tuple[int, int]:
    """Return the printable run around what was found, no longer than is told."""
    first = max(0, at - LONGEST_RUN // 2)
    for match in _NOT_PRINTED.finditer(raw, first, at):
        first = match.end()
    after = _NOT_PRINTED.search(raw, at, at + LONGEST_RUN)
    return first, after.start() if after else min(at + LONGEST_RUN, len(raw))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
