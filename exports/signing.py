"""The installation's signature under what a package says of itself.

Whoever receives a package can tell that this installation made it and that nothing in it was
changed since: the signature is over the manifest, and the manifest has the sum of every file. The
key is drawn by a migration and wrapped like the other keys (docs/adr/0034); its public half is
printed by the page and by REST.

Source: RFC 8032 (Ed25519); RFC 8410 (how its public key is written).
"""

import hashlib
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from projects.keyring import data_key

KEY_NAME = "package signatures"


def signing_key() -> Ed25519PrivateKey:
    """Return the installation's key. Raises KeyUnavailable if there is none."""
    return Ed25519PrivateKey.from_private_bytes(data_key(KEY_NAME))


def sign(message: bytes) -> str:
    """Return the signature of a message, 64 bytes in base64."""
    return b64encode(signing_key().sign(message)).decode()


def public_key_pem() -> str:
    """Return the public key as a PEM text, as openssl reads it."""
    public = signing_key().public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_name(pem: str) -> str:
    """Return sixteen hexadecimal digits that name a public key."""
    return hashlib.sha256(pem.encode()).hexdigest()[:16]


def is_signed(message: bytes, signature: str, pem: str) -> bool:
    """Tell whether a signature is this public key's over this message."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True
