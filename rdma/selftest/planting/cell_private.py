"""Cell D: private elements. Those that hold physics stay, with what people wrote into them gone."""

import re

from pydicom.dataelem import DataElement

from rdma.selftest.planting import csa
from rdma.selftest.planting.identities import LONG
from rdma.selftest.planting.sheets import Sheet
from rdma.selftest.planting.texts import written

# group, creator, last byte, VR, value that stays
PHYSICS: list[tuple[int, str, int, str, object]] = [
    (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "1000"),
    (0x0019, "SIEMENS MR HEADER", 0x0E, "FD", [0.5, 0.25, 0.125]),
    (0x0043, "GEMS_PARM_01", 0x39, "IS", ["1000", "8", "0", "0"]),
    (0x0019, "GEMS_ACQU_01", 0xBB, "DS", "0.7071"),
    (0x2001, "Philips Imaging DD 001", 0x03, "FL", 1500.0),
    (0x2005, "Philips MR Imaging DD 001", 0x0E, "FL", 2.75),
    (0x7053, "Philips PET Private Group", 0x00, "DS", "0.000821"),
    (0x0021, "SIEMENS MR SDI 02", 0x06, "LO", "BW 1500"),
]
# private texts that readers of images need
TEXTS: list[tuple[int, str, int, str]] = [
    (0x0051, "SIEMENS MR HEADER", 0x0C, "LO"),
    (0x0051, "SIEMENS MR HEADER", 0x0F, "LO"),
    (0x0043, "GEMS_PARM_01", 0x2F, "LO"),
    (0x0019, "GEMS_ACQU_01", 0x9C, "LO"),
    (0x2001, "Philips Imaging DD 001", 0x20, "LO"),
    (0x2005, "Philips MR Imaging DD 004", 0x30, "LO"),
]
UNSAFE = [
    (0x0009, "FJORD PACS 1.0", 0x01, "PN"),
    (0x0011, "ACME RIS 2", 0x10, "LO"),
    (0x0033, "SPI-P Release 1", 0x19, "LT"),
    (0x0019, "SIEMENS MR HEADER", 0xF0, "LO"),
]
NUMBERS_OF_CSA = frozenset(
    ["MosaicRefAcqTimes", "B_value", "SliceNormalVector", "BandwidthPerPixelPhaseEncode"]
)


def _element(sheet: Sheet, group: int, creator: str, last: int) -> int:
    """Return the tag of a private element, in a block of its own unless the creator has one."""
    dataset = sheet.dataset
    for number in range(0x10, 0x100):
        present = dataset.get(group << 16 | number)
        if present is not None and present.value == creator:
            return group << 16 | number << 8 | last
    first = sheet.draw.choice([0x10, 0x11, 0x42, 0xE1])
    for number in range(first, 0x100):
        tag = group << 16 | number
        if tag not in dataset:
            dataset[tag] = DataElement(tag, "LO", creator)
            return group << 16 | number << 8 | last
    raise AssertionError("no free block")


def plant_private(sheet: Sheet) -> None:
    """Physics that stays, a text beside it that is cleaned, and elements that nobody knows."""
    implicit = sheet.dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2"
    for group, creator, last, vr, value in sheet.draw.sample(PHYSICS, 3):
        tag = _element(sheet, group, creator, last)
        if tag not in sheet.dataset:
            sheet.dataset[tag] = DataElement(tag, vr, value)
            if not implicit:
                shown = value if isinstance(value, list) else [value]
                sheet.keep("D physics", (tag,), "\\".join(map(str, shown)))
    for group, creator, last, vr in sheet.draw.sample(TEXTS, 2):
        tag = _element(sheet, group, creator, last)
        text = written(sheet.person, sheet.draw, 64)
        sheet.dataset[tag] = DataElement(tag, vr, sheet.letters(text.text))
        sheet.plant("D text", (tag,), *map(sheet.letters, text.needles))
        if not implicit:
            sheet.keep("D text", (tag,), *text.kept)
    for group, creator, last, vr in sheet.draw.sample(UNSAFE, 2):
        tag = _element(sheet, group, creator, last)
        family, given = sheet.person.family, sheet.person.given
        value = f"{family}^{given}" if vr == "PN" else f"{given} {family} {sheet.person.mrn}"
        sheet.dataset[tag] = DataElement(tag, vr, sheet.letters(value))
        sheet.plant("D unknown", (tag,), sheet.letters(family))


