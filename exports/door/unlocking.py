"""A member of an encrypted package, opened again with its password.

Read apart from what wrote it: a package that nobody else could open would be found here.

Source: WinZip, AES Encryption Information, AE-1 and AE-2; RFC 8018 (PBKDF2); FIPS 198 (HMAC).
"""

import hashlib
import hmac
import zlib
from typing import BinaryIO

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from deidentify.beyond.items import Unread
from deidentify.beyond.zip_directory import Entry, extra_fields, own_header

AES_FIELD = 0x9901
KEY_BYTES, SALT_BYTES, CHECK_BYTES, SUM_BYTES = 32, 16, 2, 10
ROUNDS = 1000
BLOCK = 16
STRENGTH_256 = 3
STORED, DEFLATED = 0, 8
_PIECE = 1 << 16


class Keys:
    """Derives a member's keys from the password; the last ones are kept, as they take long."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._last = b"", b""

    def of(self, salt: bytes) -> bytes:
        """Return the keys of the member with this salt."""
        if self._last[0] != salt:
            length = 2 * KEY_BYTES + CHECK_BYTES
            drawn = hashlib.pbkdf2_hmac("sha1", self._password, salt, ROUNDS, length)
            self._last = salt, drawn
        return self._last[1]


class UnlockedMember:
    """What one locked entry holds, read forward; its sum is checked at its end.

    Raises:
        Unread: it is not locked with AES-256 and this password, or it is damaged.
    """

    def __init__(self, file: BinaryIO, entry: Entry, keys: Keys) -> None:
        self.name, self.extra = own_header(file, entry)
        facts = next((data for code, data in extra_fields(entry.extra) if code == AES_FIELD), b"")
        if len(facts) < 7 or facts[4] != STRENGTH_256:
            raise Unread("It is not locked with AES-256, as the package says that it is.")
        method = int.from_bytes(facts[5:7], "little")
        if method not in (STORED, DEFLATED):
            raise Unread("It is packed in a way that is not known here and cannot be read.")
        drawn = keys.of(file.read(SALT_BYTES))
        if file.read(CHECK_BYTES) != drawn[-CHECK_BYTES:]:
            raise Unread("The package's password does not open it.")
        self._stream = _Stream(drawn[:KEY_BYTES])
        self._sum = hmac.new(drawn[KEY_BYTES:-CHECK_BYTES], digestmod="sha1")
        self._file, self._at = file, file.tell()
        self._left = entry.packed_size - SALT_BYTES - CHECK_BYTES - SUM_BYTES
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if method else None

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        if self._inflater is None:
            return self._plain(size)
        while not self._inflater.eof:
            more = self._inflater.unconsumed_tail or self._plain(_PIECE)
            try:
                found = self._inflater.decompress(more, size)
            except zlib.error as error:
                raise Unread("It is damaged: it cannot be unpacked to its end.") from error
            if found:
                return found
            if not more:
                raise Unread("It breaks off before its end.")
        return b""

    def _plain(self, size: int) -> bytes:
        self._file.seek(self._at)  # other members of the same file are read in between
        locked = self._file.read(min(size, self._left))
        if not locked:
            return b""
        self._at += len(locked)
        self._left -= len(locked)
        self._sum.update(locked)
        if not self._left and self._file.read(SUM_BYTES) != self._sum.digest()[:SUM_BYTES]:
            raise Unread("It is damaged: its sum is another one.")
        return self._stream.decrypt(locked)


class _Stream:
    """What AES makes of a counter that runs up from 1, its least byte first.

    Nobody else counts that way round; many counters are encrypted at once as blocks.
    """

    def __init__(self, key: bytes) -> None:
        self._encrypt = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305
        self._count = 1
        self._ready = b""

    def decrypt(self, locked: bytes) -> bytes:
        """Return the next bytes as they were."""
        blocks = -(-max(len(locked) - len(self._ready), 0) // BLOCK)
        counters = np.zeros((blocks, 2), "<u8")
        counters[:, 0] = np.arange(self._count, self._count + blocks)
        self._count += blocks
        stream = self._ready + self._encrypt(counters.tobytes())
        self._ready = stream[len(locked) :]
        mask = np.frombuffer(stream, np.uint8, len(locked))
        return (np.frombuffer(locked, np.uint8) ^ mask).tobytes()
