"""Cell A: the patient's own attributes, and public attributes of every kind at the top level."""

import re
from datetime import date, timedelta
from functools import lru_cache

from pydicom.datadict import DicomDictionary, keyword_for_tag  # type: ignore[attr-defined]
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from deidentify.table import row_for
from rdma.selftest.planting.sheets import MOVED, Sheet, Way, tag_of
from rdma.selftest.planting.texts import written

MOST = {"SH": 16, "LO": 64, "ST": 400, "LT": 400, "UT": 400, "UC": 400}
PLANTABLE = frozenset([*MOST, "PN", "UI", "DA", "DT", "UR"])
# What says what a file is, or is written by de-identification itself.
STRUCTURAL = frozenset(
    [0x00080005, 0x00080016, 0x00080018, 0x0008001A, 0x0020000D, 0x0020000E, 0x0040A730,
     0x00120010, 0x00120020, 0x00120021, 0x00120030, 0x00120031, 0x00120040, 0x00120050,
     0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x00080080, 0x00100010, 0x00100020,
     0x00080050, 0x00200010, 0x00080020, 0x00100030, 0x00041130, 0x0040A040, 0x0040A160,
     0x0040A123, 0x0040A124, 0x0040A120, 0x0040A121, 0x00420010, 0x00189004, 0x00080070]
)  # fmt: skip
# Attributes that hold an identifier or a place, not a text; and some that change what a file is.
NUMBERED = (
    r"OrderNumberImagingServiceRequest|"
    r"(ID|IDs|Number|Numbers|Identifier|Identification|UID|Locator)$"
)
OF_ANIMALS = r"Breed|Strain|Species|GeneticModifications|Animal|Neutered"
PLACED = (
    r"Institution|Department|Organization|Location|Address|Telephone|Telecom|Service|Residence|"
    r"Facility"
)
UNTOUCHED = frozenset([0x00102201, 0x00100033, 0x00100034, 0x00102202])
WORD_OF_OPTION = ("descriptors", "device", "patient_characteristics")


@lru_cache(maxsize=1)
def public_tags() -> list[int]:
    """Every public attribute of the dictionary that can hold a text, a name, a date or a UID."""
    return sorted(
        tag
        for tag, entry in DicomDictionary.items()
        if entry[0] in PLANTABLE
        and tag >> 16 not in (0, 2, 4, 0xFFFA, 0xFFFC, 0xFFFE)
        and tag not in STRUCTURAL | UNTOUCHED
        and keyword_for_tag(tag)
        and not re.search(OF_ANIMALS, keyword_for_tag(tag))
        and tag >> 24 != 0x50
    )


def is_cleaned(tag: int) -> bool:
    """Whether the research profile keeps the text of an attribute after cleaning."""
    row = row_for(tag)
    return row is None or any(row.options.get(name) in ("K", "C") for name in WORD_OF_OPTION)


def is_reached(way: Way) -> bool:
    """Whether no sequence on the way is one that the table removes or empties."""
    rows = [row_for(tag) for tag in way[:-1:2]]
    if any(tag >> 16 & 1 for tag in way):
        return False
    return all(row is None or not set(row.basic) & set("XZD") for row in rows)


def new_uid(sheet: Sheet) -> str:
    return f"{sheet.person.root}.77.{sheet.draw.randrange(10**9, 10**12)}"


def near(sheet: Sheet) -> date:
    return sheet.person.examined + timedelta(sheet.draw.randrange(-900, 25))


