"""Keys drawn from a participant's one secret, so that one purpose tells nothing about another.

Source: RFC 5869 (HKDF) with SHA-256.
"""

import hashlib
import hmac

SALT = b"rDMA deidentify 1"


def derive(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """Return `length` bytes (at most 8160) for `purpose`, always the same for one secret."""
    pseudorandom = hmac.digest(SALT, secret, hashlib.sha256)
    block = b""
    output = b""
    counter = 1
    while len(output) < length:
        block = hmac.digest(pseudorandom, block + purpose.encode() + bytes([counter]), "sha256")
        output += block
        counter += 1
    return output[:length]