def plant_csa(sheet: Sheet) -> None:
    """Write identifiers into Siemens' headers, once in place and once by building them anew."""
    for element in list(sheet.dataset):
        if element.tag.group == 0x0029 and element.tag.element in (0x1010, 0x1020):
            value = bytes(element.value)
            if value[:4] == b"SV10":
                _keep_numbers(sheet, value, int(element.tag))
                in_place = sheet.draw.random() < 0.5
                plant = _in_place if in_place else _rebuilt
                element.value = plant(sheet, value, int(element.tag))


def _keep_numbers(sheet: Sheet, blob: bytes, tag: int) -> None:
    """Note what converters read from a header: slice times, b-values, directions."""
    for one in csa.opened(blob):
        if one.name in NUMBERS_OF_CSA:
            for item in filter(None, one.items):
                sheet.keep("D physics", (tag,), item.rstrip(b"\0 ").decode("latin-1"))


def _in_place(sheet: Sheet, blob: bytes, tag: int) -> bytes:
    """Overwrite a text of the protocol with a name of the same length."""
    name = f"{sheet.person.given} {sheet.person.family}".translate(LONG).encode()
    match = re.search(rb'tBaselineString[\t =]+"+([^"]+)"', blob)
    if match is None or len(match[1]) < len(name):
        return blob
    sheet.plant("D CSA", (tag,), sheet.person.family.translate(LONG))
    return blob[: match.start(1)] + name.ljust(len(match[1])) + blob[match.end(1) :]


def _rebuilt(sheet: Sheet, blob: bytes, tag: int) -> bytes:
    """Put lines into the protocol and texts into tags, and close the header again."""
    person = sheet.person
    uid = f"{person.root}.79.{sheet.draw.randrange(10**9)}"
    tags = csa.opened(blob)
    whole = f"{person.family}^{person.given}".encode("latin-1")
    lines = (
        b'tPatientName\t = \t""' + whole + b'""\n'
        b'sProtConsistencyInfo.tStudyUID\t = \t""' + uid.encode() + b'""\n'
        b'tFreeTextComment\t = \t""T2 TSE ' + person.mrn.encode() + b'""\n'
    )
    for one in tags:
        if one.name == "MrPhoenixProtocol" and one.items:
            one.items[0] = one.items[0].replace(b"### ASCCONV END", lines + b"### ASCCONV END")
            sheet.plant("D CSA", (tag,), person.family, uid, person.mrn)
        if one.name in ("PatientName", "SequenceFileOwner") and one.items:
            one.items[0] = whole + b"\0"
            sheet.plant("D CSA", (tag,), person.family)
    return csa.closed(tags, blob)


def plant_private_uid(sheet: Sheet) -> None:
    """A UID in a text, in a private element, and among several."""
    person = sheet.person
    uids = [f"{person.root}.80.{sheet.draw.randrange(10**9, 10**11)}" for _ in range(3)]
    sheet.dataset.ImageComments = f"see {uids[0]} for comparison"
    sheet.plant("E UIDs", (0x00204000,), uids[0])
    sheet.keep("E UIDs", (0x00204000,), "see", "comparison")
    sheet.keep("E UIDs", (0x00204000,), "2.25.", instead_of=uids[0])
    sheet.dataset[0x00080058] = DataElement(0x00080058, "UI", uids[1:])
    sheet.plant("E UIDs", (0x00080058,), *uids[1:])
    tag = _element(sheet, 0x2001, "Philips Imaging DD 001", 0x20)
    sheet.dataset[tag] = DataElement(tag, "LO", f"ref {uids[0]}")
    sheet.plant("E UIDs", (tag,), uids[0])