def put_into(sheet: Sheet, dataset: Dataset, tag: int, way: Way, cell: str, *, keeps: bool) -> None:
    """Plant what fits the VR of `tag` into `dataset`; `way` leads there from the top."""
    vr = DicomDictionary[tag][0]
    person = sheet.person
    value: object
    if vr == "PN":
        family, given = sheet.draw.choice([person.referrer, person.operator, person.relative])
        value = f"{family}^{given}"
        sheet.plant(cell, way, family)
    elif vr == "UI":
        value = new_uid(sheet)
        row = row_for(tag)
        if row is None or row.options.get("device") != "K":
            sheet.plant(cell, way, str(value))
    elif vr in ("DA", "DT"):
        day = near(sheet)
        tail = sheet.draw.choice(["", "101500", "101500.25", "101500+0100"]) if vr == "DT" else ""
        value = f"{day:%Y%m%d}{tail}"
        sheet.plant(cell, way, f"{day:%Y%m%d}", only_here=True)
        row = row_for(tag)
        if is_reached(way) and (row is None or row.options.get("modified_dates") == "C"):
            sheet.keep_moved(cell, way, day, MOVED + tail)
    elif vr == "UR":
        value = f"https://ris.fjordheim.invalid/studies/{person.mrn}"
        sheet.plant(cell, way, person.mrn)
    elif re.search(NUMBERED, keyword_for_tag(tag)):
        value = sheet.draw.choice([person.mrn, person.fnr, person.accession])
        sheet.plant(cell, way, str(value))
    elif re.search(PLACED, keyword_for_tag(tag)):
        value = sheet.letters(person.hospital)[: MOST[vr]]
        sheet.plant(cell, way, str(value))
    else:
        text = written(person, sheet.draw, MOST[vr])
        value = sheet.letters(text.text)
        sheet.plant(cell, way, *map(sheet.letters, text.needles))
        if keeps and is_cleaned(tag):
            sheet.keep(cell, way, *text.kept)
    dataset[tag] = DataElement(tag, vr, value)


def plant_patient(sheet: Sheet) -> None:
    """Give the file its patient: the attributes every archive fills, and some that only some do."""
    person, dataset, draw = sheet.person, sheet.dataset, sheet.draw
    letters = sheet.letters

    def put(keyword: str, value: object, *needles: str, only_here: bool = False) -> None:
        setattr(dataset, keyword, value)
        sheet.plant("A patient", (tag_of(keyword),), *map(letters, needles), only_here=only_here)

    put("PatientName", letters(person.dicom_name), person.dicom_name)
    put("PatientID", person.mrn, person.mrn)
    put("PatientBirthDate", f"{person.born:%Y%m%d}", f"{person.born:%Y%m%d}", only_here=True)
    put("AccessionNumber", person.accession, person.accession)
    put("ReferringPhysicianName", letters("^".join(person.referrer)), person.referrer[0])
    put("OperatorsName", letters("^".join(person.operator)), person.operator[0])
    put("InstitutionName", letters(person.hospital), person.hospital)
    put("ResponsiblePerson", letters("^".join(person.relative)), person.relative[0])
    optional: list[tuple[str, object, tuple[str, ...]]] = [
        ("OtherPatientIDs", person.fnr, (person.fnr,)),
        ("OtherPatientNames", [letters(f"{person.family.upper()}^{person.given}")],
         (person.family,)),
        ("PatientAddress", letters(f"{person.street}, {person.city}"), (person.street,)),
        ("PatientTelephoneNumbers", person.phone, (person.phone,)),
        ("PatientTelecomInformation", person.mail, (person.mail,)),
        ("PatientMotherBirthName", letters(f"{person.relative[0]}^Mor"), (person.relative[0],)),
        ("PatientBirthName", letters(f"{person.family}^{person.given}"), (person.family,)),
        ("MedicalRecordLocator", person.mrn, (person.mrn,)),
        ("InstitutionalDepartmentName", letters(person.ward), (person.ward,)),
        ("InstitutionAddress", letters(f"{person.street}, {person.city}"), (person.street,)),
        ("CurrentPatientLocation", letters(person.ward), (person.ward,)),
    ]  # fmt: skip
    for keyword, value, needles in draw.sample(optional, 5):
        put(keyword, value, *needles)
    dataset.StudyDate = f"{person.examined:%Y%m%d}"
    sheet.plant("F dates", (0x00080020,), f"{person.examined:%Y%m%d}", only_here=True)
    sheet.keep_moved("F dates", (0x00080020,), person.examined)
    dataset.PatientSex = draw.choice("FM")
    sheet.keep("A patient", (0x00100040,), dataset.PatientSex)
    old = draw.random() < 0.3
    dataset.PatientAge = "093Y" if old else "047Y"
    became = "090Y" if old else "047Y"
    sheet.keep("A patient", (0x00101010,), became, instead_of=dataset.PatientAge)
    if old:
        sheet.plant("A patient", (0x00101010,), "093Y", only_here=True)


def plant_public(sheet: Sheet, count: int) -> None:
    """Plant into `count` public attributes drawn from the whole dictionary."""
    for tag in sheet.draw.sample(public_tags(), count):
        if tag not in sheet.dataset:
            listed = row_for(tag) is not None
            cell = "A listed" if listed else "A unlisted"
            put_into(sheet, sheet.dataset, tag, (tag,), cell, keeps=True)
