"""Searching the bytes of a file for what was planted, in every encoding and spelling."""

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache

from rdma.selftest.planting.identities import LONG, SHORT

SHORT_NAME = 6
"""Names of fewer letters are looked for at word bounds: Anne is no part of a channel."""

LEAST_NAME = 4
LEAST_PACKED = 6
"""Bytes that are looked for in base64; fewer make letters that stand anywhere."""


@lru_cache(maxsize=50_000)
def pattern(needle: str) -> re.Pattern[bytes]:
    """Return what finds `needle` in lower-cased bytes, whatever its case and encoding."""
    spellings = {needle, needle.translate(LONG), needle.translate(SHORT)}
    if len(needle) < LEAST_NAME:
        # Åse without its ring is a part of many words, and in binary data of anything.
        spellings = {needle}
    if needle.isdigit() and len(needle) == 11:
        spellings |= {f"{needle[:6]}{gap}{needle[6:]}" for gap in " -."}
    forms: set[bytes] = set()
    for spelling in spellings:
        for cased in (spelling.lower(), spelling.upper(), spelling):
            for codec in ("latin-1", "utf-8", "utf-16-le", "utf-16-be"):
                forms.add(cased.encode(codec, "ignore").lower())
            forms.add(cased.encode().decode("latin-1").encode("utf-8").lower())
            forms.add(cased.encode("latin-1", "ignore").hex().encode())
    for codec in ("latin-1", "utf-8"):
        forms.update(_in_base64(needle.encode(codec, "ignore")))
    if needle.isdigit():
        return _number(forms)
    joined = b"|".join(re.escape(form) for form in sorted(forms) if len(form) >= 3)
    if needle.isalpha() and len(needle) < SHORT_NAME:
        return re.compile(rb"(?<![a-z\x80-\xff])(?:" + joined + rb")(?![a-z\x80-\xff])")
    return re.compile(joined)


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Yield what stands in base64 wherever `raw` begins in its groups of three bytes."""
    for skipped in range(3):
        whole = raw[skipped : skipped + (len(raw) - skipped) // 3 * 3]
        if len(whole) >= LEAST_PACKED:
            yield b64encode(whole).lower()


def _number(forms: set[bytes]) -> re.Pattern[bytes]:
    """Look for a number where no further figure touches it: new UIDs are long rows of figures."""
    joined = b"|".join(re.escape(form) for form in sorted(forms))
    return re.compile(rb"(?<![0-9])(?:" + joined + rb")(?![0-9])")


def is_in(needle: str, haystack: bytes) -> bool:
    """Whether `needle` stands in `haystack`, lower-cased bytes."""
    return pattern(needle).search(haystack) is not None
