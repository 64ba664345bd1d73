"""Texts that stand inside others as base64 or as hexadecimal digits: programs pack names so.

What unpacks to letters is read like any other text; long words and numbers unpack to nonsense.

Source: RFC 4648 sections 4 and 8.
"""

import base64
import re
from collections.abc import Iterator

LEAST = 12
_RUN = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{12,}={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_READABLE = 0.8


def may_be_packed(text: str) -> bool:
    """Whether a run of letters and digits is long enough to be a packed text."""
    return len(text) >= LEAST and _RUN.search(text) is not None


def unpacked(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where packed texts stand, half open, and what they say."""
    for match in _RUN.finditer(text):
        for value in _values(match[0]):
            if letters := _letters(value):
                yield *match.span(), letters


def _values(run: str) -> Iterator[bytes]:
    if _HEX.fullmatch(run):
        yield bytes.fromhex(run)
    bare = run.rstrip("=")
    if len(bare) % 4 != 1:
        yield base64.b64decode(bare + "=" * (-len(bare) % 4))


def _letters(value: bytes) -> str:
    """What bytes say; "" if they are no text."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        readable = sum(32 <= byte < 127 for byte in value)
        if readable < _READABLE * len(value):
            return ""
        text = value.decode("latin-1")
    return text if text.isprintable() else ""
