"""Cells B and K: what one header tells and another merely mentions; names in other scripts."""

from rdma.selftest.planting.identities import spellings
from rdma.selftest.planting.sheets import Sheet, as_text, tag_of
from rdma.selftest.planting.texts import CLINICAL

TELLS = {0: "RequestingPhysician", 1: "PerformingPhysicianName", 2: "PhysiciansOfRecord"}
MENTIONS = ["InterpretationText", "ContrastBolusAgent", "DetectorDescription", "PlateType",
            "ReasonForTheRequestedProcedure", "AcquisitionDeviceProcessingDescription",
            "PatientState", "ConsultingPhysicianName"]  # fmt: skip


def plant_other_file(sheet: Sheet, number: int) -> None:
    """One file of the study names the general practitioner; all others mention them in a text."""
    family, given = sheet.person.practitioner
    if number in TELLS:
        tag = tag_of(TELLS[number])
        setattr(sheet.dataset, TELLS[number], sheet.letters(f"{family}^{given}"))
        sheet.plant("B other file", (tag,), sheet.letters(family))
        return
    keyword = sheet.draw.choice(MENTIONS[:-1])
    said, needles = sheet.draw.choice(spellings(given, family)[:11])
    word = sheet.draw.choice(CLINICAL)
    setattr(sheet.dataset, keyword, sheet.letters(f"{word} {said}")[:64])
    tag = tag_of(keyword)
    sheet.plant("B other file", (tag,), *map(sheet.letters, needles))
    sheet.keep("B other file", (tag,), *word.split())


def plant_several(sheet: Sheet) -> None:
    """Several values, groups of a name, and padding around them."""
    person = sheet.person
    names = [f"{family}^{given}" for family, given in (person.operator, person.relative)]
    sheet.dataset.NameOfPhysiciansReadingStudy = [sheet.letters(name) for name in names]
    sheet.plant("A several", (0x00081060,), *(sheet.letters(n.split("^")[0]) for n in names))
    sheet.dataset.OtherPatientNames = [
        sheet.letters(f"{person.family}^{person.given}=={person.family}^{person.given}"),
        sheet.letters(f" {person.family.upper()} ^{person.given} "),
    ]
    sheet.plant("A several", (0x00101001,), sheet.letters(person.family))
    sheet.dataset.SoftwareVersions = ["VB17", sheet.letters(f"{person.given} {person.family}")]
    sheet.plant("A several", (0x00181020,), sheet.letters(person.family))
    sheet.keep("A several", (0x00181020,), "VB17")


def plant_script(sheet: Sheet) -> None:
    """A name in the carrier's own script, in its name element and in a description."""
    name = as_text(sheet.original_name)
    groups = [group for group in name.split("=") if not group.isascii()]
    if not groups or not sheet.is_ascii:
        return
    part = max(groups[0].replace("^", " ").split(), key=len)
    if len(part) < 2:
        return
    sheet.dataset.OtherPatientNames = name
    sheet.plant("K script", (0x00101001,), part, only_here=True)
    sheet.dataset.ReasonForVisit = f"FLAIR {part} T2"
    sheet.plant("K script", (0x00321066,), part, only_here=True)
    sheet.keep("K script", (0x00321066,), "FLAIR", "T2")
