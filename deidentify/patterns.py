"""What in a text is somebody's, whoever the patient is: numbers, addresses, dates, cues.

Each pattern is narrow on purpose. What may or may not be an identifier is left in place for
the leak check and a person to judge.
"""

import re
from collections.abc import Callable
from datetime import date

from deidentify.norwegian import NUMBER, is_identity_number
from deidentify.words import is_ordinary

MAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_PHONE = re.compile(
    r"(?:(?:\+|00)47[ \u00a0]?(?:\d[ \u00a0]?){7}\d"
    r"|(?<![\d.,])(?:[2-9]\d \d{2} \d{2} \d{2}|[489]\d{2} \d{2} \d{3})(?![\d.,]))(?!\d)"
)
_CUED_PHONE = re.compile(
    r"(?i)\b(?:tlf|telefon|tel|phone|mobil|ring|calling)\b[.: ]*((?:\+?\d[\d \-]{3,14}\d))"
)
_MONTHS = (
    "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|"
    "january|february|march|may|june|july|october|december|"
    "jan|feb|mar|apr|jun|jul|aug|sep|sept|okt|oct|nov|des|dec"
)
_WORD_DATE = re.compile(
    rf"(?i)(?<!\w)(?:\d{{1,2}}(?:\.|st|nd|rd|th)?[ \-.]?(?:{_MONTHS})[ \-.,]*(?:\d{{4}}|\d{{2}})"
    rf"|(?:{_MONTHS})\.? \d{{1,2}},? \d{{4}})(?!\w)"
)
_YEAR_FIRST = re.compile(r"(?<![\d.])((?:19|20)\d{2})([\-./]?)(\d{2})\2(\d{2})(?!\d|\.\d)")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})([\-./])(\d{1,2})\2((?:19|20)?\d{2})(?!\d|[./\-]\d)")
_BORN = re.compile(
    r"(?i)\b(?:født|fodt|f\.|born|dob|fnr)[.: ]*(\d{6}|\d{8}|(?:\d{1,2}[./\-]){2}\d{2,4})\b"
)
_STREET = re.compile(
    r"\b(?:[A-ZÆØÅ][a-zæøåé.\-]+[ ]){0,2}[A-ZÆØÅ][\wæøåéÆØÅ.\-]*[ ]?"
    r"(?i:veien|vegen|gata|gaten|gate|vei|veg|allé|plass|bakken|svingen|stien)[ ]\d{1,3}[A-Z]?\b"
    r"(?:,?[ ]\d{4}[ ][A-ZÆØÅ][A-ZÆØÅa-zæøå]+)?"
)
_BOX = re.compile(r"\b[Pp]ostboks \d+\b(?:,?[ ]\d{4}[ ][A-ZÆØÅ][\wæøåÆØÅ]+)?")
_NAME = r"[A-ZÆØÅ][a-zæøåéäöü]+(?:-[A-ZÆØÅ][a-zæøå]+)?"
_REFERRED = re.compile(
    rf"(?:\b(?:[Hh]envist av|[Rr]ekvirert av|[Rr]eferred by|[Oo]rdered by|[Pp]erformed by|"
    rf"[Uu]tført av)|(?<!\w)[Vv]/)[ ]?(?:dr\.?[ ]|lege[ ])?"
    rf"((?:{_NAME}|[A-ZÆØÅ]\.)(?:[ ](?:{_NAME}|[A-ZÆØÅ]\.)){{0,2}})"
)
_CUED_PERSON = re.compile(
    rf"\b(?:[Rr]ef(?:\.|:|\.:)|[Rr]adiograf:?|[Ll]ege:|[Rr]adiolog:|[Rr]adiographer:?|[Ss]ykepleier:?)"
    rf"[ ]((?:{_NAME})(?:[ ](?:{_NAME}|[A-Z]\.)){{1,2}})(?!\w)"
)
_FOR = re.compile(rf"\b[Ff]or[ ]((?:{_NAME})(?:[ ](?:{_NAME}|[A-Z]\.)){{1,2}})(?!\w)")

Span = tuple[int, int]


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        found = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return False
    return 1890 <= found.year <= 2099


def identity_numbers(text: str) -> list[Span]:
    """Where Norwegian identity numbers with right check digits stand."""
    return [
        match.span()
        for match in NUMBER.finditer(text)
        if is_identity_number(match[1].replace(".", "") + match[2])
    ]


def dates(text: str) -> list[Span]:
    """Where dates stand: with the year first, with the day first, with a month's name."""
    spans = [m.span() for m in _YEAR_FIRST.finditer(text) if _is_date(m[1], m[3], m[4])]
    spans += [
        m.span()
        for m in _DAY_FIRST.finditer(text)
        if _is_date(m[4], m[3], m[1]) or _is_date(m[4], m[1], m[3])
    ]
    spans += [m.span() for m in _WORD_DATE.finditer(text)]
    spans += [m.span(1) for m in _BORN.finditer(text)]
    return spans


def contacts(text: str) -> list[Span]:
    """Where mail addresses, telephone numbers and postal addresses stand."""
    spans = [m.span() for pattern in (MAIL, _PHONE, _STREET, _BOX) for m in pattern.finditer(text)]
    return spans + [m.span(1) for m in _CUED_PHONE.finditer(text)]


def cued_names(text: str) -> list[Span]:
    """Where a name follows words that only a name follows."""
    spans = []
    for pattern in (_REFERRED, _CUED_PERSON, _FOR):
        for match in pattern.finditer(text):
            words = re.findall(r"[^\W\d_]{2,}", match[1])
            if words and not any(is_ordinary(word) for word in words):
                spans.append(match.span(1))
    return spans


PATTERNS: tuple[Callable[[str], list[Span]], ...] = (
    identity_numbers,
    dates,
    contacts,
    cued_names,
)
