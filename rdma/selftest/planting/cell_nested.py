"""Cell C: what stands inside sequences, up to five deep, also those stored without their VR."""

import re

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence

from rdma.selftest.planting.cell_header import (
    MOST,
    NUMBERED,
    PLACED,
    is_cleaned,
    is_reached,
    put_into,
)
from rdma.selftest.planting.sheets import Sheet, Way, walk
from rdma.selftest.planting.synthetic import code, dataset_of
from rdma.selftest.planting.texts import written

# Sequences that hold codes: their meanings are texts that nobody looks at.
CODED = [0x00082218, 0x00081032, 0x00321064, 0x00400260, 0x00081084, 0x00180026, 0x00540220,
         0x00400321, 0x00082228]  # fmt: skip
MODIFIER = 0x00082220
PLAIN = [0x00400275, 0x00081140, 0x00082112, 0x00081111, 0x00189346, 0x00081250, 0x0018A001,
         0x00120083]  # fmt: skip
INSIDE = [0x0008103E, 0x00321060, 0x00400007, 0x00081030, 0x00081155, 0x00080050, 0x00080020,
          0x00081060, 0x00080080, 0x00400009, 0x00401001, 0x00204000, 0x00104000]  # fmt: skip
# Codes and their schemes: a name there is for another cell.
FIXED = frozenset([0x00080100, 0x00080102, 0x00080103])


def plant_coded(sheet: Sheet) -> None:
    """Write identifiers into code meanings, one to five sequences deep."""
    outer = sheet.draw.choice(CODED)
    depth = sheet.draw.randrange(1, 6)
    item = code("T-A0100", "SRT", "Brain")
    sheet.dataset[outer] = DataElement(outer, "SQ", Sequence([item]))
    way: Way = (outer, 0)
    for _ in range(depth - 1):
        inner = code("G-A100", "SRT", "Right")
        item[MODIFIER] = DataElement(MODIFIER, "SQ", Sequence([inner]))
        item, way = inner, (*way, MODIFIER, 0)
    text = written(sheet.person, sheet.draw, 64)
    item.CodeMeaning = sheet.letters(text.text)
    sheet.plant("C codes", (*way, 0x00080104), *map(sheet.letters, text.needles))
    if is_cleaned(outer):
        sheet.keep("C codes", (*way, 0x00080104), *text.kept)
        sheet.keep("C codes", (*way, 0x00080100), item.CodeValue)


def plant_labels(sheet: Sheet) -> None:
    """Write into texts that the carrier has in its own sequences: labels, titles, meanings."""
    texts = [
        (way, dataset, element)
        for way, dataset, element in walk(sheet.dataset)
        if len(way) > 1 and element.VR in MOST and not element.tag.is_private
        and not re.search(f"{NUMBERED}|{PLACED}", element.keyword) and int(element.tag) not in FIXED
    ]  # fmt: skip
    for way, dataset, element in sheet.draw.sample(texts, min(5, len(texts))):
        text = written(sheet.person, sheet.draw, MOST[element.VR])
        dataset[element.tag].value = sheet.letters(text.text)
        sheet.plant("C labels", way, *map(sheet.letters, text.needles))
        if is_reached(way) and is_cleaned(way[-1]) and all(is_cleaned(one) for one in way[:-1:2]):
            sheet.keep("C labels", way, *text.kept)


def plant_nested(sheet: Sheet) -> None:
    """Plant several elements into an item two or three sequences deep."""
    ways = sheet.draw.sample(PLAIN, sheet.draw.randrange(1, 4))
    inner = dataset_of()
    way: Way = ()
    for tag in ways:
        way = (*way, tag, 0)
    for tag in sheet.draw.sample(INSIDE, 4):
        put_into(sheet, inner, tag, (*way, tag), "C nested", keeps=False)
    for tag in reversed(ways[1:]):
        around = Dataset()
        around[tag] = DataElement(tag, "SQ", Sequence([inner]))
        inner = around
    sheet.dataset[ways[0]] = DataElement(ways[0], "SQ", Sequence([inner]))
    if sheet.draw.random() < 0.5:
        sheet.dataset[ways[0]].is_undefined_length = True


def plant_original(sheet: Sheet) -> None:
    """What a correction left behind: the former values of the patient's attributes."""
    person = sheet.person
    former = dataset_of(
        PatientName=sheet.letters(person.dicom_name), PatientID=person.mrn,
        AccessionNumber=person.accession,
    )  # fmt: skip
    item = dataset_of(
        SourceOfPreviousValues=sheet.letters(person.hospital),
        AttributeModificationDateTime=f"{person.examined:%Y%m%d}120000",
        ModifyingSystem="PACS",
        ReasonForTheAttributeModification="CORRECT",
        ModifiedAttributesSequence=Sequence([former]),
    )
    sheet.dataset.OriginalAttributesSequence = Sequence([item])
    way = (0x04000561, 0, 0x04000550, 0)
    sheet.plant("C nested", (*way, 0x00100010), sheet.letters(person.family))
    sheet.plant("C nested", (*way, 0x00100020), person.mrn)


def encoded_without_vr(items: list[Dataset]) -> bytes:
    """Return items in implicit VR little endian, as they stand in an element of VR UN."""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    element = DataElement(0x00081140, "SQ", Sequence(items))
    write_sequence(buffer, element, ["iso8859"])
    return buffer.getvalue()


def plant_unknown(sheet: Sheet) -> None:
    """A public sequence that somebody's archive stored with VR UN."""
    person = sheet.person
    uid = f"{person.root}.78.{sheet.draw.randrange(10**10)}"
    item = dataset_of(
        ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.4",
        ReferencedSOPInstanceUID=uid,
        ReferringPhysicianName=person.referrer[0].translate({0xE6: "ae", 0xF8: "o", 0xE5: "a"}),
        PatientID=person.mrn,
    )
    sheet.dataset[0x00081120] = DataElement(0x00081120, "UN", encoded_without_vr([item]))
    sheet.plant("C UN", (0x00081120,), uid, person.mrn, person.referrer[0])
