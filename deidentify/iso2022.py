"""Texts whose character set changes by escape sequences: read, and cut without touching the rest.

Source: DICOM PS3.5 section 6.1.2.5 (code extension techniques), PS3.3 C.12.1.1.2, tables
C.12-3 and C.12-4; ISO/IEC 2022.
"""

from collections.abc import Sequence
from typing import NamedTuple

ESCAPE = 0x1B
ASCII = b"\x1b(B"
# Escape sequence -> codec of a character, the byte before it, what is added to its bytes, and
# how many bytes it has. Those that begin with $ ( or $ alone, and ( itself, are for G0.
_G0: dict[bytes, tuple[str, bytes, int, int]] = {
    ASCII: ("ascii", b"", 0, 1), b"\x1b(J": ("ascii", b"", 0, 1),
    b"\x1b$B": ("euc_jp", b"", 0x80, 2), b"\x1b$@": ("euc_jp", b"", 0x80, 2),
    b"\x1b$(D": ("euc_jp", b"\x8f", 0x80, 2),
}  # fmt: skip
_G1: dict[bytes, tuple[str, int]] = {
    b"\x1b)I": ("shift_jis", 1), b"\x1b$)C": ("euc_kr", 2), b"\x1b$)A": ("gb2312", 2),
    b"\x1b-A": ("latin-1", 1), b"\x1b-B": ("iso8859_2", 1), b"\x1b-C": ("iso8859_3", 1),
    b"\x1b-D": ("iso8859_4", 1), b"\x1b-L": ("iso8859_5", 1), b"\x1b-G": ("iso8859_6", 1),
    b"\x1b-F": ("iso8859_7", 1), b"\x1b-H": ("iso8859_8", 1), b"\x1b-M": ("iso8859_9", 1),
    b"\x1b-T": ("iso8859_11", 1), b"\x1b-b": ("iso8859_15", 1),
}  # fmt: skip
_FIRST = {
    b"13": b"\x1b)I", b"100": b"\x1b-A", b"101": b"\x1b-B", b"109": b"\x1b-C", b"110": b"\x1b-D",
    b"144": b"\x1b-L", b"127": b"\x1b-G", b"126": b"\x1b-F", b"138": b"\x1b-H", b"148": b"\x1b-M",
    b"166": b"\x1b-T", b"203": b"\x1b-b", b"149": b"\x1b$)C", b"58": b"\x1b$)A",
}  # fmt: skip
_RESETS = b"\r\n\f\t\\"


class Letter(NamedTuple):
    """One character: where its bytes stand (half open), and the sets in force there."""

    start: int
    end: int
    g0: bytes
    g1: bytes


def read(value: bytes, charset: bytes) -> tuple[str, list[Letter]]:
    """Return what a value says, and where each character stands in it.

    A byte that means nothing in the set in force is read as Latin-1.

    Args:
        value: with escape sequences.
        charset: Specific Character Set; its first value is in force at the beginning and
            again after each line and each value.
    """
    first = charset.split(b"\\")[0].strip().rsplit(b" ", 1)[-1]
    beginning = _FIRST.get(first, b"\x1b-A")
    g0, g1 = ASCII, beginning
    text: list[str] = []
    letters: list[Letter] = []
    position = 0
    while position < len(value):
        byte = value[position]
        if byte == ESCAPE and (found := _escape(value, position)):
            g0, g1 = (found, g1) if found in _G0 else (g0, found)
            position += len(found)
            continue
        codec, lead, added, length = _G0[g0]
        if byte >= 0x80:
            codec, length = _G1[g1]
            lead, added = b"", 0
        elif byte <= 0x20:
            codec, lead, added, length = _G0[ASCII]
        raw = bytes(one | added for one in value[position : position + length])
        try:
            letter = (lead + raw).decode(codec)
        except UnicodeDecodeError:
            letter, length = chr(byte), 1
        if len(letter) != 1:
            letter, length = chr(byte), 1
        text.append(letter)
        letters.append(Letter(position, position + length, g0, g1))
        position += length
        if length == 1 and byte in _RESETS:
            g0, g1 = ASCII, beginning
    return "".join(text), letters


def _escape(value: bytes, position: int) -> bytes:
    for length in (3, 4):
        found = value[position : position + length]
        if found in _G0 or found in _G1:
            return found
    return b""


def cut(
    value: bytes, charset: bytes, letters: list[Letter], cuts: Sequence[tuple[int, int, str]]
) -> bytes:
    """Return a value without some of its characters; the bytes of all others stay.

    Args:
        value: that was read.
        charset: the same.
        letters: of the value.
        cuts: ranges of characters, in order, and what takes their place (ASCII).
    """
    first = charset.split(b"\\")[0].strip().rsplit(b" ", 1)[-1]
    g0, g1 = ASCII, _FIRST.get(first, b"\x1b-A")
    new = bytearray()
    position = 0
    for start, end, instead in [*cuts, (len(letters), len(letters), "")]:
        if position < start:
            run = letters[position]
            if run.g0 != g0:
                new += run.g0
            if run.g1 != g1:
                new += run.g1
            last = letters[start - 1]
            new += value[run.start : last.end]
            g0, g1 = last.g0, last.g1
            if value[last.end - 1] in _RESETS and last.end - last.start == 1:
                g0, g1 = ASCII, _FIRST.get(first, b"\x1b-A")
        if instead:
            new += (ASCII if g0 != ASCII else b"") + instead.encode()
            g0 = ASCII
        position = end
    return bytes(new + (ASCII if g0 != ASCII else b""))
