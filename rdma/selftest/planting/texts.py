"""Free texts as people write them: clinical words that stay beside somebody's identifiers."""

import random
from typing import NamedTuple

from rdma.selftest.planting.identities import Person, birth_forms, numbers, spellings, whole_names

CLINICAL = [
    "T1 MPRAGE", "P4^P101", "FLAIR", "Mb. Bechterew", "Hodgkin", "L4/L5", "b1000", "ep2d_bold",
    "CT thorax", "5 mm", "TE=30", "venstre kne", "T2 TSE sag", "GRAPPA 2", "HASTE", "3.0 T",
    "C6-C7", "120 kV", "Alzheimer", "WW400", "uten kontrast", "dynamisk serie", "kontroll 6 mnd",
    "SWI 64ch", "ADC map", "suspekt lesjon", "DTI_64dir", "lumbal", "post op", "Cor STIR",
]  # fmt: skip
HERE = ("for {who}", "pas. {who}", "({who})", "{who}", "- {who}", "/ {who}", "re {who},")
THERE = ("henvist av {who}", "v/{who}", "ref. {who}", "Dr. {who}", "beskrevet av {who}")
NUMBER = ("{what}", "nr {what}", "({what})", "ID {what}", "- {what}", "{what};")


class Written(NamedTuple):
    """A text, what in it betrays somebody, and the words that are to stay."""

    text: str
    needles: tuple[str, ...]
    kept: tuple[str, ...]


def identifier(person: Person, draw: random.Random) -> tuple[str, tuple[str, ...]]:
    """Return one way of saying who it is, with the strings that betray it."""
    lot = draw.random()
    if lot < 0.5:
        forms = spellings(person.given, person.family) + whole_names(person)
        what, needles = draw.choice(forms)
        return draw.choice(HERE).format(who=what), needles
    if lot < 0.65:
        family, given = draw.choice([person.referrer, person.operator, person.relative])
        what, needles = draw.choice(spellings(given, family)[:11])
        return draw.choice(THERE).format(who=what), needles
    if lot < 0.75:
        form = draw.choice(birth_forms(person.born))
        return f"{draw.choice(['f.', 'født', 'DOB', 'f. dato'])} {form}", (form,)
    if lot < 0.8:
        return f"{draw.choice(['ved', 'at', 'fra'])} {person.hospital}", (person.hospital,)
    what, needle = draw.choice(numbers(person))
    return draw.choice(NUMBER).format(what=what), (needle,)


def written(person: Person, draw: random.Random, most: int) -> Written:
    """Return a text of at most `most` letters with an identifier in it.

    Short elements hold little but the identifier itself.
    """
    for _ in range(60):
        said, needles = identifier(person, draw)
        first, second = draw.sample(CLINICAL, 2)
        form = draw.choice(["{a} {x}", "{x} {a}", "{a} {x} {b}", "{a}, {x}, {b}"])
        text = form.format(a=first, x=said, b=second)
        kept = [first, second] if "{b}" in form else [first]
        if len(text) > most:
            text, kept = f"{first} {said}", [first]
        if len(text) > most:
            text, kept = said, []
        if len(text) <= most:
            return Written(text, needles, tuple(w for one in kept for w in one.split()))
    return Written(person.mrn, (person.mrn,), ())
