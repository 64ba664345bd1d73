"""What takes the place of identifiers when all ties are cut: drawn from a key that is never kept.

The key is 32 random bytes in the memory of the one process that builds the package. While it lives
the same original gives the same new value, so references inside the package still lead somewhere;
when the process ends, nobody can tell any more which new value stood for which old one, or test a
guess.

Source: DICOM PS3.5 Annex B.2 (UUID-derived UIDs); PS3.15 E.3.6 (dates).
"""

import base64
import hmac
import os
import secrets
from datetime import date, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deidentify.uids import KeyedUids
from exports.errors import CannotTransform

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are taken for another when they are read aloud."""
LENGTH = 12
NEAREST, FARTHEST = 366, 3650
"""Days into the past that a participant's dates are moved by, where intervals stay."""
NONCE_BYTES = 12
FIRST_DAY, DAYS = date(1990, 1, 1), 365 * 30


class Drawn:
    """New values of one package. Never stored, pickled, logged or shown."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._uids = KeyedUids(self._draw("uids", b""))
        self._cipher = AESGCM(self._draw("seal", b""))

    def __reduce__(self) -> str:
        raise TypeError("What cuts ties stays in the memory of one process.")

    def _draw(self, purpose: str, what: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + what, "sha256")

    def _number(self, purpose: str, what: bytes) -> int:
        return int.from_bytes(self._draw(purpose, what), "big")

    def uid(self, original: bytes) -> bytes:
        """Return the UID that stands for another: 2.25. and a version 8 UUID."""
        return self._uids.of(original)

    def participant(self, pseudonym: str) -> str:
        """Return the new identifier: twelve letters and digits, 60 bits."""
        number = self._number("participant", pseudonym.encode())
        signs = []
        for _ in range(LENGTH):
            number, place = divmod(number, len(LETTERS))
            signs.append(LETTERS[place])
        return "".join(signs)

    def digest(self, value: bytes) -> bytes:
        """Return what stands for an accession number or a study ID: 16 characters."""
        return self._draw("digest", value).hex()[:16].upper().encode()

    def days(self, pseudonym: str) -> int:
        """Return by how many days a participant's dates are moved, where intervals stay."""
        return -(NEAREST + self._number("days", pseudonym.encode()) % (FARTHEST - NEAREST + 1))

    def day(self, study: bytes) -> bytes:
        """Return a day for all dates of a study that may not be empty, where intervals go."""
        day = FIRST_DAY + timedelta(self._number("day", study) % DAYS)
        return day.strftime("%Y%m%d").encode()

    def order(self, what: str) -> bytes:
        """Return a sort key that says nothing about what is sorted."""
        return self._draw("order", what.encode())

    def seal(self, text: str) -> str:
        """Return a text that this process alone can read again, on one line."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def unseal(self, line: str) -> str:
        """Return a sealed text. Raises CannotTransform if another process sealed it."""
        try:
            sealed = base64.b64decode(line)
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotTransform(
                "Another worker began this package; its ties can be cut from the start only."
            ) from error
