"""What makes a match a finding: word bounds, what else the value holds, and how likely chance is.

A match counts only inside one element; in binary values only with surroundings that chance does
not make.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from deidentify.leaks.attributes import TEXT_VRS
from deidentify.leaks.common_words import EVERYDAY_WORDS
from deidentify.leaks.elements import Element
from deidentify.leaks.finding import CERTAIN, LIKELY, POSSIBLE
from deidentify.leaks.folding import fold
from deidentify.leaks.spellings import NUMBER, WIDE, Literal, whole_expression
from deidentify.leaks.terms import Term

NUMBER_VRS = frozenset("AS DA DS DT FD FL IS OD OF OL OV SL SS SV TM UI UL US UV AT".split())  # noqa: SIM905
BINARY_NUMBERS = {4: ("UL", "SL", "OL"), 8: ("UV", "SV", "OV", "FD", "OD")}
MOST_NUMBERS = 16
"""Values of a numeric element above which it is a table, and one of them means nothing."""
_LIMITS = {"L": 1 << 32, "Q": 1 << 63, "d": 1 << 53}
LEAST_IN_STREAM = 6
CHANCE = 4096
"""Bytes of a binary value from which on three letters in a row mean nothing."""
_QUIET = frozenset(b"\0\t\n\r !\"#&'()*+,-./:;<=>?@[\\]^_{|}")


LEAST_IN_CREATOR = 6
"""Letters that a name needs to count in a private creator, which is a vendor's own mark."""
_zeros_follow = re.compile(rb"\.0{1,6}(?![0-9.])")
_disease_before = re.compile(rb"(?<![a-z])(?:mb|morbus)[. ]{1,2}$")
_disease_after = re.compile(
    rb"(?:'?s)?[ \-](?:sykdom|sjukdom|syndrom|disease|sign|fra[ck]tur|cyst|tumor|sar[ck]om|"
    rb"lym[fp]|div?erti|anomal|malform|artros|klassifi|classifi|grad|score|node|pouch|pros?[ec]|"
    rb"opera[st]|ligament|[ck]anal|duct|reflex|test|index|contracture|kontraktur|palsy|parese)"
)


@dataclass(frozen=True)
class Hit:
    """A term found: the byte range in the stretch that was searched, and how sure that is."""

    term: Term
    start: int
    end: int
    sure: str


def whole_uid(term: Term, start: int, end: int) -> Hit:
    """Return the hit that a whole original UID is: chance makes none of that length."""
    return Hit(term, start, end, CERTAIN)


def judge(
    data: bytes,
    folded: bytes,
    start: int,
    end: int,
    *,
    term: Term,
    literal: Literal,
    element: Element,
) -> Hit | None:
    """Decide whether an automaton's match is the term, given what stands around it."""
    if literal.how == NUMBER:
        return _judge_number(data, start, end, term=term, literal=literal, element=element)
    step = 2 if literal.how == WIDE else 1
    before = _nearest(folded[max(element.start, start - step) : start], last=True)
    after = _nearest(folded[end : min(element.end, end + step)], last=False)
    if term.shape == "word":
        if (
            _is_letter(before)
            or _follows_utf_8(folded, start, element)
            or (_is_letter(after) and _ends_with_its_last_letter(literal))
        ):
            return None
        if _is_somebody_elses(data, folded, start, end, term=term, element=element, step=step):
            return None
        if element.vr not in TEXT_VRS:
            if end - start < 4 * step and element.end - element.start > CHANCE:
                return None  # three letters stand in any waveform
            if not _is_deliberate(data, start, end, before=before, after=after, step=step):
                return None
        return Hit(term, start, end, CERTAIN if end - start >= 6 * step else LIKELY)
    if _is_letter(before) or _is_letter(after) or _is_digit(before) or _is_digit(after):
        return None
    if term.shape == "initials":
        is_text = element.vr in TEXT_VRS and element.vr not in ("AE", "CS")
        return Hit(term, start, end, POSSIBLE) if is_text else None
    if term.shape == "birth_date":
        if element.vr in NUMBER_VRS or _is_decimal(folded, start, end, element, step):
            return None
        return Hit(term, start, end, LIKELY)
    return _judge_identifier(folded, start, end, term=term, element=element, step=step)


def _judge_number(
    data: bytes, start: int, end: int, *, term: Term, literal: Literal, element: Element
) -> Hit | None:
    """Decide whether bytes are a binary number: in its place, among few, exactly this one."""
    size, length = end - start, element.end - element.start
    if (start - element.start) % size or length > MOST_NUMBERS * size:
        return None
    if element.vr not in BINARY_NUMBERS.get(size, ()) and (
        element.vr not in ("OB", "UN") or length != size
    ):
        return None
    raw, number = data[start:end], int(literal.spells)
    kinds = "d" if element.vr in ("FD", "OD") else "LQ" if element.vr not in ("OB", "UN") else "LQd"
    forms = {struct.pack(o + k, number) for k in kinds for o in "<>" if number < _LIMITS[k]}
    return Hit(term, start, end, LIKELY) if raw in forms else None


def _ends_with_its_last_letter(literal: Literal) -> bool:
    """Whether a letter behind it makes another word of it: not in scripts without gaps."""
    return all(ord(letter) < 0x250 for letter in literal.spells)


