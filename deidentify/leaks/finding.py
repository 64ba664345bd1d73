"""What the leak check says about one place in one file.

A finding names where it is, which class of identifier, how sure the check is and from which
source attribute the search term came. It never holds the value itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

KINDS = frozenset(
    {
        "name",
        "physician",
        "identifier",
        "national_id",
        "birth_date",
        "date",
        "address",
        "phone",
        "email",
        "institution",
        "device",
        "uid",
        "pixels",
        "unreadable",
    }
)
CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
SURENESS = (POSSIBLE, LIKELY, CERTAIN)


@dataclass(frozen=True)
class Finding:
    """One identifier found, or one reason why that could not be ruled out.

    `start` and `end` are a half-open byte range in the target file; both are 0 if the finding
    concerns the whole file. `fingerprint` is equal for the same kind in the same element with
    the same context, so that a verdict can be carried over.
    """

    kind: str
    path: str
    start: int
    end: int
    sure: str
    source_path: str
    sentence: str
    fingerprint: str


def fingerprint(kind: str, path: str, context: bytes) -> str:
    """Return 32 hex digits over kind, path without item numbers, and the folded context."""
    plain_path = _without_item_numbers(path)
    digest = hashlib.blake2b(digest_size=16, person=b"rdma-finding")
    for part in (kind.encode(), plain_path.encode(), context):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _without_item_numbers(path: str) -> str:
    return "".join(piece.split("]", 1)[-1] for piece in path.split("["))
