"""Bytes to text, for searching: never fails, whatever Specific Character Set says.

Source: DICOM PS3.3 C.12.1.1.2, PS3.5 section 6.1.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

_LATIN_1 = frozenset({b"ISO_IR 100", b"ISO 2022 IR 100"})
_UTF_8 = frozenset({b"ISO_IR 192"})
_DELIMITERS = set(b"\\^=\r\n\t")
"""Characters that end the effect of an escape sequence (PS3.5 6.1.2.5.3), as codes."""


def decoded(raw: bytes, character_set: bytes) -> str:
    """Return the text of `raw`; without a usable label UTF-8 is tried, then Latin-1."""
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    label = character_set.strip(b" \0")
    if label in _LATIN_1:
        return raw.decode("latin-1")
    if label and label not in _UTF_8:
        text = _with_extensions(raw, label)
        if text is not None:
            return text
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def is_searchable_as_bytes(character_set: bytes) -> bool:
    """Say whether folding byte by byte sees every spelling of a name in this character set."""
    label = character_set.strip(b" \0")
    return not label or label in _LATIN_1


def _with_extensions(raw: bytes, label: bytes) -> str | None:
    # late: pydicom is needed for rare character sets only, and costs start-up time
    from pydicom.charset import decode_bytes

    encodings = _encodings(label)
    if encodings is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text: str = decode_bytes(raw, list(encodings), _DELIMITERS)
        except (UnicodeError, LookupError, ValueError):
            return None
    return text


@lru_cache(maxsize=256)
def _encodings(label: bytes) -> tuple[str, ...] | None:
    from pydicom.charset import convert_encodings

    names = [name.strip() for name in label.decode("latin-1").split("\\")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return tuple(convert_encodings(names))
        except (UnicodeError, LookupError, ValueError):
            return None
