"""The master key in shares: any few of them bring it back, fewer tell nothing about it.

Shamir's scheme over the field of 256 elements: each byte of the key is the value at 0 of a random
polynomial whose degree is one less than the shares that are needed; a share is the values at its
number. Source: A. Shamir, "How to share a secret", 1979; the field is that of AES (FIPS 197,
section 4), with the polynomial x^8 + x^4 + x^3 + x + 1.

This module needs no settings and no database: whoever restores may have neither yet.
"""

import hashlib
import re
import secrets
from base64 import b32decode, b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

POLYNOMIAL = 0x11B
MOST = 16
GROUP = 5
CHECK_BYTES = 4
WRITTEN = re.compile(
    r"rdma master key (?P<key_id>[0-9a-f]{8}), share (?P<number>\d+), any (?P<needed>\d+) "
    r"of (?P<of>\d+) restore it\s+(?P<body>[A-Za-z2-7\s-]+)"
)


class SharesUnusable(ValueError):
    """Shares were mistyped, are too few, or belong to different keys. Says which it is."""


@dataclass(frozen=True)
class Share:
    """One of `of` shares, `needed` of which restore the key that `key_id` names."""

    key_id: str
    number: int
    needed: int
    of: int
    values: bytes

    def text(self) -> str:
        """Return what is printed and kept: a line that says what it is, and groups to type."""
        letters = b32encode(self.values + self._check()).decode().rstrip("=")
        groups = [letters[at : at + GROUP] for at in range(0, len(letters), GROUP)]
        lines = ["-".join(groups[at : at + 8]) for at in range(0, len(groups), 8)]
        return (
            f"rdma master key {self.key_id}, share {self.number}, "
            f"any {self.needed} of {self.of} restore it\n" + "\n".join(lines) + "\n"
        )

    def _check(self) -> bytes:
        said = f"{self.key_id} {self.number} {self.needed} {self.of} ".encode()
        return hashlib.sha256(said + self.values).digest()[:CHECK_BYTES]

    @classmethod
    def read(cls, text: str) -> "Share":
        """Return the share that a text holds. Raises SharesUnusable if it was mistyped."""
        found = WRITTEN.search(text)
        if found is None:
            raise SharesUnusable("A share begins with a line: rdma master key …, share ….")
        letters = re.sub(r"[\s-]", "", found["body"]).upper()
        number = int(found["number"])
        try:
            body = b32decode(letters + "=" * (-len(letters) % 8))
        except ValueError as error:
            raise SharesUnusable(f"Share {number} has a sign too many or too few.") from error
        share = cls(
            found["key_id"], number, int(found["needed"]), int(found["of"]), body[:-CHECK_BYTES]
        )
        if body[-CHECK_BYTES:] != share._check():
            raise SharesUnusable(f"Share {number} was mistyped: its check sum does not fit.")
        return share


def split(secret: bytes, *, key_id: str, needed: int, of: int) -> list[Share]:
    """Return `of` shares of a secret, any `needed` of which restore it.

    Raises SharesUnusable if `needed` is below 2 or above `of`, or `of` above 16.
    """
    if not 2 <= needed <= of <= MOST:
        raise SharesUnusable(f"Take 2 to {MOST} shares, and no more to restore than there are.")
    polynomials = [[byte, *secrets.token_bytes(needed - 1)] for byte in secret]
    return [
        Share(key_id, number, needed, of, bytes(_value_at(one, number) for one in polynomials))
        for number in range(1, of + 1)
    ]


def restore(shares: Iterable[Share]) -> bytes:
    """Return the secret. Raises SharesUnusable if they are too few or do not belong together.

    Shares of one key from two occasions have the same name and do not fit: the caller compares
    the name of what comes out.
    """
    by_number = {share.number: share for share in shares}
    given = list(by_number.values())
    kinds = {(one.key_id, one.needed, one.of, len(one.values)) for one in given}
    if len(kinds) != 1:
        raise SharesUnusable("These shares are not of one key.")
    needed = given[0].needed
    if len(given) < needed:
        raise SharesUnusable(f"{needed} different shares are needed; these are {len(given)}.")
    given = given[:needed]
    numbers = [one.number for one in given]
    weights = [_weight(number, numbers) for number in numbers]
    return bytes(
        reduce(xor, (_times(weight, value) for weight, value in zip(weights, column, strict=True)))
        for column in zip(*(one.values for one in given), strict=True)
    )


def _weight(number: int, numbers: Sequence[int]) -> int:
    """Return by how much the value at `number` counts at 0 (Lagrange)."""
    weight = 1
    for other in numbers:
        if other != number:
            weight = _times(weight, _times(other, _inverse(other ^ number)))
    return weight


def _value_at(polynomial: Sequence[int], point: int) -> int:
    return reduce(lambda value, factor: _times(value, point) ^ factor, reversed(polynomial), 0)


def _times(one: int, other: int) -> int:
    """Multiply in the field, without a branch that depends on the secret's bits."""
    product = 0
    for bit in range(8):
        product ^= -(other >> bit & 1) & one
        one = (one << 1) ^ (-(one >> 7) & POLYNOMIAL)
    return product


def _inverse(one: int) -> int:
    """Return what gives 1 when multiplied: the 254th power, as the field has 255 units."""
    power = 1
    for bit in (1, 1, 1, 1, 1, 1, 1, 0):  # 254
        power = _times(power, power)
        if bit:
            power = _times(power, one)
    return power
