"""What is known of one patient and of those who met them, compiled into what is searched for."""

import re
from collections.abc import Iterable

from deidentify.identifying import (
    ADDRESS,
    BIRTH_DATE,
    DATE,
    DEVICE,
    IDENTIFIER,
    MAIL,
    NAME,
    PHONE,
    PLACE,
)
from deidentify.names import Names
from deidentify.plan import Plan
from deidentify.text import decoded
from deidentify.written_forms import LEAST_IDENTIFIER, address_parts, birth_forms, identifiers

Term = tuple[str, bytes, bytes]  # kind, value as stored, character set

LEAST_BLOCK_NUMBER = 6
_WORDS = re.compile(r"[^\W\d_]+")
_KINDS = {
    "physician": NAME, "operator": NAME, "accession": IDENTIFIER, "national_id": IDENTIFIER,
    "patient_id": IDENTIFIER, "department": PLACE, "date_of_birth": BIRTH_DATE,
}  # fmt: skip


class Vocabulary:
    """The words of one patient.

    Attributes:
        names: of people.
        places: names of institutions; none if the plan keeps them.
        literals: identifiers and birth dates in their written forms.
        phrases: parts of addresses.
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
        for kind, value, charset in sorted(terms):
            text = decoded(value.strip(b" \0"), charset)[0]
            kind = _KINDS.get(kind, kind)
            for one in text.split("\\"):
                one = one.strip(" \0")
                if one.casefold() in own or not one:
                    continue
                if kind == NAME:
                    people.append(one)
                    for part in re.split(r"[\s^=,]+", one):
                        self.literals.update(identifiers(part))
                elif kind == IDENTIFIER:
                    self.literals.update(identifiers(one))
                    people.extend(w for w in _WORDS.findall(one) if len(w) > LEAST_IDENTIFIER)
                elif kind == DEVICE and not plan.profile.has("device"):
                    self.literals.update(identifiers(one))
                elif kind == BIRTH_DATE:
                    self.literals.update(birth_forms(one))
                    self.dates.add(one.encode("latin-1", "replace"))
                elif kind == DATE:
                    self.dates.add(one.encode("latin-1", "replace"))
                elif kind in (PHONE, MAIL):
                    self.literals.update(identifiers(one))
                elif kind == ADDRESS:
                    self.phrases.update(address_parts(one))
                elif kind == PLACE and not plan.profile.has("institution"):
                    places.append(one)
        self.names = Names(people)
        self.places = Names(places, places=True)
        self.numbers = frozenset(
            one.encode()
            for one in self.literals
            if one.isdigit() and len(one) >= LEAST_BLOCK_NUMBER
        )