def _is_somebody_elses(
    data: bytes, folded: bytes, start: int, end: int, *, term: Term, element: Element, step: int
) -> bool:
    """Whether the word is no name here: a disease's, a common noun, part of a vendor's mark."""
    tag = element.tag
    if tag & 0x10000 and 0x10 <= tag & 0xFFFF <= 0xFF:  # a private creator
        return len(term.text) < LEAST_IN_CREATOR
    if term.kind not in ("name", "physician") or element.vr not in TEXT_VRS or step > 1:
        return False
    if fold(term.text) in EVERYDAY_WORDS and _begins_small(data, start, end):
        return True
    before = folded[max(element.start, start - 8) : start]
    after = folded[end : min(element.end, end + 24)]
    return bool(_disease_before.search(before) or _disease_after.match(after))


def _follows_utf_8(folded: bytes, start: int, element: Element) -> bool:
    """Whether the two bytes before are a Latin letter in UTF-8: Aberg is no Berg."""
    if start - 2 < element.start or not 0x80 <= folded[start - 1] <= 0xBF:
        return False
    return folded[start - 2] == ord("a")  # 0xC3 to 0xC5, folded as Latin-1 letters


def _begins_small(data: bytes, start: int, end: int) -> bool:
    try:
        word = data[start:end].decode("utf-8")
    except UnicodeDecodeError:
        word = data[start:end].decode("latin-1")
    return word[:1].islower()


def _judge_identifier(
    folded: bytes, start: int, end: int, *, term: Term, element: Element, step: int
) -> Hit | None:
    plain = "".join(letter for letter in term.text if letter.isalnum())
    if plain.isdigit():
        if len(plain) < 8 and element.vr in NUMBER_VRS:
            return None
        if len(plain) == 8 and element.vr in ("DA", "DT", "TM", "UI"):
            return None  # a date, perhaps a sibling's shifted one: dates are compared per element
        if _is_decimal(folded, start, end, element, step):
            is_whole = len(plain) >= 7 and _zeros_follow.match(
                folded[end : min(element.end, end + 8)]
            )
            is_first = start == element.start or folded[start - 1] not in b".,"
            return Hit(term, start, end, LIKELY) if is_whole and is_first else None
        if len(plain) < 6:
            return Hit(term, start, end, POSSIBLE) if element.vr in TEXT_VRS else None
    elif element.vr not in TEXT_VRS and len(plain) < 6:
        around = folded[max(element.start, start - 1) : start] + folded[end : end + 1]
        if any(byte not in _QUIET for byte in around):
            return None
    return Hit(term, start, end, CERTAIN if len(plain) >= 6 else LIKELY)


def is_no_chance(match: bytes) -> bool:
    """Whether a match among megabytes of compressed data was written there.

    Six letters or digits of one case are met once in 2 to the 48 bytes.
    """
    text = match.replace(b"\0", b"").decode("latin-1")
    letters = [letter for letter in text if letter.isalpha()]
    is_even = text.upper() == text or text.lower() == text or text.istitle()
    few_accents = sum(not letter.isascii() for letter in letters) <= LEAST_IN_STREAM // 3
    return len(text) >= LEAST_IN_STREAM and text.isprintable() and is_even and few_accents


def may_be_spread(
    folded: bytes, start: int, end: int, *, literal: Literal, element: Element
) -> bool:
    """Say whether separators inside a term mean anything in this value: they do in text."""
    if element.vr in NUMBER_VRS:
        return False
    if literal.folded.isdigit() and _is_decimal(folded, start, end, element, 1):
        return False
    is_text = element.vr in TEXT_VRS
    return is_text or bool(whole_expression(literal.spells).fullmatch(folded[start:end]))


def _nearest(bytes_beside: bytes, *, last: bool) -> int | None:
    """Return the byte beside a match, None at the element's edge; UTF-16's zeros are skipped."""
    letters = bytes_beside.strip(b"\0") or bytes_beside
    return (letters[-1] if last else letters[0]) if letters else None


def _is_letter(byte: int | None) -> bool:
    return byte is not None and 97 <= byte <= 122


def _is_digit(byte: int | None) -> bool:
    return byte is not None and 48 <= byte <= 57


def _is_decimal(folded: bytes, start: int, end: int, element: Element, step: int) -> bool:
    """Say whether digits belong to a decimal number, a UID or a list of numbers."""
    if step == 2:
        return False
    before = folded[max(element.start, start - 2) : start]
    after = folded[end : min(element.end, end + 2)]
    return bool(re.search(rb"\d[.,]$|^[.,]$|[.]$", before) or re.match(rb"[.,]\d", after))


def _is_deliberate(
    data: bytes, start: int, end: int, *, before: int | None, after: int | None, step: int
) -> bool:
    """Say whether letters in a binary value are there on purpose rather than by chance."""
    letters = [byte for byte in data[start:end:step] if chr(byte).isalpha()]
    cases = [chr(byte).isupper() for byte in letters]
    is_written = len(set(cases)) <= 1 or (cases[0] and not any(cases[1:]))
    if end - start >= 7 * step:
        return True
    if end - start >= 5 * step or step == 2:
        return is_written
    return is_written and all(byte is None or byte in _QUIET for byte in (before, after))
