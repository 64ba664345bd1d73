"""Invented people with everything that a header may say of them, drawn with a seed."""

from dataclasses import dataclass
from random import Random

GIVEN_WORDS = (
    "Åse Bjørn Øystein Håkon Pål Sølvi Jørgen Bjørg Kåre "
    "Gøril Anne-Grethe Per-Åge Torbjørn Vår Stein Dag Liv Kari "
    "Ola Ingrid Li Bo Vu Ida Eva Jan Mette "
    "Sigrid Amina Zainab Matéo André Jürgen Noëlle Bård Ståle "
    "Ævar Ranveig Marit Knut Tor "
)
GIVEN = GIVEN_WORDS.split()
SURNAMES_WORDS = (
    "Bjørnstad Sørli Ødegård Håland Åsheim Bråten Grønås Lønning-Dahl Sæther "
    "Kjærstad Nygård Hansen Nordmo Berg Dahl Lie Moe Vik "
    "Hand Head King Long White Young Nguyen Li Ng "
    "Müller Bakke-Østby Tran Øverland Gjerstad Rønning Skår Aasen Løe "
    "O'Brien Haugland Myrvoll "
)
SURNAMES = SURNAMES_WORDS.split()
MIDDLES = ["", "", "Marie", "Solbakken", "Søvik", "Emil", "Hallgjerd"]
STRANGERS = [
    ("Torunn", "Fjelstad"), ("Gunvor", "Høgli"), ("Eskil", "Tveitnes"), ("Dina", "Ørbekk"),
    ("Douglas", "Davidson"), ("Yngve", "Brekkhus"), ("Pia", "Solum"), ("Åge", "Lillebø"),
]  # fmt: skip
DOCTORS = [("Solveig", "Kvernberg"), ("Håvard", "Østgaard"), ("Trine", "Melås"),
           ("Arild", "Bø-Moen"),
           ("Wenche", "Aardal"), ("Mohammad", "Karimi")]  # fmt: skip
STREETS = ["Lilleveien", "Storgata", "Fjellbakken", "Øvre Sandgate", "Bjørkealléen", "Myrstien"]
CITIES = ["BERGEN", "TROMSØ", "HAMAR", "FØRDE", "BODØ"]
HOSPITALS = [
    "Fjordheim sykehus",
    "Skogli universitetssykehus",
    "Åsgard klinikk",
    "Nordhavn Hospital",
]
WARDS = ["Bjørkely sengepost", "Solgløtt", "Ekelund poliklinikk"]
ORDINARY = {"hand", "head", "long", "white", "young", "stein"}
MONTHS = ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
          "oktober", "november", "desember")  # fmt: skip
ENGLISH = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One patient and those around; every value is invented."""

    given: str
    middle: str
    surname: str
    identifier: str
    number: str
    accession: str
    born: tuple[int, int, int]  # year, month, day
    street: str
    postcode: str
    city: str
    phone: str
    mobile: str
    doctor: tuple[str, str]
    operator: tuple[str, str]
    relative: tuple[str, str]
    hospital: str
    ward: str
    external: str

    def terms(self) -> list[tuple[str, bytes, bytes]]:
        """What a header tells, as the engine collects it."""
        year, month, day = self.born
        told = [
            ("name", f"{self.surname}^{self.given}^{self.middle}".rstrip("^")),
            ("name", "^".join(reversed(self.doctor))),
            ("name", "^".join(reversed(self.operator))),
            ("name", f"{self.relative[0]} {self.relative[1]}"),
            ("identifier", self.identifier),
            ("identifier", self.number),
            ("identifier", self.accession),
            ("identifier", self.external),
            ("birth_date", f"{year:04d}{month:02d}{day:02d}"),
            ("address", f"{self.street}^^{self.city}^^{self.postcode}"),
            ("phone", self.phone),
            ("phone", self.mobile),
            ("institution", self.hospital),
            ("institution", self.ward),
        ]
        return [(kind, text.encode(), b"ISO_IR 192") for kind, text in told]


def checked(nine: str) -> str | None:
    """Eleven digits with the two check digits; None if there are none for these nine."""
    digits = [int(digit) for digit in nine]
    for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
        last = -sum(w * d for w, d in zip(weights, digits, strict=True)) % 11
        if last == 10:
            return None
        digits.append(last)
    return "".join(map(str, digits))


def identity_number(random: Random, born: tuple[int, int, int]) -> str:
    """A synthetic number: the month plus 80, a D-number of that kind, or an FH-number."""
    year, month, day = born
    while True:
        kind = random.choice(["plain", "plain", "D", "FH"])
        start = f"{day + (40 if kind == 'D' else 0):02d}{month + 80:02d}{year % 100:02d}"
        if kind == "FH":
            start = f"{random.choice('89')}{random.randrange(10**5):05d}"
        found = checked(f"{start}{random.randrange(1000):03d}")
        if found:
            return found


def person(random: Random) -> Person:
    """Draw one."""
    born = (random.randrange(1932, 2020), random.randrange(1, 13), random.randrange(1, 29))
    doctor, operator = random.sample(DOCTORS, 2)
    surname = random.choice(SURNAMES)
    mobile = f"{random.choice('49')}{random.randrange(10**7):07d}"
    plain = f"{random.choice('2357')}{random.randrange(10**7):07d}"
    return Person(
        given=random.choice([name for name in GIVEN if name != surname]),
        middle=random.choice(MIDDLES),
        surname=surname,
        identifier=random.choice(["HN{}", "MRN-{}", "{}", "PAT{}X"]).format(
            random.randrange(10**6, 10**7)
        ),
        number=identity_number(random, born),
        accession=random.choice(["ACC{}", "NOR{}", "{}"]).format(random.randrange(10**6, 10**8)),
        born=born,
        street=f"{random.choice(STREETS)} {random.randrange(1, 90)}{random.choice(['', 'B'])}",
        postcode=f"{random.randrange(500, 9900):04d}",
        city=random.choice(CITIES),
        phone=f"{plain[:2]} {plain[2:4]} {plain[4:6]} {plain[6:]}",
        mobile=f"{mobile[:3]} {mobile[3:5]} {mobile[5:]}",
        doctor=doctor,
        operator=operator,
        relative=("Hallvard", surname.split("-")[0]),
        hospital=random.choice(HOSPITALS),
        ward=random.choice(WARDS),
        external=random.choice(["KRG-{}", "NORSTUDY_{}", "EXT{}"]).format(
            random.randrange(1000, 99999)
        ),
    )
