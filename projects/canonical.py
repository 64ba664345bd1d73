"""One way to write facts as bytes, so that two programs come to the same digest.

JSON with sorted keys, without spaces, ASCII only, and without fractions, whose digits differ from
program to program.
"""

import hashlib
import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical(facts: Any) -> str:
    """Return facts as text. What differs in type only (1 and 1.0) gives different texts."""
    return _ENCODER.encode(facts)


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text's bytes in 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
