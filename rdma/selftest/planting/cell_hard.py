"""What trips up a rewriting: lost VRs, character sets of items, whole letters, packed protocols."""

import re
import zlib

from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from rdma.selftest.planting.identities import LONG, WORDS, birth_forms, spellings
from rdma.selftest.planting.sheets import PACKED, Sheet
from rdma.selftest.planting.synthetic import code, dataset_of
from rdma.selftest.planting.texts import CLINICAL, written

ASCCONV_END = b"### ASCCONV END"


def plant_letter(sheet: Sheet) -> None:
    """A letter of several lines, everything of the patient in it, clinical words between."""
    person, draw = sheet.person, sheet.draw
    first, second, third, fourth = draw.sample(CLINICAL, 4)
    name, _ = spellings(person.given, person.family)[draw.randrange(4)]
    family, given = person.referrer
    born = draw.choice(birth_forms(person.born))
    text = (
        f"Pasient: {name}\r\nFødt: {born}\r\nAdresse: {person.street}, {person.city}\r\n"
        f"Undersøkelse: {first}, {second}\r\nFunn: {third} hos {person.given}.\r\n"
        f"Svar til {given} {family}, tlf {person.phone}, {person.mail}\r\n{fourth}"
    )
    sheet.dataset[0x40080300] = DataElement(0x40080300, "ST", sheet.letters(text))
    way = (0x40080300,)
    needles = [family, born, person.street, person.phone, person.mail]
    needles += [] if person.family in WORDS else [person.family, person.given]
    sheet.plant("B letter", way, *map(sheet.letters, needles))
    for words in (first, second, third, fourth):
        sheet.keep("B letter", way, *words.split())


def plant_lost_vr(sheet: Sheet) -> None:
    """Public texts and names stored with VR UN."""
    person = sheet.person
    text = written(person, sheet.draw, 64)
    bare = sheet.letters(text.text).encode("latin-1", "replace")
    sheet.dataset[0x00400280] = DataElement(0x00400280, "UN", bare + b" " * (len(bare) % 2))
    sheet.plant("C UN texts", (0x00400280,), *map(sheet.letters, text.needles))
    sheet.keep("C UN texts", (0x00400280,), *text.kept)
    name = "^".join(person.operator).translate(LONG).encode()
    sheet.dataset[0x00401010] = DataElement(0x00401010, "UN", name + b" " * (len(name) % 2))
    sheet.plant("C UN texts", (0x00401010,), person.operator[0].translate(LONG))


def plant_item_charset(sheet: Sheet) -> None:
    """An item in UTF-8 inside a data set that is not."""
    person = sheet.person
    text = written(person, sheet.draw, 64)
    item = dataset_of(
        SpecificCharacterSet="ISO_IR 192",
        RequestedProcedureDescription=text.text,
        PatientName=f"{person.family}^{person.given}",
    )
    sheet.dataset[0x00400100] = DataElement(0x00400100, "SQ", Sequence([item]))
    way = (0x00400100, 0, 0x00321060)
    sheet.plant("K items", way, *text.needles)
    sheet.plant("K items", (0x00400100, 0, 0x00100010), person.family)


def plant_codes(sheet: Sheet) -> None:
    """An identifier as a code's value, a name as an application's title."""
    person = sheet.person
    item = code(person.mrn, "99LOCAL", f"Funn {person.given} {person.family}"[:64])
    item.CodeMeaning = sheet.letters(item.CodeMeaning)
    sheet.dataset[0x00082229] = DataElement(0x00082229, "SQ", Sequence([item]))
    sheet.plant("B codes", (0x00082229, 0, 0x00080100), person.mrn)
    sheet.plant("B codes", (0x00082229, 0, 0x00080104), sheet.letters(person.family))
    if person.family not in WORDS:
        title = person.family.translate(LONG).upper()[:16]
        sheet.dataset[0x00080054] = DataElement(0x00080054, "AE", title)
        sheet.plant("B codes", (0x00080054,), title)


def plant_person_code(sheet: Sheet) -> None:
    """A nurse who is named by a code alone, and mentioned in a text."""
    family, given = sheet.person.nurse
    who = dataset_of(
        PersonIdentificationCodeSequence=Sequence(
            [code("4711", "99LOCAL", sheet.letters(f"{given} {family}"))]
        ),
        InstitutionName=sheet.letters(sheet.person.hospital),
    )
    sheet.dataset[0x00081072] = DataElement(0x00081072, "SQ", Sequence([who]))
    way = (0x00081072, 0, 0x00401101, 0, 0x00080104)
    sheet.plant("C people", way, sheet.letters(family))
    word = sheet.draw.choice(CLINICAL)
    sheet.dataset.StudyComments = sheet.letters(f"{word} {given} {family}")
    sheet.plant("C people", (0x00324000,), sheet.letters(family))
    sheet.keep("C people", (0x00324000,), *word.split())


def plant_ge_protocol(sheet: Sheet) -> None:
    """GE's packed protocol: opened, a line put in, and packed again."""
    for tag in (0x0025101B,):
        element = sheet.dataset.get(tag)
        if element is None or not isinstance(element.value, bytes):
            continue
        opened = zlib.decompressobj(31).decompress(element.value[4:])
        person = sheet.person
        line = f'set PATNAME "{person.family} {person.given}"\nset EXAMID "{person.accession}"\n'
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = packer.compress(opened + line.encode("latin-1")) + packer.flush()
        element.value = len(packed).to_bytes(4, "little") + packed + b"\0" * (len(packed) % 2)
        sheet.packed = (tag, (person.family, person.given, person.accession))
        sheet.plant(PACKED, (tag,), *sheet.packed[1])


def plant_xa_protocol(sheet: Sheet) -> None:
    """Siemens' protocol as XA keeps it, a text in a private sequence or element."""
    person = sheet.person
    line = f'tPatientName\t = \t""{person.family}^{person.given}""\n'.translate(LONG).encode()
    for item in sheet.dataset.get("SharedFunctionalGroupsSequence") or []:
        for holder in item:
            if holder.VR != "SQ" or not holder.tag.is_private:
                continue
            for element in (one for inner in holder.value for one in inner):
                value = element.value
                if isinstance(value, bytes) and re.search(ASCCONV_END, value):
                    element.value = value.replace(ASCCONV_END, line + ASCCONV_END)
                    way = (int(holder.tag), 0, int(element.tag))
                    sheet.plant("D CSA", (0x52009229, 0, *way), person.family.translate(LONG))
