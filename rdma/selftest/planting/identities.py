"""Invented patients: every way in which each is known, and every way somebody may spell it.

Identity numbers are synthetic ones (month + 80), mail goes to `.invalid`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FAMILY_BEGINS = ["Bjørk", "Skjel", "Kvern", "Hås", "Ørn", "Raud", "Grim", "Åskj", "Hægst", "Møll",
                 "Tveit", "Lund"]  # fmt: skip
FAMILY_ENDS = ["vik", "stad", "mo", "seth", "eide", "haug", "rud", "nes", "tveit", "dalen"]
GIVEN = ["Åse", "Øyvind", "Kåre", "Synnøve", "Håkon", "Solfrid", "Ragnhild", "Torstein",
         "Ingebjørg", "Eirik", "Gudrun", "Bjørg", "André", "Jürgen", "Sigrid", "Tormod",
         "Aslaug", "Hjørdis"]  # fmt: skip
STREETS = [
    "Fjøsangerveien",
    "Skuteviksgaten",
    "Møhlenprisbakken",
    "Ytrebygdsvegen",
    "Kråkenesveien",
]
CITIES = ["5055 BERGEN", "5411 STORD", "6800 FØRDE", "5704 VOSS"]
# Some patients are called what is also a word, or what has more parts than one.
ORDINARY = {3: "Berg", 5: "Müller-Holm", 6: "Davidson", 8: "Stein", 10: "Dahl"}
WORDS = frozenset(["Berg", "Stein", "Dahl"])
HOSPITALS = ["Fjordheim sykehus", "Havblikk universitetssjukehus", "Storetveit legesenter"]
WARDS = ["Nevrokirurgisk sengepost K3", "Ortopedisk poliklinikk Vågsbygd"]
MONTHS = ["januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
          "oktober", "november", "desember"]  # fmt: skip
ENGLISH = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"]  # fmt: skip
_BOTH = {"æ": "ae", "Æ": "AE", "é": "e", "É": "E"}
LONG = str.maketrans(_BOTH | {"ø": "oe", "å": "aa", "Ø": "OE", "Å": "AA", "ü": "ue", "Ü": "UE"})
SHORT = str.maketrans(_BOTH | {"ø": "o", "å": "a", "Ø": "O", "Å": "A", "ü": "u", "Ü": "U"})


@dataclass(frozen=True)
class Person:
    """One invented patient of the corpus and the people who met them.

    `shift` is the number of days by which every date of theirs is to move.
    """

    number: int
    given: str
    middle: str
    family: str
    born: date
    fnr: str
    mrn: str
    accession: str
    phone: str
    mail: str
    street: str
    city: str
    hospital: str
    ward: str
    referrer: tuple[str, str]
    operator: tuple[str, str]
    relative: tuple[str, str]
    practitioner: tuple[str, str]
    nurse: tuple[str, str]
    examined: date
    shift: int

    @property
    def pseudonym(self) -> str:
        return f"BICAM_{self.number:04d}"

    @property
    def dicom_name(self) -> str:
        return f"{self.family}^{self.given}^{self.middle}"

    @property
    def root(self) -> str:
        """What begins all UIDs of this patient."""
        return f"1.2.826.0.1.3680043.9.{7000 + self.number}"


def people(seed: int, count: int) -> list[Person]:
    """Return `count` patients, no two of one family name; the same for the same seed."""
    draw = random.Random(seed)
    families = [begin + end for begin in FAMILY_BEGINS for end in FAMILY_ENDS]
    draw.shuffle(families)
    names = iter(families * (1 + count * 6 // len(families)))
    return [_person(draw, number + 1, names) for number in range(count)]


def _person(draw: random.Random, number: int, names: Iterator[str]) -> Person:
    born = date(1932, 1, 1) + timedelta(draw.randrange(27_000))
    given, middle = draw.sample(GIVEN, 2)

    def other() -> tuple[str, str]:
        return next(names), draw.choice([name for name in GIVEN if name not in (given, middle)])

    family = ORDINARY.get(number) or next(names)
    return Person(
        number=number,
        given=given,
        middle=middle,
        family=family,
        born=born,
        fnr=identity_number(draw, born),
        mrn=f"{'HN' if number % 2 else ''}{draw.randrange(10**7, 10**8)}",
        accession=_accession(draw, number),
        phone=f"{draw.randrange(900, 999)} {draw.randrange(10, 99)} {draw.randrange(100, 999)}",
        mail=f"{given.translate(SHORT)}.{family.translate(SHORT)}@fjordheim.invalid".lower(),
        street=f"{draw.choice(STREETS)} {draw.randrange(2, 98)}",
        city=draw.choice(CITIES),
        hospital=draw.choice(HOSPITALS),
        ward=draw.choice(WARDS),
        referrer=other(),
        operator=other(),
        relative=other(),
        practitioner=other(),
        nurse=other(),
        examined=date(2019, 1, 1) + timedelta(draw.randrange(1800)),
        shift=-draw.randrange(31, 364),
    )


def _accession(draw: random.Random, number: int) -> str:
    figures = f"{draw.randrange(10**9, 10**10)}"
    return [f"{figures[:2]}-{figures[2:]}", f"ACC{figures}", figures][number % 3]


def identity_number(draw: random.Random, born: date) -> str:
    """Return a synthetic Norwegian identity number: month + 80, both check digits right."""
    head = f"{born.day:02d}{born.month + 80:02d}{born.year % 100:02d}"
    while True:
        digits = [int(one) for one in f"{head}{draw.randrange(500):03d}"]
        first = -sum(map(int.__mul__, digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
        second = -sum(map(int.__mul__, [*digits, first], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        if first < 10 and second < 10:
            return "".join(map(str, [*digits, first, second]))


def spellings(given: str, family: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return how people write a name, each with the strings that betray it."""
    whole = f"{given} {family}"
    if family in WORDS:
        # Alone it is a word of anatomy or landscape; beside the given name it is a person.
        forms = [whole, f"{family}, {given}", whole.upper(), f"{family}^{given}", whole.lower()]
        alone: list[tuple[str, tuple[str, ...]]] = [(form, (form,)) for form in forms]
        return alone * 3
    return [
        (whole, (family, given)),
        (f"{family}, {given}", (family, given)),
        (whole.upper(), (family.upper(), given.upper())),
        (whole.lower(), (family.lower(), given.lower())),
        (f"{family}^{given}".translate(LONG), (family.translate(LONG), given.translate(LONG))),
        (whole.translate(SHORT), (family.translate(SHORT), given.translate(SHORT))),
        (f"{given[0]}. {family}", (family,)),
        (f"{family} {given[0]}.", (family,)),
        (f"{family}s", (family,)),
        (f"{family}_{given}".upper(), (family.upper(), given.upper())),
        (f"{given}-{family}", (family, given)),
        ((given + family).translate(SHORT), ((given + family).translate(SHORT),)),
        (f"{family.upper()} {given}", (family.upper(), given)),
    ]


