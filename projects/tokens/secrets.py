"""The text of a token: drawn, told once, known again by its checksum, kept as a digest.

    rdma_<43 characters: 256 random bits><6 characters: CRC-32 of them>

The prefix and the checksum let a secret scanner tell a leaked token from any other text without
asking the portal. One plain SHA-256 is kept: a slow hash protects words that people choose, which
can be guessed; 256 random bits cannot, and a slow hash on every request would be a way to wear the
portal out.
"""

import hashlib
import re
import secrets
import zlib

PREFIX = "rdma_"
SECRET_BYTES = 32
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_DIGITS = 6
_SECRET_DIGITS = 43
WRITTEN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_DIGITS + _CHECK_DIGITS}}}(?![0-9A-Za-z])")


def draw() -> str:
    """Draw a new token of 54 characters."""
    body = _base62(int.from_bytes(secrets.token_bytes(SECRET_BYTES)), _SECRET_DIGITS)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_whole(token: str) -> bool:
    """Tell whether a text has the form and the checksum of a token; it may still be nobody's."""
    if not WRITTEN.fullmatch(token):
        return False
    body = token[len(PREFIX) : -_CHECK_DIGITS]
    return secrets.compare_digest(_checksum(body), token[-_CHECK_DIGITS:])


def found_in(text: str) -> str:
    """Return the first whole token that stands in a text; empty if there is none."""
    return next((one for one in WRITTEN.findall(text) if is_whole(one)), "")


def digest_of(token: str) -> str:
    """Return the SHA-256 of a token in 64 hexadecimal digits: all that is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_DIGITS)


def _base62(number: int, digits: int) -> str:
    """Write a number with a fixed count of digits. Source: base 62 in the order of ASCII."""
    written = ""
    for _ in range(digits):
        number, digit = divmod(number, len(_ALPHABET))
        written = _ALPHABET[digit] + written
    return written
