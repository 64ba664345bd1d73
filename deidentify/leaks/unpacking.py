"""What is packed inside a value: base64, gzip and zlib streams, zip archives, escaped letters.

Only what is cheap to rule out is looked for in every value. What comes out is searched like a
value of its own, and may hold something packed in its turn. What is packed and cannot be unpacked
to its end is said, so that nothing is taken for clean because it is locked or far too much.

Sources: RFC 4648 section 4 (base64), RFC 1950 (zlib), RFC 1952 (gzip).
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

LEAST_RUN = 16
"""Characters from which on a run of base64 is decoded; shorter ones are searched as they stand."""
MOST_INFLATED = 64 << 20
"""Bytes that are unpacked of one value, whatever is packed in what."""
MOST_STREAMS = 64
"""Streams tried in one value: more beginnings than that are chance."""
TOO_MUCH = "More is packed in the value than can be searched."
LOCKED = "What is packed in the value is locked or damaged, and cannot be searched."
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_MARKS = bytes(120 if code in _ALPHABET + b"\r\n" else 32 for code in range(256))
SHORT = 1024
_LEAST, _LEAST_IN_LONG = b"x" * LEAST_RUN, b"x" * 24
"""Long values are full of the names of things, such as ImageOrientationPatient."""
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_GZIP, _ZIP, _ZIP_END = b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"
_STREAMS = (
    (_GZIP, 16 + zlib.MAX_WBITS),
    *((head, zlib.MAX_WBITS) for head in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")),
)
_escaped = re.compile(rb"&(?:#\d{2,4}|#x[0-9a-fA-F]{2,4}|[a-zA-Z]{2,8});")
_percent = re.compile(rb"[%=][0-9A-Fa-f]{2}")
_backslash_u = re.compile(rb"\\u([0-9a-fA-F]{4})")

Part = tuple[int, int, bytes]
"""A half-open range of the value, and what is packed there."""


@dataclass
class Allowance:
    """How much may still be unpacked of one value, and what was left out of it, in sentences."""

    left: int = MOST_INFLATED
    trouble: set[str] = field(default_factory=set)


def packed_streams(value: bytes, allowance: Allowance | None = None) -> Iterator[Part]:
    """Yield what deflated streams and archives anywhere in a value hold."""
    allowance = allowance or Allowance()
    if _ZIP in value:
        yield from _members(value, allowance)
    tried = 0
    for head, window in _STREAMS:
        at = value.find(head)
        while at >= 0 and tried < MOST_STREAMS:
            tried += 1
            yield from _inflated(value, at, window, allowance)
            at = value.find(head, at + 1)


def base64_runs(value: bytes) -> Iterator[tuple[int, int]]:
    """Yield where long runs of the base64 alphabet stand, line breaks among them."""
    marks = value.translate(_MARKS)
    least = _LEAST if len(value) <= SHORT else _LEAST_IN_LONG
    at = marks.find(least)
    while at >= 0:
        end = marks.find(b" ", at)
        end = len(marks) if end < 0 else end
        yield at, end
        at = marks.find(least, end)


def base64_decoded(run: bytes) -> Iterator[bytes]:
    """Yield a run decoded from each of the four places where its first group may begin."""
    plain = run.translate(_URL_SAFE, b"\r\n")
    for shift in range(4):
        piece = plain[shift:]
        piece = piece[: len(piece) - (len(piece) % 4 == 1)]
        yield b64decode(piece + b"=" * (-len(piece) % 4))


def unescaped(value: bytes) -> Iterator[bytes]:
    """Yield a text with its escapes undone, once per way in which it is escaped."""
    if b"&" in value and _escaped.search(value):
        yield html.unescape(value.decode("latin-1")).encode("utf-8", "replace")
    if (b"%" in value or b"=" in value) and _percent.search(value):
        yield unquote_to_bytes(value.replace(b"=\r\n", b"").replace(b"=", b"%"))
    if b"\\u" in value:
        yield _backslash_u.sub(_letter, value)


def _letter(match: re.Match[bytes]) -> bytes:
    return chr(int(match[1], 16)).encode("utf-8", "replace")


def _inflated(value: bytes, at: int, window: int, allowance: Allowance) -> Iterator[Part]:
    inflater = zlib.decompressobj(window)
    try:
        # at least a byte: no limit is what 0 means
        content = inflater.decompress(memoryview(value)[at:], max(allowance.left, 1))
    except zlib.error:
        return
    allowance.left -= len(content)
    if allowance.left <= 0 and not inflater.eof:
        allowance.trouble.add(TOO_MUCH)
    if content:
        end = len(value) - len(inflater.unused_data) if inflater.eof else len(value)
        yield at, end, content


def _members(value: bytes, allowance: Allowance) -> Iterator[Part]:
    """Names, comments and contents of an archive, as far as they can be read."""
    start, end = value.find(_ZIP), len(value)
    last = value.rfind(_ZIP_END)
    if last >= 0:
        end = min(last + 22 + int.from_bytes(value[last + 20 : last + 22], "little"), end)
    try:
        archive = zipfile.ZipFile(io.BytesIO(value[start:]))
    except Exception:  # noqa: BLE001 - the letters PK stand in many values that are no archives
        return
    with archive:
        yield start, end, archive.comment
        for number, member in enumerate(archive.infolist()):
            yield start, end, member.filename.encode("utf-8", "replace") + b"\n" + member.comment
            if number >= MOST_STREAMS or member.file_size > allowance.left:
                allowance.trouble.add(TOO_MUCH)
                continue
            allowance.left -= member.file_size
            try:
                content = archive.read(member)
            except Exception:  # noqa: BLE001 - locked, damaged, or packed in a way of its own
                allowance.trouble.add(LOCKED)
                continue
            yield start, end, content