def whole_names(person: Person) -> list[tuple[str, tuple[str, ...]]]:
    """Return how people write all names of a patient, or one of two family names."""
    given, middle, family = person.given, person.middle, person.family
    needles = () if family in WORDS else (family,)
    forms: list[tuple[str, tuple[str, ...]]] = [
        (f"{given} {middle} {family}", (*needles, given, middle)),
        (f"{family}, {given} {middle}", (*needles, given, middle)),
        (f"{given[0]}. {middle[0]}. {family}", (f"{middle[0]}. {family}",)),
        (f"{given} {middle[0]} {family}", (f"{middle[0]} {family}",)),
    ]
    if "-" in family:
        last = family.split("-")[1]
        forms += [(f"{given} {last}", (f"{given} {last}",)), (last.upper(), (last.upper(),))]
    return forms


def birth_forms(born: date) -> list[str]:
    """Return a birth date as people write it."""
    day, month, year = born.day, born.month, born.year
    return [
        f"{day:02d}.{month:02d}.{year}",
        f"{day:02d}.{month:02d}.{year % 100:02d}",
        f"{year}-{month:02d}-{day:02d}",
        f"{day:02d}/{month:02d}/{year}",
        f"{day:02d}-{month:02d}-{year}",
        f"{day}. {MONTHS[month - 1]} {year}",
        f"{day} {ENGLISH[month - 1]} {year}",
        f"{ENGLISH[month - 1]} {day}, {year}",
        f"{year}{month:02d}{day:02d}",
        f"{day:02d}{month:02d}{year}",
    ]


def numbers(person: Person) -> list[tuple[str, str]]:
    """Return the patient's numbers as people write them, each with what betrays it."""
    plain = person.phone.replace(" ", "")
    return [
        (person.fnr, person.fnr),
        (f"{person.fnr[:6]} {person.fnr[6:]}", person.fnr[6:]),
        (person.mrn, person.mrn),
        (person.mrn.lower(), person.mrn[-7:]),
        (person.mrn.replace("HN", "HN "), person.mrn[-8:]),
        (person.accession, person.accession),
        (person.accession.replace("-", ""), person.accession.replace("-", "")),
        (f"acc.nr {person.accession}", person.accession),
        (f"tlf {person.phone}", person.phone),
        (f"+47 {plain}", plain),
        (person.mail, person.mail),
        (f"{person.street}, {person.city}", person.street),
    ]


def known_of(person: Person) -> Iterator[tuple[str, str]]:
    """Yield what of a patient may stand nowhere beside the data: what it is, and the text."""
    yield from (
        ("the identity number", person.fnr),
        ("the patient's number", person.mrn),
        ("the accession number", person.accession),
        ("the address", person.street),
        ("the telephone number", person.phone),
        ("the mail address", person.mail),
        ("the referring physician", person.referrer[0]),
        ("the operator", person.operator[0]),
        ("the UID of the study", f"{person.root}.1"),
        ("the UID of a series", f"{person.root}.2."),
        ("the UID of an instance", f"{person.root}.3."),
    )
    if person.family not in WORDS:
        yield "the family name", person.family
