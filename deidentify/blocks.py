"""Cleaning binary values: what is known of the patient is overwritten, length and place stay.

Source: DICOM PS3.15 E.3.10, Retain Safe Private Option.
"""

import re
import zlib

from deidentify.dates import shift_da
from deidentify.keys import derive
from deidentify.names import spelled
from deidentify.norwegian import NUMBER_BYTES, is_identity_number
from deidentify.plan import Plan
from deidentify.uids import is_well_known
from deidentify.vocabulary import LEAST_BLOCK_NUMBER, Vocabulary
from deidentify.written_forms import LEAST_IDENTIFIER

LEAST_SPACED = 8
MOST_PROTOCOL = 4 * 1024 * 1024
_UID_BYTES = re.compile(rb"(?<![\d.])[0-2]\.\d{1,12}(?:\.\d{1,30}){4,}")
_LETTERS_THEN_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class Blocks:
    """Overwrites for one patient. The same block always gives the same."""

    def __init__(self, plan: Plan, vocabulary: Vocabulary) -> None:
        self.plan = plan
        self._dates = vocabulary.dates
        self._neutral_key = derive(plan.identity.secret, "neutral uid")
        self._terms = _as_bytes(vocabulary)
        numbers = sorted(
            one for one in vocabulary.literals if one.isdigit() and len(one) >= LEAST_SPACED
        )
        spaced = "|".join(r"[ .\-]?".join(number) for number in numbers)
        self._spaced = re.compile(rf"(?<!\d)(?:{spaced})(?!\d)".encode()) if numbers else None

    def overwrite(self, value: bytes) -> bytes:
        """Return a binary value in which what is found is overwritten, length and structure kept.

        Names and identifiers become X and 0, dates the shifted dates, UIDs neutral ones of the
        same length.
        """
        if len(value) < LEAST_IDENTIFIER:
            return value
        found: list[tuple[int, int, bytes]] = []
        lower = value.lower()
        for term, neutral in self._terms:
            start = lower.find(term)
            while start >= 0:
                end = start + len(term)
                if _stands_alone(lower, start, end):
                    found.append((start, end, neutral * len(term)))
                start = lower.find(term, start + 1)
        for date in self._dates:
            start = value.find(date) if len(date) == 8 else -1
            while start >= 0:
                if not value[start - 1 : start].isdigit() and not value[start + 8 :][:1].isdigit():
                    moved = shift_da(date, self.plan.days)
                    found.append((start, start + 8, moved if len(moved) == 8 else b"0" * 8))
                start = value.find(date, start + 1)
        for match in self._spaced.finditer(value) if self._spaced else ():
            found.append((*match.span(), b"0" * len(match[0])))
        for match in NUMBER_BYTES.finditer(value):
            if is_identity_number((match[1] + match[2]).decode()):
                found.append((*match.span(), b"0" * len(match[0])))
        if not self.plan.profile.has("uids"):
            for match in _UID_BYTES.finditer(value):
                if not is_well_known(match[0]) and len(match[0]) <= 64:
                    found.append((*match.span(), self._neutral_uid(match[0])))
        if not found:
            return value
        block = bytearray(value)
        for start, end, neutral in found:
            block[start:end] = neutral
        return bytes(block)

    def protocol(self, value: bytes) -> bytes:
        """Return GE's compressed protocol block, opened, overwritten inside and closed again.

        Its gzip header goes in any case: it holds the examination's number and the time.

        Args:
            value: four bytes of length, then a gzip stream. Anything else becomes empty.
        """
        try:
            opened = zlib.decompressobj(31).decompress(value[4:], MOST_PROTOCOL)
        except zlib.error:
            return b""
        closer = zlib.compressobj(9, zlib.DEFLATED, 31)
        closed = closer.compress(self.overwrite(opened)) + closer.flush()
        return len(closed).to_bytes(4, "little") + closed

    def _neutral_uid(self, uid: bytes) -> bytes:
        """A UID of the same length that stands for `uid` wherever this participant has it."""
        digits = str(int.from_bytes(derive(self._neutral_key, uid.decode(), 32), "big"))
        return b"2.25." + digits.encode()[: len(uid) - 5] if len(uid) <= 64 else uid


def _as_bytes(vocabulary: Vocabulary) -> list[tuple[bytes, bytes]]:
    """Every term in lower case and what it is overwritten with."""
    terms: dict[bytes, bytes] = {}
    for word in {*vocabulary.names.strong, *vocabulary.places.strong}:
        for codec in ("latin-1", "utf-8"):
            for spelling in spelled(word):
                encoded = spelling.encode(codec, "ignore").lower()
                if len(encoded) >= LEAST_IDENTIFIER:
                    terms[encoded] = b"X"
    for phrase in vocabulary.phrases:
        for codec in ("latin-1", "utf-8"):
            terms[phrase.encode(codec, "ignore").lower()] = b"X"
    literals = vocabulary.literals
    for literal in {*literals, *(_LETTERS_THEN_DIGITS.sub(" ", one) for one in literals)}:
        encoded = literal.encode("latin-1", "ignore").lower()
        # In a block, a short number may as well be one of the physics.
        if len(encoded) >= (LEAST_BLOCK_NUMBER if encoded.isdigit() else 5):
            terms[encoded] = b"0"
    return sorted(terms.items())


def _stands_alone(block: bytes, start: int, end: int) -> bool:
    before, after = block[start - 1 : start] if start else b"", block[end : end + 1]
    if block[start : start + 1].isdigit():
        return not before.isdigit() and before != b"." and not after.isdigit() and after != b"."
    return not before.isalpha() and not after.isalpha()
