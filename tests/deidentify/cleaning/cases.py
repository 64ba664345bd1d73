"""Descriptions with identifiers planted in them, and what must and must not be left."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from random import Random

from tests.deidentify.cleaning.people import ENGLISH, MONTHS, ORDINARY, STRANGERS, Person

HERE = Path(__file__).parent
_FIELD = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_PIECE = re.compile(r"[^\W_]+")
# After these words a name is a name, though the word alone might be something else.
_CUED = re.compile(r"(?i)\b(pas\.|pasienten|pasient:?|pt\.?|patient:?|navn:?|for)\s*$")
ASCII = str.maketrans({"å": "aa", "ø": "oe", "æ": "ae", "Å": "Aa", "Ø": "Oe", "Æ": "Ae"})
SHORT = str.maketrans({"å": "a", "ø": "o", "æ": "ae", "Å": "A", "Ø": "O", "Æ": "AE"})


@dataclass(frozen=True)
class Case:
    """A text, the words that must go and those that must stay.

    `is_open`: the word alone may as well be one of protocols or anatomy, so it may stay.
    """

    text: str
    gone: tuple[str, ...]
    kept: tuple[str, ...]
    is_open: bool
    template: str


def lines(name: str) -> list[str]:
    """The lines of a data file beside this module."""
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _unaccented(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(SHORT))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _transliterated(text: str) -> str:
    written = text.translate(ASCII)
    return written.upper() if text.isupper() else written


def _invisible(text: str) -> str:
    return "".join(c + ("\u200b" if n % 3 == 1 else "") for n, c in enumerate(text))


def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def _entities(text: str) -> str:
    return "".join(c if c.isascii() else f"&#{ord(c)};" for c in escape(text, quote=False))


PLAIN: Callable[[str], str] = str
# What a text may have gone through on its way; the second is done to what was planted alone.
WAYS: list[tuple[Callable[[str], str], Callable[[str], str]]] = [
    *[(PLAIN, PLAIN)] * 6,
    (
        PLAIN,
        lambda text: text.translate(ASCII).upper() if text.isupper() else text.translate(ASCII),
    ),
    (PLAIN, _unaccented),
    (_mojibake, PLAIN),
    (lambda text: unicodedata.normalize("NFD", text), PLAIN),
    (lambda text: text.replace(" ", "\u00a0"), PLAIN),
    (PLAIN, _invisible),
    (PLAIN, _entities),
]


def _fields(person: Person, random: Random) -> dict[str, tuple[str, bool]]:
    """What stands for each place of a template, and whether it is a name that may be open."""
    year, month, day = person.born
    given, surname = person.given, person.surname
    bare = _PIECE.findall(surname)[0]
    joined = surname.replace("'", "")
    is_open = all(len(part) < 3 or part.lower() in ORDINARY for part in _PIECE.findall(surname))
    is_lowered = is_open or any(len(part) < 4 for part in _PIECE.findall(surname))
    stranger = random.choice(STRANGERS)
    whole = f"{given} {surname}"
    number = person.number
    wrong = f"{day:02d}{month:02d}{year % 100:02d}" + f"{(int(number[6:]) + 1) % 10**5:05d}"
    digits = person.mobile.replace(" ", "")
    town = person.city
    alone = {
        "surname": surname, "SURNAME": surname.upper(), "camel": "".join(_PIECE.findall(surname)),
    }  # fmt: skip
    plain = {
        "name": whole,
        "given": given, "GIVEN": given.upper(), "middle": person.middle,
        "MIDDLE": person.middle.upper(), "given_initial": given[0],
        "glued": f"{given}{joined}".lower(), "glued_reversed": f"{joined}{given}".lower(),
        "GLUED": f"{joined}{given}".upper(), "initials": f"{given[0]}.{surname[0]}.",
        "pcs": f"{surname}^{given}",
        "doctor": " ".join(person.doctor), "doctor_surname": person.doctor[1],
        "operator": " ".join(person.operator), "operator_surname": person.operator[1],
        "relative": " ".join(person.relative),
        "stranger": " ".join(stranger), "stranger_surname": stranger[1],
        "id": person.identifier, "id_split": re.sub(r"(?<=\D)(?=\d)", " ", person.identifier),
        "fnr": number, "fnr_spaced": f"{number[:6]} {number[6:]}",
        "fnr_dashed": f"{number[:6]}-{number[6:]}",
        "fnr_dotted": f"{number[:2]}.{number[2:4]}.{number[4:6]} {number[6:]}",
        "fnr_wrong": wrong,
        "accession": person.accession,
        "accession_split": re.sub(r"(?<=\D)(?=\d)", " ", person.accession),
        "dob_dots": f"{day:02d}.{month:02d}.{year}",
        "dob_dots_short": f"{day:02d}.{month:02d}.{year % 100:02d}",
        "dob_words": f"{day}. {MONTHS[month - 1]} {year}",
        "dob_slash": f"{day}/{month}-{year % 100:02d}",
        "dob_iso": f"{year}-{month:02d}-{day:02d}", "dob_us": f"{month:02d}/{day:02d}/{year}",
        "dob_english": f"{day} {ENGLISH[month - 1]} {year}",
        "dob_english_us": f"{ENGLISH[month - 1]} {day}, {year}",
        "dob_six": f"{day:02d}{month:02d}{year % 100:02d}",
        "dob_compact": f"{year}{month:02d}{day:02d}",
        "phone": person.phone, "phone_mobile": person.mobile,
        "phone_plain": person.phone.replace(" ", ""), "phone_mobile_plain": digits,
        "extension": "71234",
        "address": f"{person.street}, {person.postcode} {town}", "street": person.street,
        "postcode": person.postcode, "CITY": town, "box": "217",
        "abroad": f"+47 {person.mobile}", "case": "2019/1734",
        "mail": f"{_unaccented(given).lower()}.{_unaccented(bare).lower()}@fjordheim.invalid",
        "hospital": person.hospital, "hospital_name": person.hospital.split()[0],
        "stranger_hospital": "Lundeby sykehus",
        "ward": person.ward.split()[0],
        "external": person.external, "rek": "218754",
    }  # fmt: skip
    fields = {key: (value, False) for key, value in plain.items()}
    fields |= {key: (value, is_open) for key, value in alone.items()}
    fields["genitive"] = (f"{surname}s", is_open or surname == "Tran")
    fields["lower"] = (surname.lower(), is_lowered)
    fields["sexword"] = (random.choice("MK"), False)
    return fields


# Words of planted values that say nothing of anybody.
_SAYS_NOTHING = {"sykehus", "universitetssykehus", "klinikk", "hospital", "sengepost"}


def case(template: str, person: Person, random: Random) -> Case:
    """Fill one template in for one person."""
    fields = _fields(person, random)
    whole, planted = random.choice(WAYS)
    text, kept, gone = "", [], []
    is_open, position = False, 0
    for match in _FIELD.finditer(template):
        literal = template[position : match.start()].replace("{{", "{").replace("}}", "}")
        value, may_be_open = fields[match[1]]
        is_open |= may_be_open and not _CUED.search(template[: match.start()])
        text += whole(literal)
        kept += _PIECE.findall(whole(literal))
        if match[1] == "initials":
            planted = PLAIN
            is_open |= value in ("A.P.", "P.A.", "I.V.", "L.L.", "P.I.")
        text += whole(planted(value))
        if match[1] not in ("sexword", "given_initial", "initials"):
            gone += [
                whole(planted(word))
                for word in _PIECE.findall(value)
                if word.lower() not in _SAYS_NOTHING and len(word) > 1
            ]
        elif match[1] == "initials":
            gone.append(whole(planted(value)))
        position = match.end()
    literal = template[position:].replace("{{", "{").replace("}}", "}")
    kept += _PIECE.findall(whole(literal))
    said = {word.lower() for word in kept}
    gone = [word for word in gone if word.lower() not in said]
    return Case(text + whole(literal), tuple(gone), tuple(kept), is_open, template)


def cases(people: list[Person], random: Random) -> Iterator[tuple[Person, Case]]:
    """Every template for every person; a person with one name alone counts as given."""
    for person in people:
        for template in lines("templates.txt"):
            yield person, case(template, person, random)


def leaked(case: Case, cleaned: str) -> list[str]:
    """The planted words of which four letters in a row, or the whole, are left."""
    lower = cleaned.lower()
    # Four letters that the template itself holds prove nothing.
    literal = " ".join(case.kept).lower()
    left = []
    for word in case.gone:
        bare = word.lower()
        if len(bare) < 4:
            is_left = re.search(rf"(?<![^\W_]){re.escape(bare)}(?![^\W_])", lower)
        else:
            grams = {bare[at : at + 4] for at in range(len(bare) - 3)}
            is_left = any(gram in lower and gram not in literal for gram in grams)
        if is_left:
            left.append(word)
    return left


def lost(case: Case, cleaned: str) -> list[str]:
    """The words that should have stayed and are not there."""
    left = _PIECE.findall(cleaned)
    gone = []
    for word in case.kept:
        if word in left:
            left.remove(word)
        else:
            gone.append(word)
    return gone
