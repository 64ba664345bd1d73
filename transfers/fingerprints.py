"""Fingerprints of findings, under a key of their project.

A fingerprint says which findings are identical, so that a verdict carries from one to the next.
Unkeyed, it would say more: who has a copy of the database and a list of names could work out which
of them was found. With the key, one cannot; and equal texts in two projects differ.
"""

import hmac

from projects.keys.deriving import derive

KEYED = "k1:"
"""How keyed ones begin, so that none is keyed twice."""
LENGTH = 64


def fingerprint_key(project_root: bytes) -> bytes:
    """Return the key for the fingerprints of one project (32 bytes), drawn from its root."""
    return derive(project_root, "fingerprints of findings")


def keyed(mark: str, key: bytes) -> str:
    """Return what is kept of a fingerprint; one that is keyed already stays as it is."""
    if mark.startswith(KEYED):
        return mark
    return (KEYED + hmac.digest(key, mark.encode(), "sha256").hex())[:LENGTH]
