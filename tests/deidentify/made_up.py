"""Made-up data sets: what Hypothesis draws, and how it is written to bytes.

The bytes are written here and by nobody else's code, so that a test knows what stands where
without asking the engine or pydicom.
"""

import struct
from dataclasses import dataclass
from functools import cache

from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary

from deidentify.elements import lookup

NAME, NUMBER = b"Kvamsdal^Ingeborg", b"HN4482913"
LONG_VRS = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])
TEXTS = ("LO", "SH", "ST", "LT", "UT", "UC")
OF_SEVERAL = frozenset(
    ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UI", "UC"]
)
PLAIN_WORDS = ("axial", "T1", "MPRAGE", "knee", "mm", "contrast", "left", "FLAIR", "3D", "oblique")
PLANTS = ("Kvamsdal", "Ingeborg Kvamsdal", "HN4482913", "KVAMSDAL, INGEBORG")
WIDTHS = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "AT": 4, "SV": 8, "UV": 8}
BINARY = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
# What every instance has, what would be refused, and what is not a matter of one element alone.
APART = frozenset(
    {
        0x00080005, 0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00100010, 0x00100020,
        0x00420011, 0x0040A121, 0x0040A120, 0x00100030,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One element. `value` is as stored, or the items of a sequence.

    Args:
        creator: of a private element.
        is_undefined: a sequence without lengths of its own.
        as_unknown: a sequence stored as UN, implicit VR inside.
    """

    tag: int
    vr: str
    value: bytes | tuple[tuple["Made", ...], ...]
    creator: str | None = None
    is_undefined: bool = False
    as_unknown: bool = False


def encoded(elements: tuple[Made, ...], *, explicit: bool) -> bytes:
    return b"".join(_element(element, explicit) for element in elements)


def _element(made: Made, explicit: bool) -> bytes:
    value, vr, undefined = made.value, made.vr, False
    if isinstance(value, tuple):
        inside = explicit and not made.as_unknown
        value = b"".join(_item(item, made.is_undefined, inside) for item in value)
        undefined = made.is_undefined
        if undefined:
            value += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
        vr = "UN" if made.as_unknown else "SQ"
    length = 0xFFFFFFFF if undefined else len(value)
    group, number = made.tag >> 16, made.tag & 0xFFFF
    if not explicit:
        return struct.pack("<HHL", group, number, length) + value
    if vr in LONG_VRS:
        return struct.pack("<HH2sHL", group, number, vr.encode(), 0, length) + value
    return struct.pack("<HH2sH", group, number, vr.encode(), length) + value


def _item(elements: tuple[Made, ...], undefined: bool, explicit: bool) -> bytes:
    content = encoded(elements, explicit=explicit)
    if undefined:
        end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
        return struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF) + content + end
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def filed(elements: tuple[Made, ...], *, explicit: bool) -> bytes:
    """Return a whole file."""
    syntax = b"1.2.840.10008.1.2.1\0" if explicit else b"1.2.840.10008.1.2\0"
    meta = (
        Made(0x00020002, "UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
        Made(0x00020003, "UI", b"1.2.3.4.1\0"),
        Made(0x00020010, "UI", syntax),
    )
    group = encoded(meta, explicit=True)
    start = encoded((Made(0x00020000, "UL", struct.pack("<L", len(group))),), explicit=True)
    return bytes(128) + b"DICM" + start + group + encoded(elements, explicit=explicit)


# -- what is drawn -------------------------------------------------------------------------------


@cache
def tags_of(vr: str) -> tuple[int, ...]:
    """The public elements of one VR."""
    return tuple(
        tag
        for tag, entry in sorted(DicomDictionary.items())
        if entry[0] == vr
        and tag not in APART
        and tag >> 16 not in (0, 2, 4, 0x7FE0, 0xFFFC, 0xFFFA, 0xFFFE)
        and tag & 0xFFFF
        and (found := lookup(tag)) is not None
        and found[0] == vr
    )


words = st.lists(st.sampled_from(PLAIN_WORDS), min_size=1, max_size=5).map(" ".join)
planted = st.tuples(words, st.sampled_from(PLANTS), words).map(" ".join)
texts = st.one_of(words, words, planted).map(str.encode)
dates = st.dates().map(lambda day: b"%04d%02d%02d" % (day.year, day.month, day.day))
uids = st.lists(st.integers(0, 10**6), min_size=3, max_size=6).map(
    lambda parts: b"1.2." + b".".join(b"%d" % part for part in parts)
)
SINGLE = {
    **dict.fromkeys(TEXTS, texts),
    "PN": st.sampled_from([NAME, b"Sorli^Torunn", b"Haug^Per^^Dr"]),
    "CS": st.sampled_from([b"AXIAL", b"HEAD", b"YES", b"M", b"ORIGINAL"]),
    "AE": st.sampled_from([b"SCANNER1", b"MRROOM"]),
    "DA": dates,
    "DT": dates.map(lambda day: day + b"101500.250000"),
    "TM": st.sampled_from([b"101500", b"2359", b"081530.123456"]),
    "AS": st.integers(0, 130).map(lambda years: b"%03dY" % years),
    "IS": st.integers(-999, 9999).map(lambda number: b"%d" % number),
    "DS": st.floats(-999, 999, width=16).map(lambda number: b"%.4f" % number),
    "UI": uids,
    "UR": st.just(b"https://invented.example/x"),
}


@st.composite
def values(draw, vr):
    """A value as stored: even, empty, of several, or of an odd length that nobody may write."""
    if vr in WIDTHS:
        width = WIDTHS[vr]
        return bytes(draw(st.lists(st.integers(0, 31), min_size=0, max_size=6))) * width
    if vr in BINARY:
        return bytes(draw(st.lists(st.integers(0, 31), max_size=40))) * 2
    if draw(st.integers(0, 9)) == 0:
        return b""
    count = draw(st.sampled_from([1, 1, 1, 2, 3])) if vr in OF_SEVERAL else 1
    value = b"\\".join(draw(SINGLE[vr]) for _ in range(count))
    if vr in ("LO", "UT", "LT") and draw(st.integers(0, 15)) == 0:
        value = b" ".join([value] * 120)[:20_000]
    if len(value) & 1 and draw(st.integers(0, 7)):
        value += b"\0" if vr == "UI" else b" "
    return value


VRS = (*SINGLE, *WIDTHS, *sorted(BINARY - {"UN"}))


@st.composite
def public(draw, depth):
    """A public element; a sequence as long as depth allows."""
    if depth and draw(st.integers(0, 3)) == 0:
        items = draw(st.lists(data_sets(depth=depth - 1), max_size=2))
        return Made(
            draw(st.sampled_from(tags_of("SQ"))),
            "SQ",
            tuple(items),
            is_undefined=draw(st.booleans()),
        )
    vr = draw(st.sampled_from([vr for vr in VRS if tags_of(vr)]))
    return Made(draw(st.sampled_from(tags_of(vr))), vr, draw(values(vr)))


@st.composite
def data_sets(draw, depth=0, size=6):
    """Public elements in order, none twice."""
    found = draw(st.lists(public(depth), max_size=size))
    return tuple(sorted({made.tag: made for made in found}.values(), key=lambda made: made.tag))


PRIVATE = (
    (0x0019, "SIEMENS MR HEADER", 0x0C, "IS"), (0x0019, "SIEMENS MR HEADER", 0x7F, "LO"),
    (0x0051, "SIEMENS MR HEADER", 0x0F, "LO"), (0x0019, "SOMEBODY ELSE", 0x0C, "LO"),
    (0x0019, "SOMEBODY ELSE", 0x02, "UI"), (0x0029, "SIEMENS CSA HEADER", 0x08, "CS"),
    (0x2001, "Philips Imaging DD 001", 0x03, "FL"), (0x0051, "AN UNKNOWN ONE", 0x0F, "OB"),
    (0x0043, "GEMS_PARM_01", 0x39, "IS"), (0x0043, "SOMEBODY ELSE", 0x39, "PN"),
)  # fmt: skip


@st.composite
def private(draw):
    """Private elements of several creators, each in a block of its own, creators first."""
    chosen = draw(st.lists(st.sampled_from(PRIVATE), max_size=6, unique=True))
    blocks: dict[tuple[int, str], int] = {}
    made: dict[int, Made] = {}
    for group, creator, last, vr in chosen:
        if (group, creator) not in blocks:
            taken = {block for (other, _), block in blocks.items() if other == group}
            free = st.integers(0x10, 0xFF).filter(lambda block, taken=taken: block not in taken)
            blocks[group, creator] = draw(free)
            tag = group << 16 | blocks[group, creator]
            made[tag] = Made(tag, "LO", creator.encode() + b" " * (len(creator) & 1))
        tag = group << 16 | blocks[group, creator] << 8 | last
        made[tag] = Made(tag, vr, draw(values(vr)), creator=creator)
    return tuple(made.values())


@st.composite
def instances(draw):
    """The data set of a whole instance, and whether its VRs are written out."""
    explicit = draw(st.booleans())
    charset = draw(st.sampled_from([b"", b"ISO_IR 100", b"ISO_IR 192", b"ISO 2022 IR 6"]))
    fixed = (
        Made(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
        Made(0x00080018, "UI", b"1.2.3.4.1\0"),
        Made(0x00100010, "PN", NAME + b" "),
        Made(0x00100020, "LO", NUMBER + b" "),
        Made(0x0020000D, "UI", b"1.2.3.4.2\0"),
        Made(0x0020000E, "UI", b"1.2.3.4.3\0"),
    )
    more = [Made(0x00080005, "CS", charset + b" " * (len(charset) & 1))] if charset else []
    if draw(st.booleans()):
        more.append(Made(0x00080000, "UL", struct.pack("<L", draw(st.integers(0, 999)))))
    if draw(st.booleans()):
        more.append(Made(0x7FE00010, "OW", bytes(draw(st.integers(0, 99))) * 2))
    if draw(st.booleans()):
        more.append(Made(0xFFFCFFFC, "OB", bytes(draw(st.integers(0, 50)) * 2)))
    found = [*fixed, *more, *draw(data_sets(depth=3, size=14))]
    if explicit:
        found += draw(private())
        items = draw(st.lists(data_sets(depth=1), min_size=1, max_size=2))
        if draw(st.booleans()):
            found.append(Made(0x00081140, "SQ", tuple(items), as_unknown=True))
    every = {made.tag: made for made in found}
    return tuple(every[tag] for tag in sorted(every)), explicit
