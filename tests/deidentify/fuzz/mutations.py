"""Ways to damage a file. Each takes its chances from a given Random, so that a number names it."""

import random
import struct
from collections.abc import Callable
from functools import cache

from pydicom.datadict import DicomDictionary

from deidentify.elements import ALL_VRS
from tests.deidentify.fuzz.seeds import Seed, seeds

LENGTHS = (
    0, 1, 2, 3, 4, 7, 8, 10, 64, 0xFF, 0x100, 0x7FFF, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF,
    0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF,
)  # fmt: skip
MARKS = tuple(
    struct.pack("<HHL", 0xFFFE, element, length)
    for element in (0xE000, 0xE00D, 0xE0DD)
    for length in (0, 8, 0xFFFFFFFF)
)
SYNTAXES = (
    b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.2",
    b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.5",
    b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.3.10", b"1.2.3", b"",
)  # fmt: skip
CODES = sorted(vr.encode() for vr in ALL_VRS)
TAGS = tuple(DicomDictionary)
MOST = 6

Change = Callable[[bytearray, random.Random, tuple[int, ...]], None]


@cache
def places(seed: Seed) -> tuple[int, ...]:
    """Where elements probably begin, seen from their VR or, without VR, from their tag."""
    raw = seed.raw
    found = []
    for place in range(132 if raw[128:132] == b"DICM" else 0, len(raw) - 8):
        group, element, vr, _ = struct.unpack_from("<HH2sH", raw, place)
        is_listed = (group << 16 | element) in DicomDictionary or group == 0xFFFE or group & 1
        length = struct.unpack_from("<L", raw, place + 4)[0]
        if is_listed and (vr in CODES or (length < 4096 and group not in (0, 1))):
            found.append(place)
    return tuple(found) or (0,)


def _flip(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    for _ in range(rng.randrange(1, 9)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)


def _bit(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)


def _near(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    """Change a byte of some element's header."""
    raw[min(rng.choice(at) + rng.randrange(12), len(raw) - 1)] = rng.randrange(256)


def _length(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    place = rng.choice(at)
    if rng.random() < 0.5:
        old = int.from_bytes(raw[place + 6 : place + 8], "little")
        new = rng.choice((*LENGTHS, old + 1, old - 1, old + 2, old - 2, old * 2)) & 0xFFFF
        raw[place + 6 : place + 8] = struct.pack("<H", new)
    else:
        place += rng.choice((4, 8))
        old = int.from_bytes(raw[place : place + 4], "little")
        new = rng.choice((*LENGTHS, old + 1, old - 1, old + 8, old - 8, len(raw))) & 0xFFFFFFFF
        raw[place : place + 4] = struct.pack("<L", new)


def _vr(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    place = rng.choice(at)
    raw[place + 4 : place + 6] = rng.choice(CODES) if rng.random() < 0.9 else rng.randbytes(2)


def _tag(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    place, other = rng.choice(at), rng.choice(at)
    tag = bytes(raw[other : other + 4])
    if rng.random() < 0.5:
        number = rng.choice(TAGS)
        tag = struct.pack("<HH", number >> 16, number & 0xFFFF)
    raw[place : place + 4] = tag


def _cut(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    place = (
        rng.choice(at) + rng.randrange(-2, 14) if rng.random() < 0.7 else rng.randrange(len(raw))
    )
    del raw[max(place, 1) :]


def _drop(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    start, end = sorted((rng.choice(at), rng.choice(at)))
    if rng.random() < 0.5:
        end = start + rng.randrange(1, 20)
    if 0 < end - start < len(raw) - 1:
        del raw[start:end]


def _double(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    start, end = sorted((rng.choice(at), rng.choice(at)))
    place = rng.choice(at)
    raw[place:place] = raw[start : min(end, start + 4000)]


def _splice(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    """Put part of another file in."""
    other = rng.choice(seeds())
    start, end = sorted((rng.choice(places(other)), rng.choice(places(other))))
    place = rng.choice(at)
    until = place if rng.random() < 0.7 else place + rng.randrange(2000)
    raw[place:until] = other.raw[start : min(end, start + 4000)]


def _insert(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    place = rng.choice(at) if rng.random() < 0.7 else rng.randrange(len(raw))
    more = rng.choice((*MARKS, rng.randbytes(rng.randrange(1, 40)), bytes(rng.randrange(1, 40))))
    raw[place:place] = more


def _swap(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    first, second, third = sorted(rng.choice(at) for _ in range(3))
    raw[first:third] = raw[second:third] + raw[first:second]


def _append(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    raw += rng.choice((b"\0", b"Kvamsdal", rng.randbytes(9), bytes(1000), *MARKS))


def _syntax(raw: bytearray, rng: random.Random, at: tuple[int, ...]) -> None:
    place = raw.find(b"\2\0\x10\0UI")
    if 0 <= place < len(raw) - 8:
        length = raw[place + 6]
        new = rng.choice(SYNTAXES)
        new += bytes(len(new) & 1)
        raw[place + 6] = len(new)
        raw[place + 8 : place + 8 + length] = new


CHANGES: tuple[Change, ...] = (
    _flip, _bit, _near, _near, _length, _length, _length, _vr, _vr, _tag, _tag, _cut, _drop,
    _double, _splice, _insert, _swap, _append, _syntax,
)  # fmt: skip


def damaged(number: int) -> tuple[Seed, bytes, random.Random]:
    """Return the input of that number: its seed, its bytes, and the chances that are left."""
    rng = random.Random(number)
    everything = seeds()
    # Large ones cost as much as many small ones, and are damaged in the same ways.
    weights = [(4 if seed.is_planted else 0.4) / (2_000 + len(seed.raw)) for seed in everything]
    (seed,) = rng.choices(everything, weights)
    raw = bytearray(seed.raw)
    for _ in range(rng.choice((1, 1, 1, 1, 2, MOST))):
        at = tuple(place for place in places(seed) if place + 12 < len(raw))
        if at:
            rng.choice(CHANGES)(raw, rng, at)
    return seed, bytes(raw) or b"\0", rng
