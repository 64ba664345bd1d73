"""What in a text is somebody's, whoever the patient is: numbers, addresses, dates, institutions.

Each pattern is narrow on purpose. What may or may not be an identifier is left in place for
the leak check and a person to judge. Which patterns are tried at all is decided by words and
digits that one pass over the text finds.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import pairwise

from ahocorasick_rs import AhoCorasick

from deidentify.cues import Span, announced_names
from deidentify.elements import TABLES
from deidentify.folding import fold, spellings
from deidentify.norwegian import NUMBER, has_date, is_identity_number
from deidentify.words import is_eponym, is_ordinary

MAIL = r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,64}(?:\.[\w\-]{1,64})+"
DIGITS = re.compile(
    r"\d(?:[ .\-/_]{0,2}\d){4}|\d[./\-]\d{1,2}[./\-]\d|\d{4} [A-ZÆØÅ]|(?:9|1[0-2])\d[ \-]?[yYåÅ]"
    r"|\d(?<=[fF]\.\d)\d{3}|\d(?<=[fF]\. \d)\d{3}"
)
_PHONE = (
    r"(?:(?:\+|(?<!\d)00)47[ ]?(?:\d[ ]?){7}\d"
    r"|(?<![\w+])\+(?:3[0-469]|4[013-689]|3[578]\d|42\d)[ ]?(?:\d[ \-]?){6,10}\d"
    r"|(?<![\d.,])(?:[2-9]\d \d{2} \d{2} \d{2}|[489]\d{2} \d{2} \d{3})(?![\d.,]))(?!\d)"
)
# As they are written in North America, where much test data comes from: 312-555-0199, 123-45-6789.
_AMERICAN = (
    r"(?<![\w.,\-/])(?:(?:\+?1[ \-.])?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[\-.])[2-9]\d{2}[\-.]\d{4}"
    r"|(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})(?![\w\-/]|[.,]\d)"
)
# Ages above 89 tell of a person (45 CFR 164.514(b)(2)(i)(C)); in AS they become 090Y.
_VERY_OLD = (
    r"(?i)(?<![\w.,\-/])(9\d|1[0-2]\d)(?=[ \-]?(?:years?|yrs?|y[./]?o\.?|år|årig|åring|yrs)"
    r"(?![^\W\d_]))"
)
_EIGHT = r"(?:\d{8}|\d{2}(?:[ \-]\d{2}){3}|\d{3}[ \-]\d{2}[ \-]\d{3}|\d{4}[ \-]\d{4})"
_CUED_PHONE = (
    r"(?i)(?:(?<![^\W_])(?:telefon|tel|phone|mob|mobil|ring|calling|kontakt|fax|faks)|tlf)"
    r"(?:nr|n(?:umme)?r)?\b[.: ]*(?:nr[.: ]*|pas(?:ient(?:en)?)?[.: ]+)?"
    rf"((?:\(?(?:\+|00)\d{{1,3}}\)?[ \-]?)?{_EIGHT}|\+(?:\d[ \-]?){{7,13}}\d|\d{{5}})(?!\d)"
)
_MONTHS = (
    "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|"
    "january|february|march|may|june|july|october|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|okt|oct|nov|des|dec"
)
_WORD_DATE = (
    rf"(?i)(?<![^\W_])(?:\d{{1,2}}(?:\.|st|nd|rd|th|te|de)?[ \-.]?(?:{_MONTHS})[ \-.,]*"
    r"(?:\d{4}|\d{2})"
    rf"|(?:{_MONTHS})\.?[ \-]\d{{1,2}}(?:st|nd|rd|th)?,?[ \-](?:\d\d:\d\d(?::\d\d)?[ ])?\d{{4}})"
    r"(?![^\W_])"
)
_BORN_DAY = (
    rf"(?i)(?<!\w)(?:født|fodt|f\.|born|dob)[.: ]*(\d{{1,2}}\.? ?(?:{_MONTHS})\.?(?: ?\d{{2,4}})?)"
)
_BORN_YEAR = (
    r"(?i)(?<!\w)(?:født|fodt|f\.|born|dob|årgang|fødselsår)[.: ]*(?:i|in)?[ ]?"
    rf"((?:(?:{_MONTHS})[. ]+)?(?:19|20)\d{{2}})(?![\w\-/]|\.\d|[ ]?(?:[mc]?[msl]|hu)\b)"
)
# A time of day may follow the figures of a date: 20231125103000.
_YEAR_FIRST = re.compile(
    r"(?<![\d.])((?:19|20)\d{2})"
    r"(?:(\d{2})(\d{2})(?:\.?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?"
    r"|([\-./_])(\d{2})\4(\d{2})|([\-/])(\d{1,2})\7(\d{1,2}))(?!\d|\.\d)"
)
_DAY_FIRST = re.compile(
    r"(?<![\d.])(\d{1,2})(?:([\-./])(\d{1,2})\2|/(\d{1,2})-)((?:19|20)?\d{2})(?!\d|[./\-]\d)"
)
_DAY_APART = re.compile(
    r"(?<![^\W_]|[\d.])(?:(\d{2})_(\d{2})_|(\d{1,2})\.[ ]?(\d{1,2})\.[ ])((?:19|20)\d{2})"
    r"(?!\d|[./\-]\d)"
)
_BORN = (
    r"(?i)(?<!\w)(?:født|fodt|f\.|fødselsdato|f\.?dato|born|dob|birth ?date|fnr|f\.nr)[.: ]*"
    r"(\d{6}|\d{8}|(?:\d{1,2}[./\- ]){2}\d{2,4})(?!\d)"
)
_RELEASE = re.compile(
    r"(?i)(?:latest_|release[ :]?|version[ :]?|ver\.? ?|build ?|rev\.? ?|__\[?|[a-z]--|v|r)$"
)
_CUED_NUMBER = (
    r"(?i)(?<![^\W_])(?:fnr|f\.nr|fødselsn(?:umme)?r|fodselsn(?:umme)?r|personn(?:umme)?r|pnr|pasient|"
    r"pas|født|d-?nr|id)\b[.: =]*(\d{2}\.?\d{2}\.?\d{2}[ .\-]?\d{5})(?!\d)"
)
_HELPER = r"(?i)(?<![^\W_])(?:HPR|DUF)(?:-?nr\.?|-?nummer)?[ :.]*(\d{7,9}|\d{12})(?!\d)"
_CASE = (
    r"(?<![^\W_])REK[^\d\n]{0,20}"
    r"((?:19|20)\d{2}/\d{1,5}(?:-\d+)?(?:[ ]?[A-D](?!\w))?|\d{5,6})(?!\d)"
)
_STREET = (
    r"(?<![^\W_])(?:[A-ZÆØÅ][a-zæøåé.\-]{1,30}[ ]){0,2}[A-ZÆØÅ][\w.\-]{0,30}[ ]?"
    r"(?i:veien|vegen|gata|gaten|gate|vei|veg|allé|alléen|plass|bakken|svingen|stien|tunet|kroken"
    r"|(?<=[a-zæøå]{3})vn\.?|(?<=[a-zæøå]{3})gt\.)"
    r"[ ]\d{1,3}[ ]?[A-Za-z]?(?![^\W_])(?:,?[ ]\d{4}[ ][A-ZÆØÅ][A-ZÆØÅa-zæøå]+)?"
)
_BOX = r"(?<!\w)(?i:postboks|p\.?b\.?)[ ](\d+)\b(?:,?[ ](\d{4}[ ][A-ZÆØÅ][\wæøåÆØÅ]+))?"
_TOWN = r"(?<![\d.,])(\d{4})[ ]([A-ZÆØÅ][A-ZÆØÅa-zæøå]+)(?![^\W_])"
_HOSPITAL_OF = (
    r"(?<![^\W_])(?i:\w*(?:sykehuset|sjukehuset|sjukhuset|hospitalet))[ ](?:i[ ]|på[ ])?"
    r"([A-ZÆØÅ][a-zæøåé]+(?:[ -][A-ZÆØÅ][a-zæøåé]+)?)(?![^\W_])"
)
_HOSPITAL = (
    r"(?<![^\W_])((?:St\.?[ ])?[A-ZÆØÅ][a-zæøåé]+(?:[ -][A-ZÆØÅ][a-zæøåé]+)?)[ ]"
    r"(?=(?i:universitets)?(?i:sykehu|sjukehu|sjukhu|hospita|legesenter|legekontor|sykehjem|"
    r"klinikk|university|medical cent))"
)

_KNOWN_HOSPITAL = (
    r"(?<![^\W_])(?:(?i:haukeland|ullevål|rikshospitalet|radiumhospitalet|haraldsplass|ahus|"
    r"diakonhjemmet|lovisenberg|nordlandssykehuset|unilabs|aleris|evidia|curato|volvat|"
    r"helse[ ](?:bergen|fonna|førde|stavanger|vest|nord|sør-øst|midt-norge|møre og romsdal)|"
    r"st\.?[ ]?olavs)|OUS|UNN)(?![^\W_])"
)

PEOPLE, STREET, MONTH, HOSPITAL, CASE = 1, 2, 4, 8, 16
_SIGNS = {
    PEOPLE: "tav henvav rekvav beskrav granskesav edby readby kontakt mvh hilsen svartil kopitil "
    "radiog radiolog lege pleier spl operator tekniker bioingenior jordmor ref henv rekv technolog "
    "physician sign tech prof doktor doctor dr kirurg ortoped olog pediater terapeut praktor "
    "surgeon assistent attending konf diskutert droftet snakket avt samrad md opr beskr pas pt "
    "patient navn name mor far parorende ektefelle ektemann mann datter sonn kone kona samboer "
    "bror soster tvilling verge foresatt tante onkel nabo tolk venn heter mother father husband "
    "wife kin interpreter for att lis",
    STREET: "vn gt veien vegen gata gaten gate vei veg alle plass bakken svingen stien tunet "
    "kroken postboks pb",
    MONTH: _MONTHS.replace("|", " ") + " fodt born dob argang fodselsar",
    HOSPITAL: "sykehu sjukehu sjukhu hospita legesenter legekontor sykehjem klinikk university "
    "medicalcent haukeland ulleval haraldsplass ahus diakonhjemmet lovisenberg unilabs "
    "aleris evidia curato volvat helse olavs ous unn",
    CASE: "rek hpr duf",
}


@lru_cache(maxsize=1)
def _towns() -> frozenset[str]:
    text = (TABLES / "postal_towns.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line[0] != "#")
    return frozenset(form for line in lines for form in spellings(line))


@lru_cache(maxsize=1)
def _automaton() -> tuple[Callable[..., list[tuple[int, int, int]]], list[int]]:
    kinds: dict[str, int] = {}
    for kind, words in _SIGNS.items():
        for word in words.split():
            kinds[word] = kinds.get(word, 0) | kind
    return AhoCorasick(list(kinds)).find_matches_as_indexes, list(kinds.values())


def signs(folded: str) -> int:
    """Return which kinds of patterns may match a text, given its folded letters."""
    find, kinds = _automaton()
    found = 0
    for number, _, _ in find(folded, overlapping=True):  # "legesenter" begins with "lege"
        found |= kinds[number]
    return found


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        found = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return False
    return 1890 <= found.year <= 2099


def identity_numbers(text: str, beginnings: frozenset[str] = frozenset()) -> list[Span]:
    """Where Norwegian identity numbers stand.

    Those with right check digits, those announced as such, and those that begin with the
    patient's date of birth.

    Args:
        text: as it was meant.
        beginnings: the first six digits of numbers that the patient may bear.
    """
    spans = set()
    for match in NUMBER.finditer(text):
        beginning = re.sub(r"\D", "", match[1])
        if beginning in beginnings or is_identity_number(beginning + match[2].replace(" ", "")):
            spans.add(match.span())
    for match in re.finditer(r"(?<![\w.,])(?:\d ){10}\d(?![\w.,])", text):
        if is_identity_number(match[0].replace(" ", "")):
            spans.add(match.span())
    for match in re.finditer(_CUED_NUMBER, text):
        digits = re.sub(r"\D", "", match[1])
        if has_date(digits) or digits[0] in "89":
            spans.add(match.span(1))
    return sorted(spans)


def dates(text: str) -> list[Span]:
    """Where dates of figures stand: with the year first, with the day first, after `born`."""
    spans = [
        m.span()
        for m in _YEAR_FIRST.finditer(text)
        if _is_date(m[1], m[2] or m[5] or m[8], m[3] or m[6] or m[9])
        and not _RELEASE.search(text[max(0, m.start() - 12) : m.start()])
    ]
    for match in _DAY_FIRST.finditer(text):
        day, month, year = match[1], match[3] or match[4], match[5]
        is_date = _is_date(year, month, day) or _is_date(year, day, month)
        if is_date and not _RELEASE.search(text[max(0, match.start() - 12) : match.start()]):
            spans.append(match.span())
    for match in _DAY_APART.finditer(text):
        if _is_date(match[5], match[2] or match[4], match[1] or match[3]):
            spans.append(match.span())
    return spans + [m.span(1) for form in (_BORN, _BORN_YEAR) for m in re.finditer(form, text)]


def word_dates(text: str) -> list[Span]:
    """Where dates with the name of a month stand."""
    spans = [m.span() for m in re.finditer(_WORD_DATE, text)]
    return spans + [m.span(1) for form in (_BORN_DAY, _BORN_YEAR) for m in re.finditer(form, text)]


def phones(text: str) -> list[Span]:
    """Where telephone numbers stand; a row of round numbers is none."""
    spans = [m.span() for m in re.finditer(_PHONE, text) if not _is_row(m[0])]
    spans += [m.span() for m in re.finditer(_AMERICAN, text) if not _is_series(m[0])]
    return spans + [m.span(1) for m in re.finditer(_CUED_PHONE, text)]


def ages(text: str) -> list[Span]:
    """Where ages above 89 years stand."""
    return [m.span(1) for m in re.finditer(_VERY_OLD, text)]


def _is_series(digits: str) -> bool:
    """Whether round numbers stand in a row, as b-values do: 200-500-1000."""
    return all(int(group) % 50 == 0 for group in re.findall(r"\d+", digits))


def _is_row(digits: str) -> bool:
    groups = [int(group) for group in digits.split()] if digits[0] not in "+0" else []
    steps = {b - a for a, b in pairwise(groups)}
    return len(groups) > 2 and (all(group % 5 == 0 for group in groups) or len(steps) == 1)


def _street_begins(match: re.Match[str]) -> int:
    """Where a street's own words begin; a word before them may be one of the examination."""
    start = match.start()
    for word in re.finditer(r"(\S+)[ ](?=[A-ZÆØÅ])", match[0]):
        bare = word[1].rstrip(".")
        if not is_ordinary(bare) and not is_eponym(bare):
            break
        start = match.start() + word.end()
    return start


