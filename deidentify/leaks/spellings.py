"""Every way in which a search term can stand in bytes.

Literals go into one automaton over folded bytes (`Literal.where` is "raw"), or into one over
folded bytes without separators ("compact"), whose hits are then looked up with an expression
that allows for separators.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from deidentify.leaks.folding import (
    SEPARATORS,
    compact_text,
    fold,
    fold_bytes,
    transliterations,
)
from deidentify.leaks.terms import Term

MONTHS = (
    ("jan", "januar", "january"),
    ("feb", "februar", "february"),
    ("mar", "mars", "march"),
    ("apr", "april"),
    ("mai", "may"),
    ("jun", "juni", "june"),
    ("jul", "juli", "july"),
    ("aug", "august"),
    ("sep", "september", "sept"),
    ("okt", "oct", "oktober", "october"),
    ("nov", "november"),
    ("des", "dec", "desember", "december"),
)
SHORTEST_ENCODED = 5
"""Letters below which base64 and hex runs are not searched: chance would find them."""
SHORTEST_NUMBER = 7
"""Digits below which a binary number is not taken for an identifier: counts reach that far."""
SHORTEST_WHOLE = 7
"""Letters a name needs to be recognised without a separator or a word bound."""

PLAIN, WIDE, BASE64, HEX, SPREAD, NUMBER = "plain", "wide", "base64", "hex", "spread", "number"


@dataclass(frozen=True)
class Literal:
    """Folded bytes to look for, how they are written, and what they spell."""

    where: str
    how: str
    folded: bytes
    spells: str


def literals(term: Term) -> Iterator[Literal]:
    """Yield the literals of one term (not of UIDs, which are looked up by their beginning)."""
    if term.shape == "word":
        yield from _word(term.text)
    elif term.shape == "words":
        yield from _words(term.text)
    elif term.shape == "identifier":
        yield from _identifier(term.text)
    elif term.shape == "initials":
        yield from _plain_and_wide(term.text)
    elif term.shape == "birth_date":
        for form in birth_date_forms(term.text):
            yield from _plain_and_wide(form)
        yield from _numbers(term.text)


def _word(text: str) -> Iterator[Literal]:
    for form in transliterations(text):
        if len(form) < 4 and form.isascii():
            continue
        if len(form) < 2:
            continue  # one ideograph or syllable is half a word, and two bytes are anything
        yield from _plain_and_wide(form)
        if not form.isascii():
            yield from _beyond_ascii(form)
    for form in {text, fold(text)}:
        yield from _encoded(form)


def _words(text: str) -> Iterator[Literal]:
    for form in transliterations(text):
        plain = fold_bytes(compact_text(form).encode("utf-8"))
        if len(plain) >= 5:
            yield Literal("compact", SPREAD, plain, form)
    yield from _encoded(text)


def _identifier(text: str) -> Iterator[Literal]:
    yield from _plain_and_wide(text)
    plain = compact_text(text)
    if plain != text:
        yield from _plain_and_wide(plain)
    if len(plain) >= 8:
        yield Literal("compact", SPREAD, plain.encode("utf-8"), plain)
    yield from _encoded(plain)
    if plain != text:
        yield from _encoded(text)
    yield from _numbers(plain)


def _numbers(digits: str) -> Iterator[Literal]:
    """Binary forms of a number: UL, SL, UV, SV and FD, in both byte orders (PS3.5 6.2)."""
    if not (digits.isdigit() and digits.isascii() and len(digits) >= SHORTEST_NUMBER):
        return
    if digits[0] == "0":
        return  # a number has no leading zeros, an identifier with them would be another
    number = int(digits)
    for form, limit in (("L", 1 << 32), ("Q", 1 << 63), ("d", 1 << 53)):
        if number < limit:
            for order in "<>":
                yield Literal("raw", NUMBER, fold_bytes(struct.pack(order + form, number)), digits)


def _plain_and_wide(form: str) -> Iterator[Literal]:
    try:
        yield Literal("raw", PLAIN, fold_bytes(form.encode("latin-1")), form)
    except UnicodeEncodeError:
        pass  # no Latin-1 form: its UTF-8 and UTF-16 forms are searched
    for codec in ("utf-16-le", "utf-16-be"):
        yield Literal("raw", WIDE, fold_bytes(form.encode(codec)), form)


def _beyond_ascii(form: str) -> Iterator[Literal]:
    for case in {form.lower(), form.upper(), form.title()}:
        yield Literal("raw", PLAIN, fold_bytes(case.encode("utf-8")), form)
        decomposed = unicodedata.normalize("NFD", case)
        yield Literal("raw", PLAIN, fold_bytes(decomposed.encode("utf-8")), form)
        twice = case.encode("utf-8").decode("latin-1").encode("utf-8")
        yield Literal("raw", PLAIN, fold_bytes(twice), form)
    seven_bit = form.translate(str.maketrans("æøå", "{|}"))  # NS 4551-1 on old systems
    if seven_bit.isascii():
        yield Literal("raw", PLAIN, seven_bit.encode("ascii"), form)
        yield Literal(
            "raw", PLAIN, seven_bit.translate(str.maketrans("{|}", "[\\]")).encode(), form
        )


def _encoded(form: str) -> Iterator[Literal]:
    if len(form) < SHORTEST_ENCODED:
        return
    for case in {form, form.upper(), form.title()}:
        spelled = {case.encode("utf-8")}
        if all(ord(letter) < 256 for letter in case):
            spelled.add(case.encode("latin-1"))
        for raw in spelled:
            yield Literal("compact", HEX, raw.hex().encode(), form)
            for shift in range(3):
                yield Literal("raw", BASE64, base64_core(raw, shift).lower(), form)


def base64_core(raw: bytes, shift: int) -> bytes:
    """Return the base64 characters that `raw` always gives `shift` bytes into a group of 3."""
    whole = b64encode(b"\0" * shift + raw)
    return whole[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6]


def birth_date_forms(da: str) -> list[str]:
    """Return how a date (DA) is written in Norwegian, English and American texts."""
    year, month, day = da[:4], da[4:6], da[6:8]
    names = MONTHS[int(month) - 1]
    short_day, short_month, short_year = day.lstrip("0"), month.lstrip("0"), year[2:]
    forms = {f"{year}{month}{day}", f"{day}{month}{year}"}
    for separator in "./- ":
        for d, m in ((day, month), (short_day, short_month)):
            forms |= {f"{d}{separator}{m}{separator}{year}", f"{m}{separator}{d}{separator}{year}"}
            forms.add(f"{year}{separator}{m}{separator}{d}")
        if separator != " ":
            forms.add(f"{day}{separator}{month}{separator}{short_year}")
    for name in names:
        for d in {day, short_day}:
            for pattern in (
                "{d} {n} {y}",
                "{d}. {n} {y}",
                "{d}-{n}-{y}",
                "{d}{n}{y}",
                "{n} {d}, {y}",
            ):
                forms.add(pattern.format(d=d, n=name, y=year))
    return sorted(forms)


@lru_cache(maxsize=4096)
def spread_expression(spells: str) -> re.Pattern[bytes]:
    """Return what finds a compact literal in folded bytes, with separators where they may be.

    A short whole name needs a separator between its words; digits may be parted once each.
    """
    compacted = fold_bytes(compact_text(spells).encode("utf-8"))
    gap = rb"[" + re.escape(SEPARATORS) + rb"]{0,3}"
    if compacted.isdigit():
        gap = rb"[ .\-/\0]?"
    body = gap.join(re.escape(bytes((byte,))) for byte in compacted)
    if not compacted.isdigit() and " " in spells and len(compacted) < SHORTEST_WHOLE:
        parted = rb"[" + re.escape(SEPARATORS) + rb"]{1,3}"
        body = parted.join(re.escape(fold_bytes(word.encode())) for word in spells.split())
    if " " in spells and len(compacted) >= SHORTEST_WHOLE:
        return re.compile(rb"(?<![a-z])" + body)
    return re.compile(rb"(?<![a-z0-9])" + body + rb"(?![a-z0-9])")


@lru_cache(maxsize=4096)
def whole_expression(spells: str) -> re.Pattern[bytes]:
    """Return what finds a compact literal in folded binary values: parted between words only."""
    parts = [re.escape(fold_bytes(word.encode("utf-8"))) for word in spells.split()]
    gap = rb"[" + re.escape(SEPARATORS) + rb"]{0,3}"
    return re.compile(rb"(?<![a-z0-9])" + gap.join(parts) + rb"(?![a-z0-9])")


@lru_cache(maxsize=4096)
def hex_expression(folded: bytes) -> re.Pattern[bytes]:
    """Return what finds hex digits in folded bytes, in pairs that may be parted."""
    pairs = [folded[at : at + 2] for at in range(0, len(folded), 2)]
    return re.compile(rb"(?:0x)?[ :,\-]{0,2}(?:0x)?".join(pairs))
