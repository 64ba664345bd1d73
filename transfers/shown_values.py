"""Values as a person can read them, with the bytes that were found marked.

Text is decoded with its character set, numbers are written out; of other bytes the letters are
shown and, on request, lines of hexadecimal digits. Of a long value only what surrounds the hit is
shown.
"""

import struct
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field

from deidentify.csa import enclosing, is_header, name_of
from deidentify.leaks.character_sets import decoded
from deidentify.leaks.elements import Bytes, Element
from deidentify.leaks.unpacking import base64_runs, packed_streams

TEXT_VRS = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())  # noqa: SIM905
NUMBERS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
AROUND = 400  # bytes on either side of a hit
NEAR = 48  # letters on either side of a hit in what is no text
LINE = 16
AROUND_IN_LINES = 6 * LINE
MOST_NUMBERS = 24
MOST_PARSED = 8 << 20


@dataclass(frozen=True)
class Piece:
    """A part of a value, and whether it is what was found."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True)
class Shown:
    """One value of one element: its VR, its length in bytes, what to read, what to know of it.

    `lines` are the bytes of what is no text, to be shown on request beside their letters.
    """

    vr: str
    size: int
    pieces: list[Piece]
    lines: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def show(data: Bytes, element: Element, hit: tuple[int, int] | None, *, is_big: bool) -> Shown:
    """Return an element's value to be read.

    Args:
        data: the whole file.
        element: where the value is in it.
        hit: the half-open range of the file that was found; None if it is not in this value.
        is_big: whether numbers are big endian.
    """
    start, end, _, vr, place = element
    first, last = hit or (start, start)
    is_whole = hit is not None and (first, last) == (start, end)
    begin = start if is_whole else max(start, first - AROUND)
    stop = min(end, (begin if is_whole else last) + 2 * AROUND)
    notes = []
    if (begin, stop) != (start, end):
        notes.append(f"Bytes {begin - start:,} to {stop - start:,} of {end - start:,} are shown.")
    raw = bytes(data[begin:stop])
    at = (max(0, first - begin), min(stop, last) - begin) if hit else (0, 0)
    lines: list[Piece] = []
    if vr in TEXT_VRS or _is_text(raw):
        pieces = _text(raw, at, place.character_set)
    elif vr in NUMBERS and end - start <= 1024:
        pieces = [Piece(_numbers(raw, vr, is_big=is_big), hit is not None)]
    else:
        pieces, lines = _around(raw, at), _lines(raw, at, begin - start)
    if hit is not None and not is_whole:
        notes += _inside(bytes(data[start : min(end, start + MOST_PARSED)]), first - start)
    return Shown(vr, end - start, pieces, lines, notes)


def plain(data: Bytes, element: Element) -> str:
    """Return a text value in one line, to be counted among others; "" for what is no text."""
    raw = bytes(data[element.start : min(element.end, element.start + AROUND)])
    if element.vr not in TEXT_VRS and not _is_text(raw):
        return ""
    return decoded(raw, element.place.character_set).strip(" \0")


def _is_text(raw: bytes) -> bool:
    body = raw.rstrip(b"\0")
    return bool(body) and all(32 <= code < 127 or code in b"\t\r\n" for code in body)


def _text(raw: bytes, at: tuple[int, int], character_set: bytes) -> list[Piece]:
    whole = decoded(raw, character_set)
    parts = [decoded(part, character_set) for part in (raw[: at[0]], raw[slice(*at)], raw[at[1] :])]
    if at[0] == at[1] or "".join(parts) != whole:  # an escape sequence reaches across the hit
        return [Piece(whole.rstrip("\0 "), at[0] != at[1])]
    pieces = [Piece(parts[0]), Piece(parts[1], is_hit=True), Piece(parts[2].rstrip("\0 "))]
    return [piece for piece in pieces if piece.text]


def _numbers(raw: bytes, vr: str, *, is_big: bool) -> str:
    letter = NUMBERS[vr]
    size = struct.calcsize(f"<{letter}")
    count = min(len(raw) // size, MOST_NUMBERS)
    values = struct.unpack_from(f"{'>' if is_big else '<'}{count}{letter}", raw)
    more = " …" if len(raw) // size > count else ""
    return " \\ ".join(f"{value:g}" if letter in "fd" else str(value) for value in values) + more


def _around(raw: bytes, at: tuple[int, int]) -> list[Piece]:
    """The letters on either side of the hit, a point for each byte that is none."""
    before, hit, behind = raw[max(0, at[0] - NEAR) : at[0]], raw[slice(*at)], raw[at[1] :][:NEAR]
    pieces = [Piece(_letters(before)), Piece(_letters(hit), is_hit=True), Piece(_letters(behind))]
    return [piece for piece in pieces if piece.text]


def _lines(raw: bytes, at: tuple[int, int], offset: int) -> list[Piece]:
    """Lines of sixteen bytes around the hit: where, the digits, the letters with the hit marked."""
    begin = max(0, at[0] - AROUND_IN_LINES) // LINE * LINE
    stop = min(len(raw), max(at[1], begin) + AROUND_IN_LINES)
    pieces = []
    for position in range(begin, stop, LINE):
        line = raw[position : position + LINE]
        pieces.append(Piece(f"{offset + position:8d}  {line.hex(' '):<{3 * LINE}} "))
        low = min(max(at[0] - position, 0), len(line))
        high = min(max(at[1] - position, low), len(line))
        pieces += [
            Piece(_letters(line[:low])),
            Piece(_letters(line[low:high]), is_hit=True),
            Piece(_letters(line[high:]) + "\n"),
        ]
    return [piece for piece in pieces if piece.text]


def _letters(raw: bytes) -> str:
    return "".join(chr(code) if 32 <= code < 127 else "·" for code in raw)


def _inside(block: bytes, position: int) -> list[str]:
    """Say what of a structured value the hit is in, and what it says unpacked."""
    notes = []
    if is_header(block):
        item = enclosing(block, [position]).get(position)
        if item is not None:
            notes.append(
                f"It is in the tag {name_of(block, item).decode('latin-1')} of the CSA header."
            )
    for start, end, content in _unpacked(block):
        if start <= position < end and _is_text(content[: 2 * AROUND]):
            notes.append(f"Unpacked, it begins: {content[: 2 * AROUND].decode('latin-1')}")
            break
    return notes


def _unpacked(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    yield from packed_streams(block)
    for start, end in base64_runs(block):
        run = block[start:end].translate(None, b"\r\n")
        run = run[: len(run) - (len(run) % 4 == 1)]
        yield start, end, b64decode(run + b"=" * (-len(run) % 4), b"-_" if b"_" in run else None)