def addresses(text: str) -> list[Span]:
    """Where streets with a number, post boxes, and towns with a postal code stand."""
    spans = [(_street_begins(m), m.end()) for m in re.finditer(_STREET, text)]
    for match in re.finditer(_BOX, text):
        spans += [match.span(group) for group in (1, 2) if match[group]]
    return spans


def towns(text: str) -> list[Span]:
    """Where a postal code and its town stand."""
    return [m.span() for m in re.finditer(_TOWN, text) if fold(m[2]) in _towns()]


def hospitals(text: str) -> list[Span]:
    """Where the name of a hospital stands before or behind the word for what it is."""
    spans = []
    for form in (_HOSPITAL, _HOSPITAL_OF):
        for match in re.finditer(form, text):
            words = re.finditer(r"[^\W\d_]+", match[1])
            own = [word for word in words if not is_ordinary(word[0])]
            if own:
                spans.append((match.start(1) + own[0].start(), match.end(1)))
    return spans + [m.span() for m in re.finditer(_KNOWN_HOSPITAL, text)]


def others(text: str, found: int, *, has_digits: bool, with_places: bool) -> list[Span]:
    """Where anything stands that patterns tell.

    Args:
        text: as it was meant (see plain.py).
        found: what `signs` said of it.
        has_digits: whether DIGITS is in it.
        with_places: whether names of hospitals go as well.
    """
    spans: list[Span] = []
    if has_digits:
        spans += dates(text) + phones(text) + towns(text) + ages(text)
    if found & MONTH:
        spans += word_dates(text)
    if found & PEOPLE or "/" in text:
        spans += announced_names(text)
    if found & STREET:
        spans += addresses(text)
    if found & HOSPITAL and with_places:
        spans += hospitals(text)
    if found & CASE:
        spans += [m.span(1) for pattern in (_CASE, _HELPER) for m in re.finditer(pattern, text)]
    if "@" in text:
        spans += [m.span() for m in re.finditer(MAIL, text)]
    return spans
