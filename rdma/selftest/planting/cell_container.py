"""Cells J and K: what surrounds the data set, and character sets that are missing or wrong."""

from pydicom.dataelem import DataElement
from pydicom.uid import UID

from rdma.selftest.planting.identities import LONG
from rdma.selftest.planting.sheets import Sheet

TRAILED = 0.1  # such files are turned away at the door, and prove little behind it
COMMENT, COMMENT_2000 = b"\xff\xfe", b"\xff\x64"
LATIN = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100"
CHARSETS = {
    "missing": b"",
    "wrong": b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 192",
    "misspelt": b"\x08\x00\x05\x00CS\x0a\x00ISO-IR 100",
    "escapes": b"\x08\x00\x05\x00CS\x10\x00\\ISO 2022 IR 100",
}


def plant_container(sheet: Sheet) -> None:
    """Preamble, application entities, private meta information, padding and what follows."""
    person, draw = sheet.person, sheet.draw
    name = f"{person.family} {person.given}".encode("latin-1")
    sheet.preamble = name.ljust(128, b"\0")
    sheet.plant("J container", (1,), person.family)
    meta = sheet.dataset.file_meta
    title = person.family.translate(LONG).upper()[:16]
    for keyword in ("SourceApplicationEntityTitle", "SendingApplicationEntityTitle"):
        setattr(meta, keyword, title)
        sheet.plant("J container", (2,), title)
    meta.ImplementationVersionName = title
    if draw.random() < 0.5:
        meta.PrivateInformationCreatorUID = UID(f"{person.root}.82.1")
        meta.PrivateInformation = name
        sheet.plant("J container", (3,), person.family, f"{person.root}.82.1")
    deflated = meta.get("TransferSyntaxUID") == "1.2.840.10008.1.2.1.99"
    if draw.random() < 0.5 and "PixelData" in sheet.dataset:
        tag = 0xFFFCFFFC
        sheet.dataset[tag] = DataElement(tag, "OB", name + bytes(len(name) % 2))
        sheet.plant("J container", (tag,), person.family)
    elif draw.random() < TRAILED and "PixelData" in sheet.dataset and not deflated:
        sheet.trailer = b"\0\0" + name + person.fnr.encode() + bytes(20)
        sheet.plant("J container", (4,), person.family, person.fnr)
    sheet.name = f"{sheet.name[:4]}{person.family}_{person.fnr}/{sheet.name[4:]}"
    sheet.plant("J container", (5,), person.family, person.fnr)


def plant_comment(sheet: Sheet) -> None:
    """Write a comment segment into the first compressed frame, as some encoders do."""
    syntax = sheet.dataset.file_meta.TransferSyntaxUID
    if not syntax.startswith("1.2.840.10008.1.2.4.") or sheet.draw.random() < 0.5:
        return
    pixels = sheet.dataset.get("PixelData", b"")
    name = f"{sheet.person.given} {sheet.person.family}".encode("latin-1")
    name += b" " * (len(name) % 2)
    if syntax.startswith("1.2.840.10008.1.2.4.9"):
        start = pixels.find(b"\xff\x4f\xff\x51")
        place = pixels.find(b"\xff\x52", start)  # the coding style, which follows the size
        segment = COMMENT_2000 + (len(name) + 4).to_bytes(2, "big") + b"\0\1" + name
    else:
        start = pixels.find(b"\xff\xd8\xff")
        place = start + 2
        segment = COMMENT + (len(name) + 2).to_bytes(2, "big") + name
    if start < 8:
        return
    length = int.from_bytes(pixels[start - 4 : start], "little") + len(segment)
    sheet.dataset.PixelData = (
        pixels[: start - 4] + length.to_bytes(4, "little") + pixels[start:place]
        + segment + pixels[place:]
    )  # fmt: skip
    sheet.keeps = [keep for keep in sheet.keeps if keep.cell != "pixels"]
    sheet.plant("J comments", (0x7FE00010,), sheet.person.family)


def spoil_charset(sheet: Sheet) -> None:
    """Declare another character set than the bytes are in, in a third of the files."""
    kind = sheet.draw.choice([*CHARSETS, "", "", "", "", "", ""])
    raw = sheet.path.read_bytes()
    if kind and raw.count(LATIN) == 1:
        sheet.path.write_bytes(raw.replace(LATIN, CHARSETS[kind]))
        sheet.charset = kind
