"""What is known of one patient and of those who met them, compiled into what is searched for."""

import re
from collections.abc import Iterable

from deidentify.finder import Literal
from deidentify.folding import fold, spellings
from deidentify.identifying import (
    ADDRESS,
    BIRTH_DATE,
    DATE,
    DEVICE,
    IDENTIFIER,
    MAIL,
    NAME,
    PATIENT_NAME,
    PHONE,
    PLACE,
    PLACE_ADDRESS,
)
from deidentify.names import Names
from deidentify.plan import Plan
from deidentify.text import text_of
from deidentify.written_forms import (
    LEAST_IDENTIFIER,
    address_parts,
    bare_numbers,
    birth_figures,
    birth_forms,
    birth_words,
    examination_figures,
    identifiers,
    number_beginnings,
    shortened_streets,
)

Term = tuple[str, bytes, bytes]  # kind, value as stored, character set

LEAST_BLOCK_NUMBER = 6
_WORDS = re.compile(r"[^\W\d_]+")
_KINDS = {
    PATIENT_NAME: NAME,
    "physician": NAME, "operator": NAME, "accession": IDENTIFIER, "national_id": IDENTIFIER,
    "patient_id": IDENTIFIER, "department": PLACE, "date_of_birth": BIRTH_DATE,
}  # fmt: skip


class Vocabulary:
    """The words of one patient.

    Attributes:
        names: of people.
        places: names of institutions; none if the plan keeps them.
        literals: identifiers and birth dates in their written forms.
        sought: the same, addresses and dates of examinations, as they are looked for in texts.
        phrases: parts of addresses.
        number_beginnings: of identity numbers of somebody with such a birth date.
        dates: as DA holds them, to be shifted.
        numbers: the literals that are long numbers.
    """

    def __init__(self, plan: Plan, terms: Iterable[Term]) -> None:
        own = {plan.identity.pseudonym.casefold(), plan.identity.project.casefold()}
        people: list[str] = []
        places: list[str] = []
        self.literals: set[str] = set()
        self.phrases: set[str] = set()
        self.dates: set[bytes] = set()
        known: set[str] = set()
        figures: set[Literal] = set()
        self.number_beginnings: set[str] = set()
        for kind, value, charset in sorted(terms):
            text = text_of(value.strip(b" \0"), charset)
            kind = _KINDS.get(kind, kind)
            for one in text.split("\\"):
                one = one.strip(" \0")
                if one.casefold() in own or not one:
                    continue
                if kind == NAME:
                    people.append(one)
                    for part in re.split(r"[\s^=,]+", one):
                        known.update(identifiers(part))
                elif kind == IDENTIFIER:
                    known.update(identifiers(one))
                    people.extend(w for w in _WORDS.findall(one) if len(w) > LEAST_IDENTIFIER)
                elif kind == DEVICE and not plan.profile.has("device"):
                    known.update(identifiers(one))
                elif kind == BIRTH_DATE:
                    self.literals.update(birth_forms(one))
                    figures.update(Literal(*form) for form in birth_figures(one))
                    self.number_beginnings |= number_beginnings(one)
                    figures.update(Literal(fold(form)) for form in birth_words(one))
                    self.dates.add(one.encode("latin-1", "replace"))
                elif kind == DATE:
                    self.dates.add(one.encode("latin-1", "replace"))
                    if not plan.profile.has("full_dates"):
                        figures.update(Literal(*form) for form in examination_figures(one))
                elif kind in (PHONE, MAIL):
                    known.update(identifiers(one))
                elif kind == ADDRESS or (
                    kind == PLACE_ADDRESS and not plan.profile.has("institution")
                ):
                    self.phrases.update(address_parts(one))
                elif kind == PLACE and not plan.profile.has("institution"):
                    places.append(one)
        self.literals |= known
        streets = {form for phrase in self.phrases for form in shortened_streets(phrase)}
        self.sought = figures | {
            Literal(fold(form)) for one in known for form in (one, *bare_numbers(one))
        }
        self.sought |= {
            Literal(form)
            for phrase in {*self.phrases, *streets}
            for form, is_lossy in spellings(phrase).items()
            if not is_lossy and len(form) >= LEAST_IDENTIFIER
        }
        self.names = Names(people)
        self.places = Names(places, places=True)
        self.numbers = frozenset(
            one.encode()
            for one in self.literals
            if one.isdigit() and len(one) >= LEAST_BLOCK_NUMBER
        )
