"""One key from another, for one purpose: HKDF-SHA-256 (RFC 5869). Needs no settings, no database.

A purpose is a fixed text, and never changes: what was made with its key could not be found again.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derive(key: bytes, purpose: str) -> bytes:
    """Return 32 bytes that belong to one purpose and say nothing about the key or each other."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def wrapping_key(master: str) -> bytes:
    """Return the 32 bytes with which a master key wraps."""
    return derive(master.encode(), "rdma master wrapping key")


def key_id(master: str) -> str:
    """Return eight hexadecimal digits that name a master key without giving it away."""
    return derive(master.encode(), "rdma master key name")[:4].hex()
